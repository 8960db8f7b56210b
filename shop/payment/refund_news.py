"""What a provider's notify tells of a refund."""

from sqlalchemy import select

from shop.core.db import db
from shop.payment import refund_answers
from shop.payment.gateways.base import Event, RefundStatus
from shop.payment.models import Payment, Refund
from shop.payment.states import RefundState

STATES = {
    RefundStatus.DONE: RefundState.DONE,
    RefundStatus.PROCESSING: RefundState.PROCESSING,
    RefundStatus.ABNORMAL: RefundState.ABNORMAL,
    RefundStatus.FAILED: RefundState.FAILED,
    RefundStatus.NOT_FOUND: RefundState.UNKNOWN,
}


def take(event: Event, gateway: str) -> bool:
    """Book how a refund stands; False when it is none of ours.

    Its amount must be ours, or nothing is believed. Late and repeated news of a refund that is over
    changes nothing.
    """
    if event.refund_status is None:
        return False
    refund = db.session.execute(
        select(Refund.id, Refund.amount_minor, Refund.currency)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(
            Refund.refund_no == event.refund_no,
            Payment.gateway == gateway,
            Payment.attempt_no == event.no,
        )
    ).one_or_none()
    if refund is None:
        return False
    told = event.currency or refund.currency
    if (refund.amount_minor, refund.currency) == (event.refund_amount, told):
        refund_answers.told(refund.id, STATES[event.refund_status])
    return True
