"""When an order will count as received by itself: days after delivery, or after shipping where nothing tells."""

from datetime import datetime, timedelta

from sqlalchemy import select

from shop.core import clock
from shop.core.db import db
from shop.order import terms
from shop.order.models import Order, Shipment
from shop.order.states import ParcelState, ShippingState

EXTENSION = timedelta(days=7)
_NOTICE = timedelta(days=2)
"""Nobody learns of the date later than this before it."""


def shipped(order: Order) -> None:
    """Everything has left: begin to wait."""
    days = terms.of_store(order.store_id).after_shipping
    order.auto_receive_at = clock.now() + timedelta(days=days)
    delivered(order)  # what was left may have been cancelled after the parcels arrived


def delivered(order: Order) -> None:
    """A parcel arrived: once all of them have, and nothing is left to send, wait from their arrival."""
    if order.shipping_state != ShippingState.SHIPPED:
        return
    arrived = _arrived(order)
    if arrived is None:
        return
    order.delivered_at = arrived
    days = terms.of_store(order.store_id).after_delivery
    due = order.delivered_at + timedelta(days=days)
    if order.extended_at is not None:
        due += EXTENSION
    order.auto_receive_at = max(due, clock.now() + _NOTICE)
    order.receipt_reminded_at = None


def corrected(order: Order) -> None:
    """A carrier told later of an earlier delivery: the order follows, the date its buyer knows stays."""
    if order.delivered_at is not None:
        order.delivered_at = _arrived(order) or order.delivered_at


def _arrived(order: Order) -> datetime | None:
    """When the last parcel arrived; None while one is on its way."""
    rows = db.session.execute(
        select(Shipment.state, Shipment.delivered_at).where(Shipment.order_id == order.id)
    ).all()
    times = [row.delivered_at for row in rows if row.state == ParcelState.DELIVERED]
    return max(times) if times and len(times) == len(rows) else None
