"""What merchants read beside an order: is it late, where its goods lie, what comes before and after."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select

from shop.account.models import User
from shop.core import clock
from shop.core.lookups import Lookup, Rows, askable, number
from shop.inventory.models import Location, Reservation
from shop.order.delivery_models import OrderDelivery
from shop.order.delivery_states import PickupState
from shop.order.lists import LATE_AFTER, VIEWS
from shop.order.models import Order, OrderContact, OrderLine, TimelineEntry
from shop.order.views import OrderView
from shop.payment.models import Payment, PaymentAllocation
from shop.payment.states import AttemptState


@askable
def late(order_ids: Collection[int]) -> Lookup[set[int]]:
    """Which of these orders should have been shipped already."""
    return Lookup(
        lambda rows: {row.id for row in rows},
        select(Order.id).where(Order.id.in_(order_ids), VIEWS["late"]()),
    )


@dataclass(frozen=True, slots=True)
class Urgency:
    """What presses: hours the oldest order waits, since when it is late, when the next one expires."""

    oldest_hours: int | None
    late_since: datetime | None
    next_expiry: datetime | None


@askable
def urgency(store_ids: Sequence[int]) -> Lookup[Urgency]:
    """The sharpest dates of the work queue."""
    mine = Order.store_id.in_(store_ids)
    waits = func.coalesce(Order.paid_at, Order.placed_at)
    return Lookup(
        _urgency,
        select(
            func.min(waits).label("oldest"),
            func.min(waits).filter(OrderDelivery.order_id.is_(None)).label("unpromised"),
            func.min(OrderDelivery.late_at)
            .filter(func.coalesce(OrderDelivery.pickup_state, "") != PickupState.READY)
            .label("due"),
        )
        .select_from(Order)
        .outerjoin(OrderDelivery, OrderDelivery.order_id == Order.id)
        .where(mine, VIEWS["to-ship"]()),
        select(func.min(Order.expires_at).label("next")).where(
            mine, VIEWS["unpaid"](), Order.expires_at > clock.now()
        ),
    )


def _urgency(waiting: Rows, unpaid: Rows) -> Urgency:
    (oldest, unpromised, due), (expiry,) = waiting[0], unpaid[0]  # null where there is none
    hours = None if oldest is None else int((clock.now() - oldest) / timedelta(hours=1))
    ends = [due, unpromised + LATE_AFTER if unpromised else None]
    over = [end for end in ends if end is not None and end < clock.now()]
    return Urgency(hours, min(over, default=None), expiry)


@askable
def placed_since(store_ids: Sequence[int], moment: datetime) -> Lookup[int]:
    """How many orders were placed from ``moment`` on."""
    return Lookup(
        number,
        select(func.count().label("many"))
        .select_from(Order)
        .where(Order.store_id.in_(store_ids), Order.placed_at >= moment),
    )


@askable
def places(order_id: int) -> Lookup[dict[int, list[str]]]:
    """Line → where its units are kept, or were taken from: names of locations."""

    def read(rows: Rows) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        for line_id, name in rows:
            if name not in found.setdefault(line_id, []):
                found[line_id].append(name)
        return found

    return Lookup(
        read,
        select(Reservation.order_line_id, Location.name)
        .join(Location, Location.id == Reservation.location_id)
        .join(OrderLine, OrderLine.id == Reservation.order_line_id)
        .where(OrderLine.order_id == order_id, Reservation.state != "released")
        .order_by(Location.priority, Location.id),
    )


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Numbers of the orders above (newer) and below (older) in the same list."""

    above: str | None
    below: str | None


@askable
def neighbours(
    store_ids: Sequence[int], view: str, order_id: int, placed_at: datetime
) -> Lookup[Neighbours]:
    """What stands beside an order in a view of the list."""
    query = select(Order.number).where(Order.store_id.in_(store_ids)).limit(1)
    if view in VIEWS:
        query = query.where(VIEWS[view]())
    at = placed_at
    newer = or_(Order.placed_at > at, and_(Order.placed_at == at, Order.id > order_id))
    older = or_(Order.placed_at < at, and_(Order.placed_at == at, Order.id < order_id))

    def read(above: Rows, below: Rows) -> Neighbours:
        return Neighbours(above[0].number if above else None, below[0].number if below else None)

    return Lookup(
        read,
        query.where(newer).order_by(Order.placed_at, Order.id),
        query.where(older).order_by(Order.placed_at.desc(), Order.id.desc()),
    )


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """What a person has bought of a store so far. ``spent_minor``: paid less refunded."""

    public_id: str | None
    name: str
    orders: int
    spent_minor: int
    first_at: datetime | None


@askable
def customer(store_ids: Sequence[int], order: OrderView) -> Lookup[CustomerFacts]:
    """The person behind an order: by account, else by the e-mail or phone they gave."""
    email, phone = order.contact.email_key, order.contact.phone_key
    same = (
        select(Order.id)
        .outerjoin(OrderContact, OrderContact.order_id == Order.id)
        .where(Order.store_id.in_(store_ids))
    )
    if order.user_id is not None:
        same = same.where(Order.user_id == order.user_id)
    elif email:
        same = same.where(OrderContact.email_key == email)
    elif phone:
        same = same.where(OrderContact.phone_key == phone)
    else:
        same = same.where(Order.id == order.id)

    def read(bought: Rows, paid: Rows, people: Rows) -> CustomerFacts:
        return CustomerFacts(
            people[0].public_id if people else None,
            order.contact.name,
            int(bought[0].many),
            int(paid[0].spent),
            bought[0].first_at,
        )

    spent = func.sum(PaymentAllocation.amount_minor - PaymentAllocation.refunded_minor)
    return Lookup(
        read,
        select(func.count().label("many"), func.min(Order.placed_at).label("first_at")).where(
            Order.id.in_(same)
        ),
        select(func.coalesce(spent, 0).label("spent"))
        .join(Payment, Payment.id == PaymentAllocation.payment_id)
        .where(PaymentAllocation.order_id.in_(same), Payment.state == AttemptState.PAID),
        select(User.public_id).where(User.id == order.user_id),
    )


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


@askable
def recent_events(store_ids: Sequence[int], limit: int = 8) -> Lookup[list[Event]]:
    """What happened last, over all orders of a store."""
    return Lookup(
        lambda rows: [Event(*row) for row in rows],
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
        .limit(limit),
    )
