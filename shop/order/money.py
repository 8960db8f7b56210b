"""The payment axis of an order: derived from the money ledger, which ``payment`` keeps."""

from collections.abc import Sequence

from sqlalchemy import select

from shop.catalog import listing_ends
from shop.core import clock, outbox
from shop.core.db import db
from shop.inventory import reservations
from shop.membership import services as membership
from shop.order import codes, downloads, goods, lock, shipping, timeline
from shop.order.models import Order, OrderLine, TimelineEntry
from shop.order.states import OrderState, PaymentState

GOING = "paid"
"""Timeline entry of the payment that set an order going."""


def derive(total_minor: int, paid_minor: int, refunded_minor: int) -> PaymentState:
    """The payment state that the ledger's sums mean for an order of ``total_minor``."""
    if paid_minor <= 0:
        return PaymentState.PAID if total_minor == 0 else PaymentState.UNPAID
    if refunded_minor >= paid_minor:
        return PaymentState.REFUNDED
    if refunded_minor > 0:
        return PaymentState.PARTLY_REFUNDED
    return PaymentState.PAID if paid_minor >= total_minor else PaymentState.PARTLY_PAID


def settle(order_id: int, *, paid_minor: int, refunded_minor: int, actor: str) -> PaymentState:
    """Bring the order's payment state to what the ledger's sums say; the first full payment sets the
    order going: stock is kept, codes are issued, digital goods open, membership counts.

    Returns the state. A cancelled order only has its figure corrected; the caller reopens it first if
    it is to live.
    """
    row = lock.order(order_id)
    old = PaymentState(row.payment_state)
    new = derive(row.total_minor, paid_minor, refunded_minor)
    if new == old:
        return new
    row.payment_state = new
    if new == PaymentState.PAID and row.paid_at is None:
        row.paid_at = clock.now()
        if row.state != OrderState.CANCELLED:
            timeline.note(row.id, GOING, actor=actor, amount_minor=paid_minor)
            outbox.record("order.paid", order_id=row.id)
            _set_going(row)
    return new


def went_going(order_id: int) -> bool:
    """Whether a payment set the order going, and so counted for its buyer's membership; money that
    came for a cancelled order did not."""
    entry = select(TimelineEntry.id).where(
        TimelineEntry.order_id == order_id, TimelineEntry.kind == GOING
    )
    return db.session.scalar(entry.limit(1)) is not None


def _set_going(row: Order) -> None:
    row.expires_at = None
    lines = lock.lines(row.id)
    reservations.keep([line.id for line in lines])
    goods.hold([line for line in lines if line.kind != "physical"])
    for line in lines:
        listing_ends.count_sales(line.product_id, line.quantity)
        if line.kind == "service":
            codes.issue(line)
        elif line.kind == "digital":
            downloads.grant(line)
    _hand_over(row, [line for line in lines if line.kind != "physical"])
    if row.user_id is not None:
        membership.add_spent(row.store_id, row.user_id, row.total_minor)
    shipping.follow(row, lines)


def _hand_over(row: Order, lines: Sequence[OrderLine]) -> None:
    """Lines that need no parcel are delivered by the payment, unless a parcel took them before. What is
    short follows when it is there again."""
    if not lines:
        return
    there = goods.ready([(line, line.quantity - line.cancelled - line.shipped) for line in lines])
    left = [(line, there[line.id]) for line in lines if there[line.id] > 0]
    goods.consume(left, actor="system", source=f"order {row.number}")
    for line, units in left:
        line.shipped += units


def hand_over_rest(row: Order) -> None:
    """Deliver what a paid order still has to get without a parcel."""
    if row.state != OrderState.OPEN or row.paid_at is None:
        return
    lines = [line for line in lock.lines(row.id) if line.kind != "physical"]
    goods.hold(lines)
    _hand_over(row, lines)
    if lines:
        shipping.follow(row, lock.lines(row.id))
