"""The tax in a refund: of each charged tax the share of the units that go back, cut from running totals.

Whatever the steps, and when one of them failed, all shares together are exactly what was charged.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import case, func, select

from shop.campaigns.engine.refund import refund_share
from shop.core.db import db
from shop.core.lookups import Lookup, Rows, askable
from shop.order.models import Order
from shop.order.tax_models import OrderTax
from shop.payment.models import Refund
from shop.payment.states import ACTIVE_REFUNDS
from shop.payment.tax_models import RefundTax


@dataclass(frozen=True, slots=True)
class TaxPart:
    """What goes back of one charged tax."""

    order_tax_id: int
    net_minor: int
    tax_minor: int


@dataclass(frozen=True, slots=True)
class Charged:
    """The taxes of an order with what was given back of each; ``added``: they came on top of prices."""

    added: bool
    rows: dict[int | None, list[Any]] = field(default_factory=dict)
    given: dict[int, tuple[int, int]] = field(default_factory=dict)

    def of_line(self, line: Any, units: int) -> list[TaxPart]:
        """The shares of ``units`` units in all, less what was given back of them."""
        return [
            self._part(
                row,
                refund_share(0, line.quantity, row.net_minor, 0, units),
                refund_share(0, line.quantity, row.tax_minor, 0, units),
            )
            for row in self.rows.get(line.id, ())
        ]

    def on_top(self, line: Any, units: int) -> int:
        """The added tax of ``units`` units in all; 0 where prices hold it."""
        if not self.added:
            return 0
        return sum(
            refund_share(0, line.quantity, row.tax_minor, 0, units)
            for row in self.rows.get(line.id, ())
        )

    def left(self, *, delivery_only: bool = False) -> list[TaxPart]:
        """All that was not given back, of the delivery or of everything."""
        return [
            self._part(row, row.net_minor, row.tax_minor)
            for line_id, rows in self.rows.items()
            for row in rows
            if line_id is None or not delivery_only
        ]

    def delivery_on_top(self) -> int:
        """The added tax of the delivery; 0 where prices hold it."""
        return sum(row.tax_minor for row in self.rows.get(None, ())) if self.added else 0

    def _part(self, row: Any, net: int, tax: int) -> TaxPart:
        net_given, tax_given = self.given.get(row.id, (0, 0))
        return TaxPart(row.id, max(0, net - net_given), max(0, tax - tax_given))


@askable
def charged(order_id: int) -> Lookup[Charged]:
    """The taxes of an order, and what of each goes back already."""
    return Lookup(
        _charged,
        select(Order.prices_include_tax).where(Order.id == order_id),
        select(OrderTax.id, OrderTax.line_id, OrderTax.net_minor, OrderTax.tax_minor)
        .where(OrderTax.order_id == order_id)
        .order_by(OrderTax.id),
        select(
            RefundTax.order_tax_id,
            func.sum(RefundTax.net_minor).label("net"),
            func.sum(RefundTax.tax_minor).label("tax"),
        )
        .join(Refund, Refund.id == RefundTax.refund_id)
        .where(Refund.order_id == order_id, Refund.state.in_(ACTIVE_REFUNDS))
        .group_by(RefundTax.order_tax_id),
    )


def _charged(orders: Rows, taxes: Rows, refunded: Rows) -> Charged:
    found = Charged(not orders[0].prices_include_tax)
    for row in taxes:
        found.rows.setdefault(row.line_id, []).append(row)
    found.given.update({tax_id: (int(net), int(tax)) for tax_id, net, tax in refunded})
    return found


def write(refund_id: int, parts: Iterable[TaxPart]) -> None:
    """Keep what tax is in a refund."""
    db.session.add_all(
        RefundTax(
            refund_id=refund_id,
            order_tax_id=part.order_tax_id,
            net_minor=part.net_minor,
            tax_minor=part.tax_minor,
        )
        for part in parts
        if part.net_minor or part.tax_minor
    )


def differences() -> list[str]:
    """For ``flask doctor``: more tax given back than was charged, or more than its refund, with ids."""
    active = case((Refund.state.in_(ACTIVE_REFUNDS), RefundTax.tax_minor), else_=0)
    given = func.sum(active)
    rows = db.session.execute(
        select(OrderTax.id, OrderTax.order_id, OrderTax.tax_minor, given)
        .join(RefundTax, RefundTax.order_tax_id == OrderTax.id)
        .join(Refund, Refund.id == RefundTax.refund_id)
        .group_by(OrderTax.id, OrderTax.order_id, OrderTax.tax_minor)
        .having(given > OrderTax.tax_minor)
    ).all()
    wrong = [
        f"order_tax {tid} of order {oid}: {kept} charged, refunds give back {real}"
        for tid, oid, kept, real in rows
    ]
    within = func.sum(RefundTax.tax_minor)
    rows = db.session.execute(
        select(Refund.id, Refund.refund_no, Refund.amount_minor, within)
        .join(RefundTax, RefundTax.refund_id == Refund.id)
        .group_by(Refund.id, Refund.refund_no, Refund.amount_minor)
        .having(within > Refund.amount_minor)
    ).all()
    return wrong + [
        f"refund {rid} ({number}): of {amount}, yet {tax} of it is tax"
        for rid, number, amount, tax in rows
    ]
