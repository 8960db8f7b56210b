"""Streaming a product CSV: first a pass that looks it over, then one that gives product after product.

Neither holds the file. Rows of one product normally stand together; of a product whose rows come back
later, the rows alone are kept until its last one was read.
"""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from shop.catalog.imports import encoding, headers, own_references, woo_rows
from shop.catalog.imports.problems import FileRefused
from shop.catalog.imports.values import text, unguarded
from shop.catalog.slugs import slugify

MAX_ROWS = 5000
_MAX_SCATTERED = 100_000
_MAX_PASSES = 4
_MAX_CELL = 8 * 1024 * 1024
_DELIMITERS = (",", ";", "\t")


@dataclass(frozen=True, slots=True)
class Row:
    """A record of the file. ``number`` counts as a spreadsheet does; ``cells``: field → text."""

    number: int
    width: int
    extra: bool
    cells: dict[str, str]


@dataclass(slots=True)
class Group:
    """The rows of one product, in the order of the file. ``overflow``: there were more than kept.

    ``expected``: keys of goods that the file refers to and has in it. ``again``: the product is given once
    more, after the end of the file; ``was`` is what became of it before, ``last`` that this is the end.
    """

    handle: str
    rows: list[Row] = field(default_factory=list)
    overflow: bool = False
    read: int = 0
    expected: frozenset[int] = frozenset()
    again: bool = False
    was: str = ""
    last: bool = False

    def add(self, row: Row) -> None:
        """Take a row, up to ``MAX_ROWS``."""
        self.read += 1
        if len(self.rows) < MAX_ROWS:
            self.rows.append(row)
        else:
            self.overflow = True


class ProductFile:
    """A product CSV, looked over and ready to be read; ``wanted`` names its format (``headers.FORMATS``).

    ``rows`` and ``products`` are counted by the first pass, which ``glance`` leaves out: it only says
    whether the headings are such. ``most`` rows are read. Raises ``FileRefused``.
    """

    def __init__(
        self,
        path: Path,
        wanted: str | None = None,
        *,
        glance: bool = False,
        most: int | None = None,
    ) -> None:
        self.path = path
        self._most = most
        self._wanted = wanted
        self._parents: dict[str, str] = {}
        try:
            self.encoding = encoding.detect(path)
            self.delimiter = self._delimiter()
        except OSError as error:
            raise FileRefused("file-unreadable", why=error.strerror or str(error)) from error
        self.headings = headers.Headings({}, {}, 0)
        self.rows = 0
        self.products = 0
        self._segments: dict[int, int] = {}
        self._expected: frozenset[int] = frozenset()
        self._later: dict[int, str] = {}
        if glance:
            next(self._records(), None)
            return
        self._find_parents()
        self._look_over()

    def groups(self) -> Iterator[Group]:
        """The products of the file. Rows that name none come as a group with an empty handle."""
        yield from self._pass()

    def again(self) -> Iterator[Group]:
        """What ``later`` asked for, after the end, read from the file anew as long as that helps."""
        before, number = None, 0
        while self._later:
            asked, self._later = self._later, {}
            number += 1
            yield from self._pass(asked, last=len(asked) == before or number == _MAX_PASSES)
            before = len(asked)

    def later(self, group: Group, was: str = "") -> None:
        """Give a product again: it refers to goods further down. ``was``: what became of it till now."""
        self.later_by_handle(group.handle, was or group.was)

    def later_by_handle(self, handle: str, was: str) -> None:
        """The same, for whoever goes on where another process ended."""
        self._later[hash(handle)] = was

    def _pass(self, asked: dict[int, str] | None = None, *, last: bool = False) -> Iterator[Group]:
        left = dict(self._segments)
        kept: dict[str, Group] = {}
        current: Group | None = None
        for row in self._records():
            handle = self._handle_of(row)
            if asked is not None and hash(handle) not in asked:
                continue
            if current is None or not handle or handle != current.handle:
                if current is not None:
                    yield from self._close(current, kept, left)
                current = kept.pop(handle, None) or Group(handle, expected=self._expected)
                if asked is not None:
                    current.again, current.last = True, last
                    current.was = asked[hash(handle)]
            current.add(row)
        if current is not None:
            yield from self._close(current, kept, left)
        yield from kept.values()

    def raw(self) -> Iterator[tuple[int, list[str]]]:
        """The records as they stand, with their number; the first is the headings."""
        limit = csv.field_size_limit(_MAX_CELL)
        try:
            with self._open() as file:
                for number, cells in enumerate(
                    csv.reader(_lines(file), delimiter=self.delimiter), start=1
                ):
                    if any(text(cell) for cell in cells):
                        yield number, cells
        finally:
            csv.field_size_limit(limit)

    def _close(self, group: Group, kept: dict[str, Group], left: dict[int, int]) -> Iterator[Group]:
        key = hash(group.handle)
        if group.handle and left.get(key, 1) > 1:
            left[key] -= 1
            kept[group.handle] = group
        else:
            yield group

    def _handle_of(self, row: Row) -> str:
        if self.headings.format == "woocommerce":
            return woo_rows.handle_of(row.cells, self._parents)
        if self.headings.format == "own":
            return row.cells.get("Handle", "")
        return handle_of(row)

    def _find_parents(self) -> None:
        """WooCommerce's variations may name their parent by its number: learn the parents' handles."""
        for row in self._records():
            if self.headings.format != "woocommerce" or "id" not in self.headings.places:
                return
            woo_rows.learn(row.cells, self._parents)

    def _look_over(self) -> None:
        """Count, and find the products whose rows do not stand together."""
        seen: set[int] = set()
        again: Counter[int] = Counter()
        named: set[int] = set()
        previous: str | None = None
        for row in self._records():
            self.rows += 1
            if self._most is not None and self.rows > self._most:
                raise FileRefused("file-rows", limit=self._most)
            if self.headings.format == "own":
                named.update(map(hash, own_references.named(row.cells)))
            handle = self._handle_of(row)
            if handle and handle != previous:
                key = hash(handle)  # 64 bits instead of the text: a clash only keeps rows longer
                if key in seen:
                    again[key] += 1
                    if again.total() > _MAX_SCATTERED:
                        raise FileRefused("file-unsorted")
                seen.add(key)
            previous = handle
        self.products = len(seen)
        self._segments = {key: number + 1 for key, number in again.items()}
        if named:
            self._expected = frozenset(
                key
                for row in self._records()
                for cell in (row.cells.get("SKU", ""), row.cells.get("Handle", ""))
                if (key := hash(own_references.key(cell))) in named
            )

    def _delimiter(self) -> str:
        """The sign between cells: European spreadsheets write semicolons."""
        with self._open() as file:
            first = next(
                (line for line in iter(lambda: file.readline(1 << 20), "") if text(line)), ""
            )
        return max(_DELIMITERS, key=first.count)

    def _open(self) -> TextIO:
        return self.path.open(encoding=self.encoding.name, errors="replace", newline="")

    def _records(self) -> Iterator[Row]:
        limit = csv.field_size_limit(_MAX_CELL)
        number = 0
        try:
            with self._open() as file:
                reader = csv.reader(_lines(file), delimiter=self.delimiter)
                headings = None
                for cells in reader:
                    number += 1
                    if not any(text(cell) for cell in cells):
                        continue
                    if headings is None:
                        headings = headers.read(cells, self._wanted)
                        self.headings = headings
                        continue
                    yield _row(number, cells, headings)
                if headings is None:
                    raise FileRefused("file-empty")
        except csv.Error:
            raise FileRefused(
                "file-quotes", row=number + 1, limit_mb=_MAX_CELL // 1024 // 1024
            ) from None
        finally:
            csv.field_size_limit(limit)


def _lines(file: TextIO) -> Iterator[str]:
    """The lines of a file, none so long that its cells would fill the memory. Raises ``csv.Error``."""
    while line := file.readline(_MAX_CELL + 1):
        if len(line) > _MAX_CELL:
            raise csv.Error
        yield line


def handle_of(row: Row) -> str:
    """What the rows of one product share: the handle, else what the title makes of it."""
    handle = row.cells.get("handle", "").lower()
    if handle:
        return handle
    title = row.cells.get("title", "")
    return slugify(title, 200) or title.lower()


def _row(number: int, cells: list[str], headings: headers.Headings) -> Row:
    # Our own file is read to the letter: what was written must come back as it was.
    bare = unguarded if headings.format == "own" else lambda cell: text(unguarded(cell))
    found = {
        name: bare(cells[place]) for name, place in headings.places.items() if place < len(cells)
    }
    width = len(cells)
    extra = any(text(cell) for cell in cells[headings.width :])
    return Row(number, width, extra, {name: value for name, value in found.items() if value})
