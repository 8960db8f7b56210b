"""What is printed on an invoice or a credit note: plain values that can be kept as JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class TaxShare:
    """The tax of one rate within a bill: what it is on and how much, in minor units. ``rate`` in
    hundred-thousandths."""

    rate: int
    name: str
    net_minor: int
    tax_minor: int


@dataclass(frozen=True, slots=True)
class Party:
    """Who sells or buys. ``lines``: the address, a line each."""

    name: str
    lines: tuple[str, ...] = ()
    tax_number: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class BillLine:
    """A line: ``discounts`` (label, minor units below 0) are in ``total_minor`` already."""

    title: str
    options: str
    sku: str
    quantity: int
    unit_minor: int
    total_minor: int
    discounts: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Bill:
    """Everything on the paper. A credit note names the invoice that it corrects, and why.

    ``total = Σ lines + delivery + Σ delivery discounts + other``; ``other_minor`` is what a refund
    gave back that belongs to no line. ``taxes`` are within the total unless ``tax_added``.
    """

    series: str
    label: str
    locale: str
    timezone: str
    currency: str
    issued_at: datetime
    seller: Party
    buyer: Party
    order_number: str
    placed_at: datetime
    method: str
    lines: tuple[BillLine, ...]
    delivery_minor: int
    total_minor: int
    delivery_discounts: tuple[tuple[str, int], ...] = ()
    other_minor: int = 0
    taxes: tuple[TaxShare, ...] = ()
    tax_added: bool = False
    corrects: str = ""
    footer: str = ""
    physical: bool = True

    def sum_minor(self) -> int:
        """What the parts come to: ``total_minor``, or the bill is wrong."""
        added = sum(share.tax_minor for share in self.taxes) if self.tax_added else 0
        return (
            sum(line.total_minor for line in self.lines)
            + self.delivery_minor
            + sum(minor for _, minor in self.delivery_discounts)
            + self.other_minor
            + added
        )

    def kept(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The snapshot, and apart from it the buyer."""
        values = asdict(self)
        values["issued_at"] = self.issued_at.isoformat()
        values["placed_at"] = self.placed_at.isoformat()
        buyer = values.pop("buyer")
        return values, buyer


def read(snapshot: Mapping[str, Any], buyer: Mapping[str, Any]) -> Bill:
    """A bill as it was issued; an erased buyer has no name."""
    values = dict(snapshot)
    values["issued_at"] = datetime.fromisoformat(values["issued_at"])
    values["placed_at"] = datetime.fromisoformat(values["placed_at"])
    values["seller"] = _party(values["seller"])
    values["buyer"] = _party(buyer)
    values["lines"] = tuple(
        BillLine(**{**line, "discounts": _pairs(line["discounts"])}) for line in values["lines"]
    )
    values["delivery_discounts"] = _pairs(values["delivery_discounts"])
    values["taxes"] = tuple(TaxShare(**share) for share in values["taxes"])
    return Bill(**values)


def _party(kept: Mapping[str, Any]) -> Party:
    return Party(**{"name": "", **kept, "lines": tuple(kept.get("lines", ()))})


def _pairs(kept: Any) -> tuple[tuple[str, int], ...]:
    return tuple((str(label), int(minor)) for label, minor in kept)
