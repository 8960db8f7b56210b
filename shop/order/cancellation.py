"""Ending an order before anything was shipped: cancelled by a person, or expired unpaid.

Everything it held is given back in the same transaction: stock, then coupon. Money is the business of
``payment.settlement``, which calls ``cancel`` downward.
"""

from shop.campaigns import services as campaigns
from shop.core import clock, outbox
from shop.core.errors import Conflict
from shop.inventory import reservations
from shop.order import delivery, goods, lock, timeline
from shop.order.models import Order
from shop.order.states import AWAITING, ORDER, OrderState, ShippingState


def cancel(order_id: int, *, reason: str, actor: str) -> None:
    """Cancel an order of which nothing was shipped.

    Raises ``IllegalTransition`` unless it is open, ``Conflict("order-shipped")`` once goods have left.
    """
    row = lock.order(order_id)
    _end(row, reason=reason, actor=actor, kind="cancelled")


def expire(order_id: int) -> bool:
    """End an unpaid order whose time is over; False when it was paid, cancelled or extended meanwhile."""
    row = lock.order(order_id)
    if (
        row.state != OrderState.OPEN
        or row.payment_state not in AWAITING
        or row.expires_at is None
        or row.expires_at > clock.now()
    ):
        return False
    _end(row, reason="expired", actor="system", kind="expired")
    return True


def _end(row: Order, *, reason: str, actor: str, kind: str) -> None:
    ORDER.check(OrderState(row.state), OrderState.CANCELLED)
    lines = lock.lines(row.id)
    if row.shipping_state != ShippingState.UNSHIPPED or any(line.shipped for line in lines):
        raise Conflict("order-shipped", number=row.number)
    row.state = OrderState.CANCELLED
    row.cancelled_at = clock.now()
    row.cancel_reason = reason[:40]
    for line in lines:
        line.cancelled = line.quantity
    reservations.release([line.id for line in lines])
    campaigns.release_order(row.id)
    delivery.release(row.id)
    timeline.note(row.id, kind, actor=actor, reason=reason)
    outbox.record("order.cancelled", order_id=row.id, reason=reason)


def reopen(order_id: int, *, actor: str) -> None:
    """Late money for a cancelled order: take its stock and its coupon again.

    Raises ``StockShort`` or the coupon's ``Conflict`` when they are gone; the caller then sends the
    money back whole.
    """
    row = lock.order(order_id)
    ORDER.check(OrderState(row.state), OrderState.OPEN)
    lines = lock.lines(row.id)
    for line in lines:
        line.cancelled = 0
    row.state = OrderState.OPEN
    row.cancelled_at = None
    row.cancel_reason = ""
    reservations.reserve(goods.wanted_again(lines, row.store_id), expires_at=None)
    campaigns.reclaim_order(row.id)
    delivery.reclaim(row.id)
    timeline.note(row.id, "reopened", actor=actor)
