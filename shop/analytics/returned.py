"""What came back: the figure of each product page, and the report of a store.

Both follow orders, not dates of returns: of the units sent for the orders of a period, so many came back
until now. That never exceeds what was sold, and an old return does not burden a new version of the goods;
goods of the last weeks may still come back.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from shop.analytics.periods import Period
from shop.analytics.sales import faces
from shop.catalog.models import Product
from shop.catalog.views import Figure
from shop.core.db import db
from shop.order.models import Order, OrderLine
from shop.order.return_models import ReturnLine, ReturnRequest
from shop.order.return_outcomes import NOTHING_CAME
from shop.order.return_states import ACTIVE, ReturnState
from shop.payment import ledger
from shop.payment.models import Refund, RefundLine

WINDOW = timedelta(days=365)
"""Product pages speak of orders since then."""
SAMPLE = 50
"""Of fewer units sent, a page says nothing: two returns of ten are chance."""
LEADS = 3
"""From so many units on, the reason of more than half of the returns is said."""

_NO_RETURN = (*ACTIVE, ReturnState.REFUSED, ReturnState.WITHDRAWN)
"""Every other state is one in which a return is over and was one."""

Reasons = dict[int, dict[str, int]]
"""Product → reason → units."""


def figures(since: datetime, sample: int = SAMPLE) -> dict[int, Figure]:
    """What to say of each product of which at least ``sample`` units were sent. Two statements."""
    back = _back(Order.placed_at >= since)
    return {
        product_id: _figure(sent, back.get(product_id, {}))
        for product_id, sent in _sent(Order.placed_at >= since).items()
        if sent >= sample
    }


def _figure(sent: int, reasons: dict[str, int]) -> Figure:
    units = sum(reasons.values())
    percent = min(100, (units * 200 + sent) // (sent * 2)) if units * 100 >= sent else 0
    return Figure(percent, leading(reasons) if units >= LEADS else "")


def leading(reasons: dict[str, int]) -> str:
    """The reason of more than half of the units; "" where there is none."""
    half = sum(reasons.values()) / 2
    return next((reason for reason, units in reasons.items() if units > half), "")


@dataclass(frozen=True, slots=True)
class ReturnedProduct:
    """A product of which units came back. ``reasons``: units by reason, most first; ``refunded_minor``:
    what their returns gave back for the goods, in minor units."""

    public_id: str
    title: str
    image_name: str | None
    sent: int
    reasons: dict[str, int]
    refunded_minor: int

    @property
    def back(self) -> int:
        """Units that came back."""
        return sum(self.reasons.values())

    @property
    def rate(self) -> float:
        """Percent of the units sent."""
        return self.back * 100 / self.sent if self.sent else 0.0


@dataclass(frozen=True, slots=True)
class ReturnReport:
    """The returns of a store's orders of some days. ``sent``: units of all its goods."""

    sent: int
    rows: list[ReturnedProduct]
    reasons: dict[str, int] = field(default_factory=dict)

    @property
    def back(self) -> int:
        """Units that came back."""
        return sum(self.reasons.values())

    @property
    def rate(self) -> float:
        """Percent of all units sent."""
        return self.back * 100 / self.sent if self.sent else 0.0

    @property
    def refunded_minor(self) -> int:
        """What was given back for them."""
        return sum(row.refunded_minor for row in self.rows)


def report(store_ids: Sequence[int], period: Period, locale: str) -> ReturnReport:
    """Every product of which something came back, most units first. Six statements at most."""
    ordered = (
        Order.store_id.in_(store_ids),
        Order.placed_at >= period.start_of(0),
        Order.placed_at < period.start_of(period.days),
    )
    sent, back = _sent(*ordered), _back(*ordered)
    if not back:
        return ReturnReport(sum(sent.values()), [])
    money = _refunded(*ordered)
    named = db.session.execute(select(Product.id, Product.public_id).where(Product.id.in_(back)))
    names = {row.id: row.public_id for row in named}
    about = faces(list(back), locale)
    rows = [
        ReturnedProduct(
            names[product_id],
            *about[product_id],
            sent.get(product_id, 0),
            _most_first(reasons),
            money.get(product_id, 0),
        )
        for product_id, reasons in sorted(back.items())
    ]
    total: dict[str, int] = defaultdict(int)
    for row in rows:
        for reason, units in row.reasons.items():
            total[reason] += units
    rows.sort(key=lambda row: -row.back)
    return ReturnReport(sum(sent.values()), rows, _most_first(total))


def _most_first(reasons: dict[str, int]) -> dict[str, int]:
    return dict(sorted(reasons.items(), key=lambda one: (-one[1], one[0])))


def _sent(*ordered: Any) -> dict[int, int]:
    """Product → units sent."""
    rows = db.session.execute(
        select(OrderLine.product_id, func.sum(OrderLine.shipped))
        .join(Order, Order.id == OrderLine.order_id)
        .where(*ordered, OrderLine.kind == "physical", OrderLine.shipped > 0)
        .group_by(OrderLine.product_id)
    )
    return {product_id: int(units) for product_id, units in rows}


def _back(*ordered: Any) -> Reasons:
    found: Reasons = defaultdict(dict)
    rows = db.session.execute(
        select(OrderLine.product_id, ReturnLine.reason, func.sum(ReturnLine.quantity))
        .join(OrderLine, OrderLine.id == ReturnLine.line_id)
        .join(Order, Order.id == OrderLine.order_id)
        .join(ReturnRequest, ReturnRequest.id == ReturnLine.return_id)
        .where(
            *ordered,
            ReturnRequest.state.not_in(_NO_RETURN),
            ReturnLine.reason != NOTHING_CAME,  # what never arrived does not come back
        )
        .group_by(OrderLine.product_id, ReturnLine.reason)
        .order_by(OrderLine.product_id, ReturnLine.reason)
    )
    for product_id, reason, units in rows:
        found[product_id][reason] = int(units)
    return found


def _refunded(*ordered: Any) -> dict[int, int]:
    """Product → what refunds of returns gave back for it."""
    rows = db.session.execute(
        select(OrderLine.product_id, func.sum(RefundLine.amount_minor))
        .join(RefundLine, RefundLine.line_id == OrderLine.id)
        .join(Refund, Refund.id == RefundLine.refund_id)
        .join(ReturnRequest, ReturnRequest.refund_id == Refund.id)
        .join(Order, Order.id == OrderLine.order_id)
        .where(*ordered, Refund.state.in_(ledger.RETURNED))
        .group_by(OrderLine.product_id)
    )
    return {product_id: int(amount) for product_id, amount in rows}


def sorted_by(rows: Collection[ReturnedProduct], key: str) -> list[ReturnedProduct]:
    """Rows by one of ``SORTS``; what is alike stays in the order it came in."""
    return sorted(rows, key=SORTS[key])


SORTS: dict[str, Any] = {
    "back": lambda row: -row.back,
    "rate": lambda row: -row.rate,
    "refunded": lambda row: -row.refunded_minor,
    "sent": lambda row: -row.sent,
    "title": lambda row: row.title.casefold(),
}
