"""Reading money."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from shop.core import clock
from shop.core.db import db
from shop.core.lookups import Lookup, Rows, askable, number
from shop.order.models import Order, OrderLine
from shop.order.states import AWAITING, OrderState
from shop.payment import ledger
from shop.payment.attempts import LIVE
from shop.payment.models import Payment, PaymentAllocation, Refund, RefundLine
from shop.payment.states import BY_HAND, AttemptState, RefundState


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """An attempt to pay, as pages show it."""

    attempt_no: str
    gateway: str
    amount_minor: int
    state: AttemptState
    flag: str
    reference: str
    """What a person wrote down; what a provider calls its page is for its gateway only."""
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
    reference: str = ""
    gateway: str = ""


@dataclass(frozen=True, slots=True)
class PaymentSummary:
    """What was paid and given back for an order; ``left_minor`` is neither given back nor on its way."""

    paid_minor: int
    refunded_minor: int
    left_minor: int
    attempts: list[AttemptRow]
    refunds: list[RefundRow]


@askable
def of_order(order_id: int) -> Lookup[PaymentSummary]:
    """All money of one order."""
    return Lookup(
        _summary,
        ledger.balance(order_id),
        select(
            Payment.attempt_no,
            Payment.gateway,
            Payment.amount_minor,
            Payment.state,
            Payment.flag,
            Payment.reference,
            Payment.provider_id,
            Payment.created_at,
            Payment.paid_at,
        )
        .join(PaymentAllocation, PaymentAllocation.payment_id == Payment.id)
        .where(PaymentAllocation.order_id == order_id)
        .order_by(Payment.id),
        select(
            Refund.id,
            Refund.refund_no,
            Refund.amount_minor,
            Refund.delivery_minor,
            Refund.state,
            Refund.reason,
            Refund.note,
            Refund.actor,
            Refund.created_at,
            Refund.done_at,
            Refund.reference,
            Payment.gateway,
        )
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Refund.order_id == order_id)
        .order_by(Refund.id),
        select(
            RefundLine.refund_id, OrderLine.public_id, RefundLine.quantity, RefundLine.amount_minor
        )
        .join(OrderLine, OrderLine.id == RefundLine.line_id)
        .where(OrderLine.order_id == order_id)
        .order_by(RefundLine.id),
    )


def _summary(balance: Rows, payments: Rows, refunds: Rows, lines: Rows) -> PaymentSummary:
    (sums,) = balance
    parts: dict[int, list[tuple[str, int, int]]] = {}
    for refund_id, line, units, amount in lines:
        parts.setdefault(refund_id, []).append((line, units, amount))
    return PaymentSummary(
        int(sums.paid),
        int(sums.refunded),
        int(sums.left),
        [as_row(row) for row in payments],
        [
            RefundRow(
                row.refund_no,
                row.amount_minor,
                row.delivery_minor,
                RefundState(row.state),
                row.reason,
                row.note,
                row.actor,
                row.created_at,
                row.done_at,
                parts.get(row.id, []),
                row.reference,
                row.gateway,
            )
            for row in refunds
        ],
    )


def as_row(row: Any) -> AttemptRow:
    """A row of ``payment`` as pages show it."""
    return AttemptRow(
        row.attempt_no,
        row.gateway,
        row.amount_minor,
        AttemptState(row.state),
        row.flag,
        "" if row.gateway == "stripe" else row.reference,
        row.provider_id,
        row.created_at,
        row.paid_at,
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
        RefundState.ABNORMAL,
    ]
    return list(
        db.session.scalars(
            select(Refund.id)
            .where(Refund.state.in_(states), Refund.next_try_at <= clock.now())
            .order_by(Refund.next_try_at)
            .limit(limit)
        )
    )


@askable
def tasks(store_ids: Sequence[int]) -> Lookup[int]:
    """Refunds of some stores that a person must look at, and attempts flagged for a wrong amount."""
    stuck = (
        select(func.count().label("many"))
        .select_from(Refund)
        .join(Order, Order.id == Refund.order_id)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(
            Order.store_id.in_(store_ids),
            or_(
                Refund.state.in_([RefundState.ABNORMAL, RefundState.FAILED]),
                and_(Refund.state == RefundState.CREATED, Payment.gateway.in_(BY_HAND)),
            ),
        )
    )
    flagged = (
        select(func.count().label("many"))
        .select_from(Payment)
        .join(PaymentAllocation, PaymentAllocation.payment_id == Payment.id)
        .join(Order, Order.id == PaymentAllocation.order_id)
        .where(Order.store_id.in_(store_ids), Payment.flag == "amount")
    )
    return Lookup(lambda one, other: number(one) + number(other), stuck, flagged)


def is_wanted(payment_id: int) -> bool:
    """Whether some order of the attempt is still open and unpaid."""
    wanted = (
        select(Order.id)
        .join(PaymentAllocation, PaymentAllocation.order_id == Order.id)
        .where(
            PaymentAllocation.payment_id == payment_id,
            Order.state == OrderState.OPEN,
            Order.payment_state.in_(AWAITING),
        )
        .limit(1)
    )
    return db.session.scalar(wanted) is not None


def is_left(payment_id: int) -> bool:
    """Whether the shopper went on to another attempt for the same checkout, opened later."""
    other = aliased(Payment)
    later = (
        select(other.id)
        .join(Payment, Payment.checkout_id == other.checkout_id)
        .where(
            Payment.id == payment_id,
            other.id != payment_id,
            other.state.in_(LIVE),
            other.opened_at > func.coalesce(Payment.opened_at, Payment.created_at),
        )
        .limit(1)
    )
    return db.session.scalar(later) is not None


def left_behind(payment_id: int) -> list[tuple[int, str]]:
    """Id and gateway of the attempts that ``is_left`` says of, now that this one was opened."""
    mine = aliased(Payment)
    return [
        (row.id, row.gateway)
        for row in db.session.execute(
            select(Payment.id, Payment.gateway)
            .join(mine, mine.checkout_id == Payment.checkout_id)
            .where(mine.id == payment_id, Payment.id != payment_id, Payment.state.in_(LIVE))
            .order_by(Payment.id)
        )
    ]


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
