"""What of a price is tax, or comes on top of it: plain values in, exact shares out.

Rates are hundred-thousandths (13 % is 13,000; New York City's 8.875 % is 8,875). Several rates that hold
for one thing add up and are told apart. Whatever the rounding, the shares of a line sum to its tax, all
lines and the delivery to the order's, and with included tax ``net + tax`` is what was charged. The order in
which things are given does not matter.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from shop.core.money import split
from shop.core.percent import percent

WHOLE = 100_000
"""The rate of 100 %."""

DELIVERY = None
"""Stands for the delivery where a line's key stands."""

STANDARD = "standard"
"""The class of goods that name no other, and of the delivery."""


@dataclass(frozen=True, slots=True, order=True)
class Rate:
    """A tax of a place: the country's, or a region's of it (``region`` "": all of the country)."""

    name: str
    rate: int
    country: str = ""
    region: str = ""

    @property
    def label(self) -> str:
        """What bills call it: "VAT 20%"."""
        return f"{self.name} {percent(self.rate)}"


@dataclass(frozen=True, slots=True)
class TaxRule:
    """How a store's goods are taxed at one destination.

    ``included``: prices hold their tax. ``rounding``: "line" (each line by itself) or "order" (once, the
    remainder to the largest fractions). ``rates`` go by the class of the goods, ``delivery`` are those
    that hold for the parcel. ``active``: the store has rates at all, here or elsewhere. ``estimated_for``: country
    and region of the store's home, while the shopper's destination is not known ("" where it has none).
    ``fetched``: the rules for goods that are fetched, by the region of the place.
    """

    included: bool = True
    rounding: str = "line"
    rates: Mapping[str, tuple[Rate, ...]] = field(default_factory=dict)
    delivery: tuple[Rate, ...] = ()
    active: bool = False
    estimated_for: tuple[str, str] | None = None
    fetched: Mapping[str, "TaxRule"] = field(default_factory=dict)

    def of(self, tax_class: str) -> tuple[Rate, ...]:
        """The rates for goods of a class; one that the store does not know is the standard one."""
        found = self.rates.get(tax_class)
        return found if found is not None else self.rates.get(STANDARD, ())


@dataclass(frozen=True, slots=True)
class Taxable:
    """What is taxed: ``amount_minor`` is what is charged for it after all offers."""

    key: int | None
    amount_minor: int
    rates: tuple[Rate, ...]


@dataclass(frozen=True, slots=True)
class TaxShare:
    """One rate on one thing, or summed over several: ``net_minor`` is what it was reckoned on."""

    rate: Rate
    net_minor: int
    tax_minor: int

    @property
    def label(self) -> str:
        """What bills call it."""
        return self.rate.label


Shares = dict[int | None, tuple[TaxShare, ...]]


def shares(things: Sequence[Taxable], *, included: bool, rounding: str) -> Shares:
    """The tax of each thing by its key, rate by rate. Keys are unique; the delivery's is ``DELIVERY``."""
    ordered = sorted(things, key=lambda one: (one.key is None, one.key or 0))
    reckon = _included if included else _added
    return reckon(ordered, whole_order=rounding == "order")


def total(found: Iterable[TaxShare]) -> int:
    """What shares come to."""
    return sum(share.tax_minor for share in found)


def by_rate(found: Iterable[TaxShare]) -> tuple[TaxShare, ...]:
    """Shares summed per rate, for a bill: sorted by the rate's name."""
    sums: dict[Rate, tuple[int, int]] = {}
    for share in found:
        net, tax = sums.get(share.rate, (0, 0))
        sums[share.rate] = (net + share.net_minor, tax + share.tax_minor)
    return tuple(TaxShare(rate, *sums[rate]) for rate in sorted(sums))


def _added(things: Sequence[Taxable], *, whole_order: bool) -> Shares:
    """On top of the price: each rate is a tax of its own on the amount."""
    taxes: dict[tuple[int | None, Rate], int] = {}
    for rate in {rate for one in things for rate in one.rates}:
        under = [one for one in things if rate in one.rates]
        amounts = [one.amount_minor for one in under]
        cut = _cut(amounts, rate.rate, WHOLE, whole_order=whole_order)
        taxes.update({(one.key, rate): tax for one, tax in zip(under, cut, strict=True)})
    return {
        one.key: tuple(TaxShare(rate, one.amount_minor, taxes[one.key, rate]) for rate in one.rates)
        for one in things
    }


def _included(things: Sequence[Taxable], *, whole_order: bool) -> Shares:
    """Out of the price: all rates of a thing are taken out together, then told apart. (One by one, the
    roundings of several rates could take more out of a cent than there is in it.)"""
    found: Shares = {}
    for rates in dict.fromkeys(one.rates for one in things):
        under = [one for one in things if one.rates == rates]
        together = sum(rate.rate for rate in rates)
        amounts = [one.amount_minor for one in under]
        cut = _cut(amounts, together, WHOLE + together, whole_order=whole_order)
        for one, tax in zip(under, cut, strict=True):
            parts = split(tax, [rate.rate for rate in rates]) if rates else []
            net = one.amount_minor - tax
            found[one.key] = tuple(
                TaxShare(rate, net, part) for rate, part in zip(rates, parts, strict=True)
            )
    return found


def _cut(amounts: Sequence[int], share: int, of: int, *, whole_order: bool) -> list[int]:
    """``share / of`` of each amount, half a minor unit rounded up: of each by itself, or of their sum."""
    if not whole_order:
        return [_rounded(amount * share, of) for amount in amounts]
    return split(_rounded(sum(amounts) * share, of), amounts) if amounts else []


def _rounded(number: int, of: int) -> int:
    return (2 * number + of) // (2 * of)
