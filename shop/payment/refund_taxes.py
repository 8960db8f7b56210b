"""The tax in a refund: of each charged tax the share of the units that go back, cut from running totals.

Whatever the steps, and when one of them failed, all shares together are exactly what was charged.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import case, func, select

from shop.campaigns.engine.refund import refund_share
from shop.core.db import db
from shop.order.models import Order, OrderLine
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
    rows: dict[int | None, list[OrderTax]] = field(default_factory=dict)
    given: dict[int, tuple[int, int]] = field(default_factory=dict)

    def of_line(self, line: OrderLine, units: int) -> list[TaxPart]:
        """The shares of ``units`` units in all, less what was given back of them."""
        return [
            self._part(
                row,
                refund_share(0, line.quantity, row.net_minor, 0, units),
                refund_share(0, line.quantity, row.tax_minor, 0, units),
            )
            for row in self.rows.get(line.id, ())
        ]

    def on_top(self, line: OrderLine, units: int) -> int:
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

    def _part(self, row: OrderTax, net: int, tax: int) -> TaxPart:
        net_given, tax_given = self.given.get(row.id, (0, 0))
        return TaxPart(row.id, max(0, net - net_given), max(0, tax - tax_given))


def charged(order: Order) -> Charged:
    """The taxes of an order. Two statements, one for an order without."""
    found = Charged(not order.prices_include_tax)
    for row in db.session.scalars(
        select(OrderTax).where(OrderTax.order_id == order.id).order_by(OrderTax.id)
    ):
        found.rows.setdefault(row.line_id, []).append(row)
    if found.rows:
        for tax_id, net, tax in db.session.execute(
            select(
                RefundTax.order_tax_id, func.sum(RefundTax.net_minor), func.sum(RefundTax.tax_minor)
            )
            .join(Refund, Refund.id == RefundTax.refund_id)
            .where(Refund.order_id == order.id, Refund.state.in_(ACTIVE_REFUNDS))
            .group_by(RefundTax.order_tax_id)
        ):
            found.given[tax_id] = (int(net), int(tax))
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
