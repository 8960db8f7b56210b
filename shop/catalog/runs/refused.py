"""The refused rows of a file as they came, with why: to be mended and brought in again."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping

from shop.catalog.imports.reader import ProductFile
from shop.catalog.imports.values import guarded, unguarded


def rows(source: ProductFile, told: Mapping[int, str], heading: str) -> Iterator[list[str]]:
    """The headings and the rows of the products at the places of ``told``, each with its sentence at the
    end, under ``heading``."""
    why: dict[int, str] = {}
    for place, item in enumerate(source.groups()):
        if place in told:
            why.update((row.number, told[place]) for row in item.rows)
    width = 0
    for number, cells in source.raw():
        if not width:
            width = len(cells)
            yield [*(cell.replace("\ufeff", "") for cell in cells), heading]
        elif number in why:
            # What is too many stands before the sentence, so that nothing is lost.
            yield [*cells, *[""] * (width - len(cells)), why[number]]


def as_csv(rows: Iterable[list[str]]) -> Iterator[str]:
    """Rows as the pieces of a CSV file that a spreadsheet reads and runs nothing of."""
    yield "\ufeff"
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    for row in rows:
        writer.writerow([guarded(unguarded(cell)) for cell in row])
        yield target.getvalue()
        target.seek(0)
        target.truncate()
