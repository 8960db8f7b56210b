"""Reading money."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from shop.core import clock
from shop.core.db import db
from shop.order.models import Checkout, Order, OrderLine
from shop.order.states import OrderState, PaymentState
from shop.payment import ledger
from shop.payment.attempts import LIVE
from shop.payment.models import Payment, PaymentAllocation, Refund, RefundLine
from shop.payment.refund_quotes import refundable
from shop.payment.states import AttemptState, RefundState


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """An attempt to pay, as pages show it."""

    attempt_no: str
    gateway: str
    amount_minor: int
    state: AttemptState
    flag: str
    reference: str
    provider_id: str | None
    created_at: datetime
    paid_at: datetime | None


@dataclass(frozen=True, slots=True)
class RefundRow:
    """A refund, as pages show it. ``lines``: (line public id, units, minor units)."""

    refund_no: str
    amount_minor: int
    delivery_minor: int
    state: RefundState
    reason: str
    note: str
    actor: str
    created_at: datetime
    done_at: datetime | None
    lines: list[tuple[str, int, int]]


@dataclass(frozen=True, slots=True)
class PaymentSummary:
    """What was paid and given back for an order; ``left_minor`` is neither given back nor on its way."""

    paid_minor: int
    refunded_minor: int
    left_minor: int
    attempts: list[AttemptRow]
    refunds: list[RefundRow]


def of_order(order_id: int) -> PaymentSummary:
    """All money of one order, in six statements."""
    paid, refunded = ledger.sums(order_id)
    rows = db.session.scalars(
        select(Payment)
        .join(PaymentAllocation, PaymentAllocation.payment_id == Payment.id)
        .where(PaymentAllocation.order_id == order_id)
        .order_by(Payment.id)
    )
    attempts = [
        AttemptRow(
            p.attempt_no,
            p.gateway,
            p.amount_minor,
            AttemptState(p.state),
            p.flag,
            p.reference,
            p.provider_id,
            p.created_at,
            p.paid_at,
        )
        for p in rows
    ]
    parts: dict[int, list[tuple[str, int, int]]] = {}
    for refund_id, line, units, amount in db.session.execute(
        select(
            RefundLine.refund_id, OrderLine.public_id, RefundLine.quantity, RefundLine.amount_minor
        )
        .join(OrderLine, OrderLine.id == RefundLine.line_id)
        .where(OrderLine.order_id == order_id)
        .order_by(RefundLine.id)
    ):
        parts.setdefault(refund_id, []).append((line, units, amount))
    refunds = [
        RefundRow(
            r.refund_no,
            r.amount_minor,
            r.delivery_minor,
            RefundState(r.state),
            r.reason,
            r.note,
            r.actor,
            r.created_at,
            r.done_at,
            parts.get(r.id, []),
        )
        for r in db.session.scalars(
            select(Refund).where(Refund.order_id == order_id).order_by(Refund.id)
        )
    ]
    return PaymentSummary(paid, refunded, refundable(order_id), attempts, refunds)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A checkout on its way to being paid. ``result``: waiting, confirming, paid, expired, refunded."""

    checkout_id: int
    token: str
    user_id: int | None
    currency: str
    total_minor: int
    method: str
    result: str
    expires_at: datetime | None
    orders: list[str]
    attempt: AttemptRow | None
    redirect_url: str | None
    payment_id: int | None


def waiting(token: str) -> Waiting | None:
    """Where the payment of a checkout stands, in three statements."""
    checkout = db.session.scalar(select(Checkout).where(Checkout.token == token))
    if checkout is None:
        return None
    orders = db.session.scalars(
        select(Order).where(Order.checkout_id == checkout.id).order_by(Order.id)
    ).all()
    live = db.session.scalars(
        select(Payment).where(Payment.checkout_id == checkout.id).order_by(Payment.id.desc())
    ).all()
    payment = next(
        (p for p in live if p.state == AttemptState.PAID and p.flag != ledger.SURPLUS), None
    )
    payment = payment or next((p for p in live if p.state in LIVE), None)
    due = [row for row in orders if row.state == OrderState.OPEN]
    unpaid = [row for row in due if row.payment_state == PaymentState.UNPAID]
    expiries = [row.expires_at for row in unpaid if row.expires_at is not None]
    expires_at = min(expiries) if expiries else None
    return Waiting(
        checkout_id=checkout.id,
        token=checkout.token,
        user_id=checkout.user_id,
        currency=checkout.currency,
        total_minor=sum(row.total_minor for row in unpaid) or checkout.total_minor,
        method=checkout.method,
        result=_result(list(orders), unpaid, payment, expires_at),
        expires_at=expires_at,
        orders=[row.number for row in orders],
        attempt=(
            AttemptRow(
                payment.attempt_no,
                payment.gateway,
                payment.amount_minor,
                AttemptState(payment.state),
                payment.flag,
                payment.reference,
                payment.provider_id,
                payment.created_at,
                payment.paid_at,
            )
            if payment
            else None
        ),
        redirect_url=payment.redirect_url if payment else None,
        payment_id=payment.id if payment else None,
    )


def _result(
    orders: list[Order], unpaid: list[Order], payment: Payment | None, expires_at: datetime | None
) -> str:
    if all(row.state == OrderState.CANCELLED for row in orders):
        return "refunded" if any(row.paid_at for row in orders) else "expired"
    if not unpaid:
        return "paid"
    if expires_at is not None and expires_at <= clock.now():
        return "expired"
    return (
        "confirming" if payment is not None and payment.state == AttemptState.UNKNOWN else "waiting"
    )


def due_for_query(limit: int = 100) -> list[int]:
    """Attempts that wait for news and are to be asked about now, longest waiting first."""
    return list(
        db.session.scalars(
            select(Payment.id)
            .where(
                Payment.state.in_(LIVE),
                Payment.next_query_at <= clock.now(),
                Payment.gateway != "cod",
            )
            .order_by(Payment.next_query_at)
            .limit(limit)
        )
    )


def due_refunds(limit: int = 100) -> list[int]:
    """Refunds to be submitted or asked about now."""
    states = [
        RefundState.CREATED,
        RefundState.SUBMITTED,
        RefundState.UNKNOWN,
        RefundState.PROCESSING,
    ]
    return list(
        db.session.scalars(
            select(Refund.id)
            .where(Refund.state.in_(states), Refund.next_try_at <= clock.now())
            .order_by(Refund.next_try_at)
            .limit(limit)
        )
    )


def tasks(store_ids: Sequence[int]) -> int:
    """Refunds of some stores that a person must look at, and attempts flagged for a wrong amount."""
    stuck = (
        select(func.count())
        .select_from(Refund)
        .join(Order, Order.id == Refund.order_id)
        .where(
            Order.store_id.in_(store_ids),
            Refund.state.in_([RefundState.ABNORMAL, RefundState.FAILED]),
        )
    )
    flagged = (
        select(func.count())
        .select_from(Payment)
        .join(PaymentAllocation, PaymentAllocation.payment_id == Payment.id)
        .join(Order, Order.id == PaymentAllocation.order_id)
        .where(Order.store_id.in_(store_ids), Payment.flag == "amount")
    )
    return (db.session.scalar(stuck) or 0) + (db.session.scalar(flagged) or 0)


def is_wanted(payment_id: int) -> bool:
    """Whether some order of the attempt is still open and unpaid."""
    wanted = (
        select(Order.id)
        .join(PaymentAllocation, PaymentAllocation.order_id == Order.id)
        .where(
            PaymentAllocation.payment_id == payment_id,
            Order.state == OrderState.OPEN,
            Order.payment_state == PaymentState.UNPAID,
        )
        .limit(1)
    )
    return db.session.scalar(wanted) is not None


def live_attempts(order_id: int) -> list[int]:
    """Attempts for an order of which it is not known how they end; without those paid at the door."""
    return list(
        db.session.scalars(
            select(Payment.id)
            .join(PaymentAllocation, PaymentAllocation.payment_id == Payment.id)
            .where(
                PaymentAllocation.order_id == order_id,
                Payment.state.in_(LIVE),
                Payment.gateway != "cod",
            )
            .order_by(Payment.id)
        )
    )


def refund_state(refund_id: int) -> RefundState:
    """Where a refund stands."""
    return RefundState(
        db.session.execute(select(Refund.state).where(Refund.id == refund_id)).scalar_one()
    )


def refund_id(refund_no: str) -> int | None:
    """The id of a refund by its number."""
    return db.session.scalar(select(Refund.id).where(Refund.refund_no == refund_no))
