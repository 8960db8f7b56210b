"""What merchants read beside an order: is it late, where its goods lie, what comes before and after."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select

from shop.account.models import User
from shop.core import clock
from shop.core.db import db
from shop.inventory.models import Location, Reservation
from shop.order.delivery_models import OrderDelivery
from shop.order.delivery_states import PickupState
from shop.order.lists import LATE_AFTER, VIEWS
from shop.order.models import Order, OrderContact, TimelineEntry
from shop.payment.models import Payment, PaymentAllocation
from shop.payment.states import AttemptState


def late(order_ids: Collection[int]) -> set[int]:
    """Which of these orders should have been shipped already."""
    return set(db.session.scalars(select(Order.id).where(Order.id.in_(order_ids), VIEWS["late"]())))


@dataclass(frozen=True, slots=True)
class Urgency:
    """What presses: hours the oldest order waits, since when it is late, when the next one expires."""

    oldest_hours: int | None
    late_since: datetime | None
    next_expiry: datetime | None


def urgency(store_ids: Sequence[int]) -> Urgency:
    """The sharpest dates of the work queue. Two statements."""
    mine = Order.store_id.in_(store_ids)
    waits = func.coalesce(Order.paid_at, Order.placed_at)
    found: Any = db.session.execute(
        select(
            func.min(waits),
            func.min(waits).filter(OrderDelivery.order_id.is_(None)),
            func.min(OrderDelivery.late_at).filter(
                func.coalesce(OrderDelivery.pickup_state, "") != PickupState.READY
            ),
        )
        .select_from(Order)
        .outerjoin(OrderDelivery, OrderDelivery.order_id == Order.id)
        .where(mine, VIEWS["to-ship"]())
    ).one()
    oldest, unpromised, due = found  # null where there is none
    expiry = db.session.scalar(
        select(func.min(Order.expires_at)).where(
            mine, VIEWS["unpaid"](), Order.expires_at > clock.now()
        )
    )
    hours = None if oldest is None else int((clock.now() - oldest) / timedelta(hours=1))
    ends = [due, unpromised + LATE_AFTER if unpromised else None]
    over = [end for end in ends if end is not None and end < clock.now()]
    return Urgency(hours, min(over, default=None), expiry)


def placed_since(store_ids: Sequence[int], moment: datetime) -> int:
    """How many orders were placed from ``moment`` on."""
    return (
        db.session.scalar(
            select(func.count())
            .select_from(Order)
            .where(Order.store_id.in_(store_ids), Order.placed_at >= moment)
        )
        or 0
    )


def places(line_ids: Collection[int]) -> dict[int, list[str]]:
    """Where the units of order lines are kept, or were taken from: names of locations."""
    found: dict[int, list[str]] = {}
    rows = db.session.execute(
        select(Reservation.order_line_id, Location.name)
        .join(Location, Location.id == Reservation.location_id)
        .where(Reservation.order_line_id.in_(line_ids), Reservation.state != "released")
        .order_by(Location.priority, Location.id)
    )
    for line_id, name in rows:
        if name not in found.setdefault(line_id, []):
            found[line_id].append(name)
    return found


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Numbers of the orders above (newer) and below (older) in the same list."""

    above: str | None
    below: str | None


def neighbours(store_ids: Sequence[int], view: str, number: str) -> Neighbours:
    """What stands beside an order in a view of the list. Three statements."""
    here = db.session.execute(select(Order.placed_at, Order.id).where(Order.number == number)).one()
    query = select(Order.number).where(Order.store_id.in_(store_ids)).limit(1)
    if view in VIEWS:
        query = query.where(VIEWS[view]())
    at, order_id = here
    newer = or_(Order.placed_at > at, and_(Order.placed_at == at, Order.id > order_id))
    older = or_(Order.placed_at < at, and_(Order.placed_at == at, Order.id < order_id))
    return Neighbours(
        db.session.scalar(query.where(newer).order_by(Order.placed_at, Order.id)),
        db.session.scalar(query.where(older).order_by(Order.placed_at.desc(), Order.id.desc())),
    )


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """What a person has bought of a store so far. ``spent_minor``: paid less refunded."""

    public_id: str | None
    name: str
    orders: int
    spent_minor: int
    first_at: datetime | None


def customer(store_ids: Sequence[int], order_id: int) -> CustomerFacts:
    """The person behind an order: by account, else by the e-mail or phone they gave. Three statements."""
    user_id, email, phone, name = db.session.execute(
        select(Order.user_id, OrderContact.email_key, OrderContact.phone_key, OrderContact.name)
        .outerjoin(OrderContact, OrderContact.order_id == Order.id)
        .where(Order.id == order_id)
    ).one()
    same = (
        select(Order.id)
        .outerjoin(OrderContact, OrderContact.order_id == Order.id)
        .where(Order.store_id.in_(store_ids))
    )
    if user_id is not None:
        same = same.where(Order.user_id == user_id)
    elif email:
        same = same.where(OrderContact.email_key == email)
    elif phone:
        same = same.where(OrderContact.phone_key == phone)
    else:
        same = same.where(Order.id == order_id)
    count, first = db.session.execute(
        select(func.count(), func.min(Order.placed_at)).where(Order.id.in_(same))
    ).one()
    spent = db.session.scalar(
        select(
            func.coalesce(
                func.sum(PaymentAllocation.amount_minor - PaymentAllocation.refunded_minor), 0
            )
        )
        .join(Payment, Payment.id == PaymentAllocation.payment_id)
        .where(PaymentAllocation.order_id.in_(same), Payment.state == AttemptState.PAID)
    )
    public_id = None
    if user_id is not None:
        public_id = db.session.scalar(select(User.public_id).where(User.id == user_id))
    return CustomerFacts(public_id, name or "", int(count), int(spent or 0), first)


@dataclass(frozen=True, slots=True)
class Event:
    """An entry of some order's timeline, for the dashboard."""

    number: str
    currency: str
    user_id: int | None
    at: datetime
    kind: str
    actor: str
    detail: dict[str, object]


def recent_events(store_ids: Sequence[int], limit: int = 8) -> list[Event]:
    """What happened last, over all orders of a store."""
    rows = db.session.execute(
        select(
            Order.number,
            Order.currency,
            Order.user_id,
            TimelineEntry.at,
            TimelineEntry.kind,
            TimelineEntry.actor,
            TimelineEntry.detail,
        )
        .join(Order, Order.id == TimelineEntry.order_id)
        .where(Order.store_id.in_(store_ids))
        .order_by(TimelineEntry.id.desc())
        .limit(limit)
    )
    return [Event(*row) for row in rows]
