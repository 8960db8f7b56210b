"""A refund on its way: taken for a try with its provider, and booked by what the provider says."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update

from shop.core import clock, outbox
from shop.core.db import db
from shop.core.errors import NotFound
from shop.membership import services as membership
from shop.order import lock, timeline
from shop.order import money as order_money
from shop.order.models import Order
from shop.payment import ledger
from shop.payment.models import Payment, PaymentAllocation, Refund
from shop.payment.states import REFUND, RefundState

_OVER = {RefundState.DONE, RefundState.MANUAL, RefundState.FAILED}


@dataclass(frozen=True, slots=True)
class Submission:
    """What a gateway needs to give money back."""

    refund_id: int
    gateway: str
    attempt_no: str
    refund_no: str
    amount_minor: int
    total_minor: int
    currency: str
    reason: str
    asked_before: bool
    reference: str = ""
    provider_id: str = ""
    merchant: str | None = None


def claim(refund_id: int, lease: timedelta = timedelta(minutes=1)) -> Submission | None:
    """Take a refund for one try with its provider; None when it is done or another try is under way."""
    moment = clock.now()
    before = db.session.scalar(select(Refund.state).where(Refund.id == refund_id))
    taken = db.session.execute(
        update(Refund)
        .where(
            Refund.id == refund_id,
            Refund.state.in_(
                [
                    RefundState.CREATED,
                    RefundState.SUBMITTED,
                    RefundState.UNKNOWN,
                    RefundState.PROCESSING,
                    # A person acts at the provider; what becomes of it is asked.
                    RefundState.ABNORMAL,
                ]
            ),
            Refund.next_try_at <= moment,
        )
        .values(attempts=Refund.attempts + 1, next_try_at=moment + lease)
        .returning(Refund.id)
    ).scalar()
    if taken is None:
        return None
    refund = db.session.get_one(Refund, taken, populate_existing=True)
    if refund.state == RefundState.CREATED:
        refund.state = RefundState.SUBMITTED
    payment = db.session.get_one(Payment, refund.payment_id)
    return Submission(
        refund.id,
        payment.gateway,
        payment.attempt_no,
        refund.refund_no,
        refund.amount_minor,
        payment.amount_minor,
        payment.currency,
        refund.reason,
        before != RefundState.CREATED,
        payment.reference,
        payment.provider_id or "",
        payment.merchant,
    )


def answered(
    refund_id: int, status: RefundState, *, provider_refund_id: str | None = None
) -> RefundState:
    """Book what the provider said; repeating the same word changes nothing. Returns where it stands.

    That the provider gave no answer is no news of a refund that it had accepted; nor is an answer that it is
    under way any of one that a quicker notify ended.
    """
    order_id = db.session.scalar(select(Refund.order_id).where(Refund.id == refund_id))
    if order_id is None:
        raise NotFound("refund-missing")
    order = lock.order(order_id)
    refund = db.session.get_one(Refund, refund_id, with_for_update=True, populate_existing=True)
    old = RefundState(refund.state)
    if provider_refund_id:
        refund.provider_refund_id = provider_refund_id
    asked_again = {RefundState.UNKNOWN, RefundState.PROCESSING, RefundState.ABNORMAL}
    if status in asked_again and old in _OVER:
        return old
    if status in asked_again:
        refund.next_try_at = clock.now() + timedelta(
            seconds=min(3600, 10 * 2 ** min(refund.attempts, 9))
        )
    no_news = {RefundState.UNKNOWN: {RefundState.PROCESSING, RefundState.ABNORMAL}}
    if status == old or old in no_news.get(status, set()):
        return old
    REFUND.check(old, status)
    refund.state = status
    if status in ledger.RETURNED:
        finish(refund, order)
    elif status == RefundState.ABNORMAL:
        timeline.note(
            order.id,
            "refund_abnormal",
            actor="system",
            amount_minor=refund.amount_minor,
            refund_no=refund.refund_no,
        )
    elif status == RefundState.FAILED:
        db.session.execute(
            update(PaymentAllocation)
            .where(
                PaymentAllocation.payment_id == refund.payment_id,
                PaymentAllocation.order_id == order.id,
            )
            .values(refunded_minor=PaymentAllocation.refunded_minor - refund.amount_minor)
        )
        timeline.note(
            order.id,
            "refund_failed",
            actor="system",
            amount_minor=refund.amount_minor,
            refund_no=refund.refund_no,
        )
    return status


def told(refund_id: int, status: RefundState) -> None:
    """Book what a notify said, unless it is late: a refund that is over, or further on, stays."""
    old = RefundState(db.session.get_one(Refund, refund_id, populate_existing=True).state)
    if old in REFUND.sources(status):
        answered(refund_id, status)


def finish(refund: Refund, order: Order) -> None:
    """The money is back: tell the order, its membership, and the people."""
    refund.done_at = clock.now()
    refund.next_try_at = None
    timeline.note(
        order.id,
        "refunded",
        actor=refund.actor,
        amount_minor=refund.amount_minor,
        refund_no=refund.refund_no,
    )
    ledger.settle(order.id, actor=refund.actor)
    if order.user_id is not None and _counted(refund):
        membership.add_spent(order.store_id, order.user_id, -refund.amount_minor)
    outbox.record("refund.done", refund_id=refund.id, order_id=order.id)


def _counted(refund: Refund) -> bool:
    """Whether the money had counted as spent: not when it came twice, or for an order that was over."""
    flag = db.session.scalar(select(Payment.flag).where(Payment.id == refund.payment_id))
    return flag != ledger.SURPLUS and order_money.went_going(refund.order_id)
