"""What of an order may go back, and until when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from shop.core import clock
from shop.core.errors import NotFound
from shop.core.lookups import Lookup, Rows, askable
from shop.order import codes, return_terms
from shop.order.models import Order, OrderLine
from shop.order.return_models import Replacement, ReturnLine, ReturnRequest
from shop.order.return_states import ACTIVE, Outcome, ReturnState
from shop.store.models import Store

ASKED_AT_MOST = 2
"""A line that was refused so often is settled: a refusal may be asked about once more."""


@dataclass(frozen=True, slots=True)
class Returnable:
    """``until`` when a return may be asked for (None: the order was not received yet), and of each line
    (by id) the ``units`` that may go back."""

    until: datetime | None
    units: Mapping[int, int]


@askable
def of_order(order_id: int) -> Lookup[Returnable]:
    """Goods that were shipped and services that nobody has begun to use, neither returned nor under return,
    and not refused twice. Goods that were paid back and did not have to come back do not go back either.

    Raises ``NotFound`` when it is read.
    """
    return Lookup(
        _read,
        select(Order.received_at, Store.settings)
        .join(Store, Store.id == Order.store_id)
        .where(Order.id == order_id),
        _left(order_id),
        *codes.begun.later(order_id).selects,
    )


@askable
def under_return(order_id: int, but: str = "") -> Lookup[dict[int, int]]:
    """Line of an order → units that an open return is about, other than the return ``but`` (public id)."""
    return Lookup(
        lambda rows: {line_id: int(units) for line_id, units in rows},
        select(ReturnLine.line_id, func.sum(ReturnLine.quantity).label("units"))
        .join(ReturnRequest, ReturnRequest.id == ReturnLine.return_id)
        .where(
            ReturnRequest.order_id == order_id,
            ReturnRequest.state.in_(ACTIVE),
            ReturnRequest.public_id != but,
        )
        .group_by(ReturnLine.line_id),
    )


def _read(orders: Rows, lines: Rows, begun: Rows) -> Returnable:
    if not orders:
        raise NotFound("order-missing")
    until = return_terms.read(orders[0].settings or {}).open_until(orders[0].received_at)
    if until is not None and clock.now() >= until:
        return Returnable(until, {})
    used = dict(begun)
    free = {row.id: int(row.units) - used.get(row.id, 0) for row in lines}
    return Returnable(until, {line_id: units for line_id, units in free.items() if units > 0})


def _left(order_id: int) -> Select[int, int]:
    active = (
        select(func.coalesce(func.sum(ReturnLine.quantity), 0))
        .join(ReturnRequest, ReturnRequest.id == ReturnLine.return_id)
        .where(
            ReturnLine.line_id == OrderLine.id,
            or_(ReturnRequest.state.in_(ACTIVE), _paid_without_goods()),
        )
        .correlate(OrderLine)
        .scalar_subquery()
    )
    settled = (
        select(ReturnLine.line_id)
        .join(ReturnRequest, ReturnRequest.id == ReturnLine.return_id)
        .where(ReturnRequest.order_id == order_id, ReturnRequest.state == ReturnState.REFUSED)
        .group_by(ReturnLine.line_id)
        .having(func.count() >= ASKED_AT_MOST)
    )
    return (
        select(OrderLine.id, (OrderLine.shipped - OrderLine.returned - active).label("units"))
        .where(OrderLine.id.not_in(settled))
        .where(OrderLine.order_id == order_id, OrderLine.kind.in_(["physical", "service"]))
        .order_by(OrderLine.id)
    )


def _paid_without_goods() -> ColumnElement[bool]:
    """Goods that stay where they are, though they were paid back; services and replacements count as returned
    by then."""
    return and_(
        ReturnRequest.state == ReturnState.REFUNDED,
        ReturnRequest.outcome == Outcome.MONEY,
        OrderLine.kind == "physical",
        ~exists().where(Replacement.line_id == OrderLine.id),
    )
