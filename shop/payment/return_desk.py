"""Returns as the merchant's desk works through them: with their buyers and what became of the money."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from shop.core.contact import email_key
from shop.core.db import db
from shop.core.lookups import Lookup, askable
from shop.order import return_queries
from shop.order.models import Order, OrderContact
from shop.order.return_models import ReturnRequest
from shop.order.return_queries import ReturnView
from shop.order.return_states import Outcome, ReturnState
from shop.payment import return_refunds
from shop.payment.models import Refund
from shop.payment.states import RefundState

WAITING = ("requested", "in_transit", "failed")
"""Views in which somebody waits for the shop."""
DONE = (
    ReturnState.REFUNDED,
    ReturnState.EXCHANGED,
    ReturnState.REPAIRED,
    ReturnState.REFUSED,
    ReturnState.WITHDRAWN,
)


@dataclass(frozen=True, slots=True)
class DeskReturn:
    """One return. ``stuck``: its refund did not arrive, and no later one of the order makes up for it."""

    id: int
    order_id: int
    locale: str
    customer: str
    method: str
    stuck: bool
    seen: ReturnView


@dataclass(frozen=True, slots=True)
class DeskPage:
    """A page of returns; ``next_cursor`` is where the next begins."""

    rows: list[DeskReturn]
    next_cursor: int | None


@dataclass(frozen=True, slots=True)
class Worth:
    """What a return gives back now, in minor units: the goods, and what is left of the delivery."""

    goods_minor: int
    delivery_minor: int
    currency: str


def _stuck() -> ColumnElement[bool]:
    later = aliased(Refund)
    made_up = exists().where(
        later.order_id == Refund.order_id,
        later.id > Refund.id,
        later.state.not_in([RefundState.FAILED, RefundState.ABNORMAL]),
    )
    return or_(
        Refund.state == RefundState.ABNORMAL, and_(Refund.state == RefundState.FAILED, ~made_up)
    )


def _in_view(view: str) -> ColumnElement[bool] | None:
    if view == "failed":
        return and_(ReturnRequest.state == ReturnState.REFUNDED, _stuck())
    if view == "done":
        return ReturnRequest.state.in_(DONE)
    if view == "in_transit":
        return _to_inspect()
    if view == "approved":
        return and_(ReturnRequest.state == view, ReturnRequest.outcome != Outcome.MONEY)
    return None if view == "all" else ReturnRequest.state == view


def _to_inspect() -> ColumnElement[bool]:
    """On its way, or about money only and approved by time: the shop has to act, nobody else."""
    return or_(
        ReturnRequest.state == ReturnState.IN_TRANSIT,
        and_(ReturnRequest.state == ReturnState.APPROVED, ReturnRequest.outcome == Outcome.MONEY),
    )


def page(
    store_ids: Collection[int],
    locale: str,
    *,
    view: str,
    q: str = "",
    after: int | None = None,
    limit: int = 20,
) -> DeskPage:
    """Returns of some stores, in three statements: those to be decided by when an answer is due, others
    that wait oldest first, the rest newest first.

    ``view``: a state that is not over, ``failed``, ``done`` or ``all``. ``q`` finds the number of the
    order and the buyer's name, mail or phone.
    """
    query = _select().where(Order.store_id.in_(store_ids))
    condition = _in_view(view)
    if condition is not None:
        query = query.where(condition)
    if q:
        query = query.where(_matches(q))
    if view in ("done", "all"):
        query = query.order_by(ReturnRequest.id.desc())
        query = query.where(ReturnRequest.id < after) if after else query
    elif view == ReturnState.REQUESTED:
        query = query.order_by(_due(ReturnRequest), ReturnRequest.id)
        if after:
            last = aliased(ReturnRequest)
            there = select(_due(last)).where(last.id == after).scalar_subquery()
            same = and_(_due(ReturnRequest) == there, ReturnRequest.id > after)
            query = query.where(or_(_due(ReturnRequest) > there, same))
    else:
        query = query.order_by(ReturnRequest.id)
        query = query.where(ReturnRequest.id > after) if after else query
    rows = _rows(query.limit(limit + 1), locale)
    more = len(rows) > limit
    return DeskPage(rows[:limit], rows[limit - 1].id if more else None)


def _due(row: type[ReturnRequest]) -> ColumnElement[datetime]:
    """When an answer is due; returns from before there were dates come first."""
    return func.coalesce(row.answer_by, row.created_at)


def one(store_ids: Collection[int], public_id: str, locale: str) -> DeskReturn | None:
    """A return of these stores; None when they have none of this id."""
    rows = _rows(
        _select().where(Order.store_id.in_(store_ids), ReturnRequest.public_id == public_id), locale
    )
    return rows[0] if rows else None


@askable
def counts(store_ids: Collection[int]) -> Lookup[dict[str, int]]:
    """How many returns are in each view but ``done`` and ``all``. One statement."""
    states = [ReturnState.REQUESTED, ReturnState.APPROVED, ReturnState.IN_TRANSIT]
    columns = [
        func.count().filter(cond).label(view)
        for view in states
        if (cond := _in_view(view)) is not None
    ]
    columns.append(func.count().filter(_stuck()).label("failed"))
    return Lookup(
        lambda rows: dict(zip([*map(str, states), "failed"], map(int, rows[0]), strict=True)),
        select(*columns)
        .select_from(ReturnRequest)
        .join(Order, Order.id == ReturnRequest.order_id)
        .outerjoin(Refund, Refund.id == ReturnRequest.refund_id)
        .where(Order.store_id.in_(store_ids)),
    )


def worth(found: DeskReturn) -> Worth:
    """What the units of a return give back now: the exact share of what was paid for them."""
    units = {line.public_id: line.quantity for line in found.seen.lines}
    quoted = return_refunds.worth(
        found.order_id,
        units,
        include_delivery=found.seen.travels,
        returning=found.seen.public_id,
    )
    goods = quoted.total_minor - quoted.delivery_minor
    return Worth(goods, quoted.delivery_minor, quoted.currency)


def _select() -> Select[int, str, Order, str, bool]:
    return (
        select(ReturnRequest.id, ReturnRequest.public_id, Order, OrderContact.name, _stuck())
        .join(Order, Order.id == ReturnRequest.order_id)
        .outerjoin(OrderContact, OrderContact.order_id == Order.id)
        .outerjoin(Refund, Refund.id == ReturnRequest.refund_id)
    )


def _matches(q: str) -> ColumnElement[bool]:
    text = q.strip()[:80]
    digits = "".join(ch for ch in text if ch.isdigit())
    found = [
        Order.number.istartswith(text, autoescape=True),
        OrderContact.name.icontains(text, autoescape=True),
        OrderContact.email_key == email_key(text),
        ReturnRequest.tracking_number == text,
    ]
    if len(digits) >= 4:
        found.append(OrderContact.phone_key.endswith(digits))
    return or_(*found)


def _rows(query: Select[int, str, Order, str, bool], locale: str) -> list[DeskReturn]:
    found = db.session.execute(query).all()
    seen = return_queries.among([return_id for return_id, *_ in found], locale)
    return [
        DeskReturn(
            id=return_id,
            order_id=order.id,
            locale=order.locale,
            customer=name or "",
            method=order.method,
            stuck=bool(stuck),
            seen=seen[public_id],
        )
        for return_id, public_id, order, name, stuck in found
    ]
