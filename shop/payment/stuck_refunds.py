"""Refunds that wait for a person: refused by the provider, stuck there (ABNORMAL, CLOSED, too late), or of
money that no provider pays out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select, update

from shop.core import clock, ids, outbox
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound
from shop.order import lock, timeline
from shop.order.models import Order
from shop.payment import refund_answers
from shop.payment.models import Payment, PaymentAllocation, Refund
from shop.payment.states import BY_HAND, REFUND, RefundState

STUCK = (RefundState.ABNORMAL, RefundState.FAILED)


def waits() -> ColumnElement[bool]:
    """Of a refund joined to its payment: whether it waits for a person."""
    by_hand = and_(Refund.state == RefundState.CREATED, Payment.gateway.in_(BY_HAND))
    return or_(Refund.state.in_(STUCK), by_hand)


@dataclass(frozen=True, slots=True)
class StuckRow:
    """A refund that waits for somebody."""

    refund_no: str
    state: str
    amount_minor: int
    currency: str
    reason: str
    gateway: str
    number: str
    created_at: datetime
    paid_by: str
    """The bank's number of the money that it was paid with, for a transfer."""

    @property
    def can_retry(self) -> bool:
        """Whether there is a provider to ask again."""
        return self.gateway not in BY_HAND


def listed(store_ids: Sequence[int], limit: int = 200) -> list[StuckRow]:
    """Those of some stores, the oldest first."""
    rows = db.session.execute(
        select(
            Refund.refund_no,
            Refund.state,
            Refund.amount_minor,
            Refund.currency,
            Refund.reason,
            Payment.gateway,
            Order.number,
            Refund.created_at,
            Payment.reference,
        )
        .join(Order, Order.id == Refund.order_id)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Order.store_id.in_(store_ids), waits())
        .order_by(Refund.id)
        .limit(limit)
    )
    return [StuckRow(*row) for row in rows]


def by_hand(refund_no: str, reference: str, *, store_ids: Sequence[int], actor: str) -> str:
    """The money went back another way, by bank for instance; returns the order's number.

    Raises ``Invalid`` without a reference, ``NotFound``, ``Conflict("refund-not-stuck")`` and
    ``Conflict("refund-above-paid")`` when the balance was given back meanwhile.
    """
    refund, order = _take(refund_no, store_ids)
    said = " ".join(reference.split())[:120]
    if not said:
        raise Invalid("reference-missing", field="reference")
    old = RefundState(refund.state)
    if old == RefundState.FAILED:
        _reserve(refund)
    REFUND.check(old, RefundState.MANUAL)
    refund.state, refund.reference, refund.actor = RefundState.MANUAL, said, actor
    refund_answers.finish(refund, order)
    return order.number


def again(refund_no: str, *, store_ids: Sequence[int], actor: str) -> str:
    """Ask the provider once more; returns the order's number.

    One that was refused goes under a new number, for the old one is closed at the provider; one that is
    stuck keeps its number, for its money may be on its way. Raises as ``by_hand``.
    """
    refund, order = _take(refund_no, store_ids)
    old = RefundState(refund.state)
    if old == RefundState.CREATED:
        raise Conflict("refund-not-stuck")  # nobody to ask: it waits for its reference
    if old == RefundState.FAILED:
        _reserve(refund)
        new = RefundState.CREATED
        refund.refund_no = ids.attempt_number("RF")
        refund.provider_refund_id = None
    else:
        new = RefundState.PROCESSING
    REFUND.check(old, new)
    refund.state, refund.attempts, refund.next_try_at = new, 0, clock.now()
    timeline.note(
        order.id,
        "refund_retried",
        actor=actor,
        amount_minor=refund.amount_minor,
        refund_no=refund.refund_no,
        before=refund_no,
        reason=refund.reason,
    )
    outbox.record("refund.requested", refund_id=refund.id)
    return order.number


def _take(refund_no: str, store_ids: Sequence[int]) -> tuple[Refund, Order]:
    order_id = db.session.scalar(
        select(Refund.order_id)
        .join(Order, Order.id == Refund.order_id)
        .where(Refund.refund_no == refund_no, Order.store_id.in_(store_ids))
    )
    if order_id is None:
        raise NotFound("refund-missing")
    order = lock.order(order_id)
    refund = db.session.scalars(
        select(Refund)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Refund.refund_no == refund_no, waits())
        .with_for_update(of=Refund)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if refund is None:
        raise Conflict("refund-not-stuck")
    return refund, order


def _reserve(refund: Refund) -> None:
    """A refused refund had given its share back: take it again, if it is still there."""
    reserved = db.session.execute(
        update(PaymentAllocation)
        .where(
            PaymentAllocation.payment_id == refund.payment_id,
            PaymentAllocation.order_id == refund.order_id,
            PaymentAllocation.refunded_minor + refund.amount_minor
            <= PaymentAllocation.amount_minor,
        )
        .values(refunded_minor=PaymentAllocation.refunded_minor + refund.amount_minor)
        .returning(PaymentAllocation.id)
    ).scalar()
    if reserved is None:
        raise Conflict("refund-above-paid", refundable_minor=0)
