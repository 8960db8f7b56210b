"""Orders that count as received by themselves: the date, one extension, a reminder the day before."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, exists, select

from shop.core import clock, outbox
from shop.core.db import db
from shop.core.errors import Conflict
from shop.order import lock, shipping, timeline
from shop.order.models import Order, Shipment
from shop.order.receipt_dates import EXTENSION
from shop.order.return_models import ReturnRequest
from shop.order.return_states import ACTIVE
from shop.order.states import OrderState, ParcelState, ShippingState

REMINDED_BEFORE = timedelta(days=1)


def _no_parcel_has_a_problem(order_id: int) -> bool:
    query = select(Shipment.id).where(
        Shipment.order_id == order_id, Shipment.state == ParcelState.EXCEPTION
    )
    return db.session.scalar(query.limit(1)) is None


def _no_return_is_open(order_id: int) -> bool:
    query = select(ReturnRequest.id).where(
        ReturnRequest.order_id == order_id, ReturnRequest.state.in_(ACTIVE)
    )
    return db.session.scalar(query.limit(1)) is None


GUARDS: list[Callable[[int], bool]] = [_no_parcel_has_a_problem, _no_return_is_open]
"""Each says whether an order may be received without its buyer's word; who knows a reason adds one."""


def may_auto_receive(order_id: int) -> bool:
    """Whether nothing speaks against counting an order as received."""
    return all(guard(order_id) for guard in GUARDS)


def extend(order_id: int, *, actor: str) -> None:
    """Wait seven days longer for the buyer's word, once.

    Raises ``Conflict``: "receipt-not-due" unless it is on its way, "receipt-extended" the second time.
    """
    row = lock.order(order_id)
    if row.shipping_state != ShippingState.SHIPPED or row.auto_receive_at is None:
        raise Conflict("receipt-not-due", number=row.number)
    if row.extended_at is not None:
        raise Conflict("receipt-extended", number=row.number)
    row.extended_at = clock.now()
    row.auto_receive_at += EXTENSION
    row.receipt_reminded_at = None
    timeline.note(row.id, "receipt_extended", actor=actor, until=row.auto_receive_at.isoformat())


def due(limit: int = 2000) -> list[int]:
    """Orders on their way whose date has come, the longest first."""
    return list(
        db.session.scalars(
            select(Order.id)
            .where(_waits(), Order.auto_receive_at <= clock.now())
            .order_by(Order.auto_receive_at, Order.id)
            .limit(limit)
        )
    )


def receive_due(order_id: int) -> bool:
    """Count an order as received when its time has come; False when something speaks against it."""
    row = lock.order(order_id)
    if (
        row.state != OrderState.OPEN
        or row.shipping_state != ShippingState.SHIPPED
        or row.auto_receive_at is None
        or row.auto_receive_at > clock.now()
        or not may_auto_receive(order_id)
    ):
        return False
    shipping.receive(order_id, actor="system", automatic=True)
    return True


def to_remind(limit: int = 500) -> list[int]:
    """Orders that will count as received within a day, whose buyers were not told yet."""
    return list(
        db.session.scalars(
            select(Order.id)
            .where(
                _waits(),
                Order.auto_receive_at > clock.now(),
                Order.auto_receive_at <= clock.now() + REMINDED_BEFORE,
                Order.receipt_reminded_at.is_(None),
                ~exists().where(
                    Shipment.order_id == Order.id, Shipment.state == ParcelState.EXCEPTION
                ),
            )
            .order_by(Order.auto_receive_at, Order.id)
            .limit(limit)
        )
    )


def remind(order_id: int) -> bool:
    """Tell the buyer that tomorrow the order counts as received; False when it is not so any more."""
    row = lock.order(order_id)
    if (
        row.shipping_state != ShippingState.SHIPPED
        or row.receipt_reminded_at is not None
        or not may_auto_receive(order_id)
    ):
        return False
    row.receipt_reminded_at = clock.now()
    outbox.record("receipt.due", order_id=row.id)
    return True


def _waits() -> ColumnElement[bool]:
    return and_(Order.state == OrderState.OPEN, Order.shipping_state == ShippingState.SHIPPED)
