"""What joins orders and money: cancel an order and give back what was paid for it."""

from sqlalchemy import select, update

from shop.core import clock
from shop.core.db import db
from shop.order import asking, cancellation, lock
from shop.order.states import OrderState, PaymentState
from shop.payment import ledger, refunds, return_exchanges, tenders, transfer_money
from shop.payment.attempts import LIVE
from shop.payment.models import Payment, PaymentAllocation
from shop.payment.states import AttemptState


def cancel_order(order_id: int, *, reason: str, actor: str) -> list[str]:
    """Cancel an order of which nothing was shipped; returns the numbers of the refunds this began.

    Attempts still open are queried soon, and closed by the same job. Raises as
    ``order.cancellation.cancel``.
    """
    lock.order(order_id)
    cancellation.cancel(order_id, reason=reason, actor=actor)
    hurry(order_id)
    transfer_money.close_short(order_id, actor=actor)
    begun = tenders.release(order_id, actor=actor)
    for payment_id in db.session.scalars(
        select(Payment.id)
        .join(PaymentAllocation, PaymentAllocation.payment_id == Payment.id)
        .where(
            PaymentAllocation.order_id == order_id,
            Payment.state == AttemptState.PAID,
            Payment.flag != ledger.SURPLUS,
        )
        .order_by(Payment.id)
    ).all():
        number = refunds.whole(payment_id, order_id, reason="cancelled", actor=actor)
        if number is not None:
            begun.append(number)
    return begun + return_exchanges.refund_cancelled(order_id, reason=reason, actor=actor)


def end_short(order_id: int) -> bool:
    """End an order of which a part was transferred and the rest did not come in time; False when it was
    paid, closed or given more time meanwhile."""
    row = lock.order(order_id)
    if (
        row.state != OrderState.OPEN
        or row.payment_state != PaymentState.PARTLY_PAID
        or row.expires_at is None
        or row.expires_at > clock.now()
    ):
        return False
    cancel_order(order_id, reason="expired", actor="system")
    return True


def cancel_for_shopper(order_id: int, *, reason: str, actor: str) -> bool:
    """The shopper cancels: at once while nobody packs it, else the shop is asked (False)."""
    row = lock.order(order_id)
    if row.packing_at is not None and row.state == OrderState.OPEN:
        asking.ask_cancellation(row, reason=reason, actor=actor)
        return False
    cancel_order(order_id, reason=reason, actor=actor)
    return True


def expire(order_id: int) -> bool:
    """End an unpaid order whose time is over, and give its cards their share back; False as
    ``order.cancellation.expire``."""
    if ledger.in_parts(lock.order(order_id)):
        return False  # ``end_short`` is for these
    if not cancellation.expire(order_id):
        return False
    hurry(order_id)
    tenders.release(order_id, actor="system")
    return True


def hurry(order_id: int) -> None:
    """The order closed: its open attempts are looked at in the next round of queries."""
    mine = select(PaymentAllocation.payment_id).where(PaymentAllocation.order_id == order_id)
    db.session.execute(
        update(Payment)
        .where(Payment.id.in_(mine), Payment.state.in_(LIVE))
        .values(next_query_at=clock.now())
        .execution_options(synchronize_session=False)
    )
