"""What an order was paid and given back, as the payment rows say; and telling the order so."""

from typing import Any

from sqlalchemy import ScalarSelect, func, select

from shop.core.db import db
from shop.core.lookups import Asked
from shop.order import money as order_money
from shop.order import shipping
from shop.order.lock import order as lock_order
from shop.order.models import Order
from shop.order.states import PaymentState
from shop.payment.models import Payment, PaymentAllocation, Refund
from shop.payment.states import AttemptState, RefundState
from shop.payment.transfer_models import BankReceiptShare

SURPLUS = "surplus"
"""Flag of a second payment for what was paid already: it goes back and never counts for the order."""

RETURNED = (RefundState.DONE, RefundState.MANUAL)


def sums(order_id: int) -> tuple[int, int]:
    """Paid and refunded minor units of an order; surplus payments count for neither."""
    found = db.session.execute(balance(order_id)).one()
    return int(found.paid), int(found.refunded)


def balance(order_id: int) -> Asked:
    """One row: what was ``paid`` for an order, ``refunded``, and is ``left`` to be given back, without
    what is on its way; surplus payments count for none of them."""
    counted = [
        PaymentAllocation.order_id == order_id,
        Payment.state == AttemptState.PAID,
        Payment.flag != SURPLUS,
    ]
    refunded = (
        select(func.coalesce(func.sum(Refund.amount_minor), 0))
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Refund.order_id == order_id, Refund.state.in_(RETURNED), Payment.flag != SURPLUS)
        .scalar_subquery()
    )
    left = PaymentAllocation.amount_minor - PaymentAllocation.refunded_minor
    paid = func.coalesce(func.sum(PaymentAllocation.amount_minor), 0)
    return (
        select(
            (paid + parts(order_id)).label("paid"),
            refunded.label("refunded"),
            func.coalesce(func.sum(left), 0).label("left"),
        )
        .join(Payment, Payment.id == PaymentAllocation.payment_id)
        .where(*counted)
    )


def parts(order_id: Any) -> ScalarSelect[int]:
    """What came of payments that are not paid whole yet: only transfers come in parts, and these have one
    order each. ``order_id``: a number, or the column of a query around it."""
    return (
        select(func.coalesce(func.sum(BankReceiptShare.amount_minor), 0))
        .join(Payment, Payment.id == BankReceiptShare.payment_id)
        .join(PaymentAllocation, PaymentAllocation.payment_id == Payment.id)
        .where(PaymentAllocation.order_id == order_id, Payment.state != AttemptState.PAID)
        .scalar_subquery()
    )


def in_parts(order: Order) -> bool:
    """Whether some of an order's money came by transfer and the rest has not: nothing else may pay it then."""
    if order.payment_state != PaymentState.PARTLY_PAID:
        return False
    return bool(db.session.scalar(select(parts(order.id))))


def settle(order_id: int, *, actor: str) -> PaymentState:
    """Bring the order's payment state to what the ledger says; completes what is received and paid."""
    db.session.flush()  # the sums below must see the rows just written
    paid, refunded = sums(order_id)
    state = order_money.settle(order_id, paid_minor=paid, refunded_minor=refunded, actor=actor)
    shipping.complete_if_done(lock_order(order_id))
    return state
