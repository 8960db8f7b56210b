"""Money: integer minor units beside an ISO 4217 currency. Rounding and splitting lose nothing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from shop.core.errors import Invalid

# Currencies whose minor unit is not a hundredth (ISO 4217, table A.1).
_EXPONENTS = {
    "JPY": 0,
    "KRW": 0,
    "VND": 0,
    "CLP": 0,
    "ISK": 0,
    "KWD": 3,
    "BHD": 3,
    "OMR": 3,
    "TND": 3,
}

_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")

MAX_MINOR = 10**12
"""No single amount may reach this: far above any sale, far below what 64 bits hold in sums."""


def exponent(currency: str) -> int:
    """How many decimal places ``currency`` has."""
    return _EXPONENTS.get(currency, 2)


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount in minor units of one currency. Adding two currencies raises ``ValueError``."""

    minor: int
    currency: str

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not mix")

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __mul__(self, quantity: int) -> "Money":
        return Money(self.minor * quantity, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __str__(self) -> str:
        return f"{to_decimal(self.minor, self.currency)} {self.currency}"


def to_decimal(minor: int, currency: str = "CNY") -> Decimal:
    """Minor units as a decimal with exactly the currency's places: 8880 → ``Decimal("88.80")``."""
    places = exponent(currency)
    return Decimal(minor).scaleb(-places).quantize(Decimal(1).scaleb(-places))


def to_text(minor: int, currency: str = "CNY") -> str:
    """Minor units as a plain figure for protocols and CSV: 8880 → ``"88.80"``."""
    return format(to_decimal(minor, currency), "f")


def parse(text: str, currency: str = "CNY") -> int:
    """Read a plain figure (``"88.8"``, ``"1,088.80"``) as minor units.

    Raises ``Invalid("money-unreadable")`` for anything but a finite number with no more places than
    the currency has, and ``Invalid("money-too-large")`` at ``MAX_MINOR`` and above.
    """
    cleaned = text.strip().replace("，", ",")
    if "," in cleaned:
        # Only as a mark of thousands: "88,80" is 88.80 to many, and must not become 8,880.
        if not _GROUPED.fullmatch(cleaned):
            raise Invalid("money-unreadable", text=text)
        cleaned = cleaned.replace(",", "")
    if "_" in cleaned:  # Decimal would read Python's own spelling of numbers
        raise Invalid("money-unreadable", text=text)
    try:
        value = Decimal(cleaned)
    except InvalidOperation:
        raise Invalid("money-unreadable", text=text) from None
    if not value.is_finite() or len(cleaned) > 24:
        raise Invalid("money-unreadable", text=text)
    if abs(value) >= MAX_MINOR:
        raise Invalid("money-too-large", text=text)
    scaled = value.scaleb(exponent(currency))
    if scaled != scaled.to_integral_value():
        raise Invalid("money-unreadable", text=text)
    if abs(scaled) >= MAX_MINOR:
        raise Invalid("money-too-large", text=text)
    return int(scaled)


def percentage(minor: int, basis_points: int) -> int:
    """``basis_points`` hundredths of a percent of an amount, half a minor unit rounded up."""
    exact = Decimal(minor) * basis_points / 10_000
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Share ``total`` in proportion to ``weights`` without losing a minor unit.

    Largest remainder: the sum of the shares is exactly ``total``; no share exceeds its proportion by
    a whole unit; equal remainders go to the earlier place, so the same input splits the same way.
    All weights zero: equal shares. Raises ``ValueError`` for no weights or a negative one.
    """
    if not weights:
        raise ValueError("nothing to split over")
    if any(weight < 0 for weight in weights):
        raise ValueError("a weight cannot be negative")
    if total < 0:
        return [-share for share in split(-total, weights)]
    if sum(weights) == 0:
        weights = [1] * len(weights)
    whole = sum(weights)
    shares = [total * weight // whole for weight in weights]
    remainders = [total * weight % whole for weight in weights]
    left = total - sum(shares)
    for index in sorted(range(len(weights)), key=lambda i: (-remainders[i], i))[:left]:
        shares[index] += 1
    return shares
