"""What the services of a store's taxes are given, and what their readers get. Rates in hundred-thousandths."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from shop.core.errors import Invalid

CLASSES = ("standard", "reduced", "zero")
"""The classes that every store has from the beginning."""

ROUNDINGS = ("line", "order")
MOST = 100_000


@dataclass(frozen=True, slots=True)
class TaxSettings:
    """How a store's prices stand to tax, and where its goods are taxed until a destination is known."""

    prices_include_tax: bool = True
    rounding: str = "line"
    country: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class RateData:
    """A rate to be kept. ``region`` "": the whole country."""

    tax_class: str
    country: str
    region: str
    name: str
    rate: int
    applies_to_delivery: bool = True


@dataclass(frozen=True, slots=True)
class RateView(RateData):
    """A rate that is kept."""

    public_id: str = ""


@dataclass(frozen=True, slots=True)
class ClassView:
    """A class with how many products name it. ``name`` "": one of ``CLASSES``, which pages name."""

    code: str
    name: str
    products: int


def parse_rate(text: str) -> int:
    """``"8.875"`` or ``"20 %"`` as hundred-thousandths. Raises ``Invalid("tax-rate")``."""
    cleaned = text.strip().replace("％", "%").removesuffix("%").strip()
    try:
        value = Decimal(cleaned.replace(",", ".")) * 1000
    except InvalidOperation:
        raise Invalid("tax-rate", field="rate", text=text[:40]) from None
    if (
        "_" in cleaned
        or len(cleaned) > 12
        or not value.is_finite()
        or value != value.to_integral_value()
        or not 0 <= value <= MOST
    ):
        raise Invalid("tax-rate", field="rate", text=text[:40])
    return int(value)
