"""The lists in WooCommerce's cells, and its numbered attributes."""

import re
from collections.abc import Sequence

from shop.catalog.imports.reader import Row
from shop.catalog.imports.values import text

_COMMA = re.compile(r"(?<!\\),")
_NUMBER = re.compile(r"attribute-(\d+)-name")


def parts(cell: str) -> list[str]:
    """The entries of a list parted by commas; a comma inside one is written ``\\,``."""
    split = (text(part.replace("\\,", ",")) for part in _COMMA.split(cell))
    return list(dict.fromkeys(part for part in split if part))


def attributes(row: Row) -> list[tuple[str, Sequence[str]]]:
    """The attributes that a row names, in the order of their numbers, with their values."""
    numbers = sorted(
        int(found.group(1)) for name in row.cells if (found := _NUMBER.fullmatch(name))
    )
    return [
        (
            row.cells[f"attribute-{number}-name"],
            parts(row.cells.get(f"attribute-{number}-values", "")),
        )
        for number in numbers
    ]
