"""Reading single cells: prices, weights, quantities, yes and no, as people and spreadsheets write them.

Pure. Each raises ``ValueError`` for what it cannot read; the caller knows the row.
"""

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from shop.core import money
from shop.core.errors import Invalid

_GRAMS = {
    "g": Decimal(1),
    "kg": Decimal(1000),
    "lb": Decimal("453.59237"),
    "oz": Decimal("28.349523125"),
}
_UNITS = {
    "gram": "g",
    "grams": "g",
    "kgs": "kg",
    "lbs": "lb",
    "ounce": "oz",
    "ounces": "oz",
    "克": "g",
    "千克": "kg",
    "公斤": "kg",
}
_TRUE = frozenset({"true", "yes", "y", "1", "t", "是"})
_FALSE = frozenset({"false", "no", "n", "0", "f", "否"})
_NOISE = re.compile(r"[^\d.,\-+]")
_NUMBER = re.compile(r"([-+]?[\d.,]+(?:[eE][-+]?\d+)?)\s*(\S*)")
_LEADING_QUOTE = re.compile(r"^'+(?=\S)")
# An apostrophe before a sign is guarded too, so that every text comes back unchanged.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
MAX_QUANTITY = 10_000_000


def text(cell: str) -> str:
    """A cell without what spreadsheets and web pages leave around it."""
    return cell.replace("\0", "").strip(" \t\r\n\u00a0\u200b\ufeff\u3000")


def code(cell: str) -> str:
    """A SKU or barcode: without the apostrophe that tells a spreadsheet "this is text"."""
    return text(_LEADING_QUOTE.sub("", text(cell)))


def guarded(cell: str) -> str:
    """A cell that a spreadsheet will not run as a formula; ``unguarded`` reads it back."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    """A cell as it was before ``guarded``."""
    bare = cell.replace("\0", "")
    return bare[1:] if bare.startswith("'") and _FORMULA.match(bare[1:]) else bare


def price(cell: str, currency: str) -> int:
    """An amount in minor units: ``$21.00``, ``29,99``, ``1.299,00``, ``R$ 1 299.00``, ``CHF 5``.

    A comma or point with three figures after it parts thousands when it is a comma or stands more
    than once; else it is the decimal sign. Raises ``ValueError``, also for more places than the
    currency has.
    """
    bare = _NOISE.sub("", cell.replace("\u2212", "-"))
    sign = "-" if bare.startswith("-") else ""
    figures = bare.strip("+-.,")
    if not figures or not any(ch.isdigit() for ch in figures) or "-" in figures or "+" in figures:
        raise ValueError(cell)
    comma, point = figures.rfind(","), figures.rfind(".")
    if comma >= 0 and point >= 0:
        decimal = "," if comma > point else "."
    elif comma >= 0:
        alone = figures.count(",") == 1
        decimal = "," if alone and len(figures) - comma - 1 != 3 else ""
    elif point >= 0:
        decimal = "." if figures.count(".") == 1 else ""
    else:
        decimal = ""
    whole, _, places = figures.rpartition(decimal) if decimal else (figures, "", "")
    plain = f"{sign}{re.sub(r'[.,]', '', whole)}.{places or '0'}"
    try:
        return money.parse(plain, currency)
    except Invalid as error:
        raise ValueError(cell) from error


def grams(cell: str, unit: str = "g") -> int:
    """A weight in whole grams; a unit in the cell itself wins over ``unit``. Half a gram rounds up."""
    match = _NUMBER.fullmatch(text(cell))
    if match is None:
        raise ValueError(cell)
    factor = _GRAMS.get(weight_unit(match.group(2) or unit))
    if factor is None:
        raise ValueError(cell)
    amount = (_decimal(match.group(1)) * factor).quantize(Decimal(1), ROUND_HALF_UP)
    if not 0 <= amount <= 10_000_000:
        raise ValueError(cell)
    return int(amount)


def weight_unit(cell: str) -> str:
    """``g``, ``kg``, ``lb`` or ``oz``; anything else as it is."""
    name = text(cell).lower()
    return _UNITS.get(name, name)


def is_weight_unit(cell: str) -> bool:
    """Whether a cell names a weight unit."""
    return weight_unit(cell) in _GRAMS


def quantity(cell: str) -> int:
    """A whole number of units, perhaps below zero: ``12``, ``12.0``, ``1,200``."""
    amount = _decimal(text(cell))
    if amount != amount.to_integral_value() or abs(amount) > MAX_QUANTITY:
        raise ValueError(cell)
    return int(amount)


def flag(cell: str) -> bool:
    """Yes or no."""
    word = text(cell).lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError(cell)


def _decimal(figures: str) -> Decimal:
    plain = figures.strip()
    if re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?", plain):
        plain = plain.replace(",", "")
    try:
        found = Decimal(plain.replace(",", "."))
    except InvalidOperation:
        raise ValueError(figures) from None
    if not found.is_finite() or abs(found.adjusted()) > 20:
        raise ValueError(figures)
    return found
