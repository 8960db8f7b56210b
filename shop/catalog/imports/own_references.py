"""How the shop's own file names goods that stand in other rows or are there already. Pure.

A cell holds a line for each. A part of a bundle is ``2 x CUP-1``: units, and the SKU of the part. Where the
SKU says too little (none, or several variants have it) the part goes by the handle of its product and its
values, ``1 x handle:["cup", "Small"]``; one that is archived by its own id, ``1 x xp:…``. A product that is
shown with another goes by its handle; a person may write its web address.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from shop.catalog.data import Spec

BY_HANDLE = "handle:"
BY_ID = "xp:"
_COLON = re.compile(r"(?<!\\)(?:\\\\)*(:)")
_ESCAPE = re.compile(r"\\(.)")
_PART = re.compile(r"\s*(\d{1,4})\s?[xX×]\s?(.*)", re.DOTALL)


def escaped(text: str) -> str:
    """A text on one line; ``plain`` reads it back."""
    return text.replace("\\", "\\\\").replace("\r", "\\r").replace("\n", "\\n")


def plain(text: str) -> str:
    """A text as it was before ``escaped``."""
    signs = {"n": "\n", "r": "\r"}
    return _ESCAPE.sub(lambda found: signs.get(found.group(1), found.group(1)), text)


def lines(cell: str) -> list[str]:
    """The lines of a cell that say something. Not splitlines, which knows line ends that stand within a
    text."""
    return [line.removesuffix("\r") for line in cell.split("\n") if line.strip()]


def spec(line: str) -> Spec:
    """``Height: 8 cm``, as ``exports.own.detail`` writes it."""
    colon = _COLON.search(line)
    if colon is None:
        return Spec(plain(line), "")
    return Spec(plain(line[: colon.start(1)]), plain(line[colon.end(1) :].removeprefix(" ")))


def part(units: int, reference: str) -> str:
    """A part of a bundle on its line."""
    return f"{units} x {escaped(reference)}"


def read_part(line: str) -> tuple[int, str]:
    """Units and reference of a part; a line without a number is one unit."""
    found = _PART.fullmatch(line)
    return (int(found[1]), plain(found[2])) if found else (1, plain(line))


def by_values(handle: str, values: Sequence[str]) -> str:
    """The reference of a variant whose SKU does not name it."""
    return BY_HANDLE + json.dumps([handle, *values], ensure_ascii=False)


def is_plain(sku: str) -> bool:
    """Whether a SKU cannot be taken for another kind of reference."""
    return bool(sku.strip()) and not sku.startswith((BY_HANDLE, BY_ID))


def read_values(reference: str) -> tuple[str, tuple[str, ...]] | None:
    """Handle and values of a reference of ``by_values``; None for one that is none."""
    if not reference.startswith(BY_HANDLE):
        return None
    try:
        found = json.loads(reference.removeprefix(BY_HANDLE))
    except ValueError:
        return None
    if not isinstance(found, list) or not found or not all(isinstance(one, str) for one in found):
        return None
    return found[0], tuple(found[1:])


def named(cells: Mapping[str, str]) -> Iterator[str]:
    """SKUs and handles that a row of the file refers to, as ``key`` writes them."""
    for line in lines(cells.get("Related", "")):
        yield key(plain(line))
    for line in lines(cells.get("Parts", "")):
        reference = read_part(line)[1]
        values = read_values(reference)
        yield key(values[0] if values else reference)


def key(reference: str) -> str:
    """A reference as it is looked for in the file."""
    return reference.strip()
