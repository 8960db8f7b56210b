"""Money arrives: what a notify or a query says is applied exactly once.

Locks: the payment's orders first (by id), then the payment, then stock and coupon (architecture §4).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from shop.core import clock, outbox
from shop.core.db import db
from shop.core.errors import Conflict, NotFound
from shop.order import cancellation, goods, lock, timeline
from shop.order.states import AWAITING, OrderState
from shop.payment import ledger, refunds, tenders
from shop.payment.models import Payment, PaymentAllocation, PaymentEvent
from shop.payment.states import ATTEMPT, AttemptState


@dataclass(frozen=True, slots=True)
class Paid:
    """A provider's word, checked for signature and merchant, that an attempt was paid.

    ``event_id`` is unique per fact and gateway; ``amount_minor`` what was really paid. ``tops_up``: it came
    in parts, so its order is partly paid by it already.
    """

    gateway: str
    attempt_no: str
    amount_minor: int
    provider_id: str
    event_id: str
    paid_at: datetime | None = None
    detail: dict[str, Any] | None = None
    currency: str | None = None
    """Told by gateways that take more than one; another one than ours is a wrong amount."""
    tops_up: bool = False


def find(gateway: str, attempt_no: str) -> int | None:
    """The id of an attempt by its number."""
    return db.session.scalar(
        select(Payment.id).where(Payment.gateway == gateway, Payment.attempt_no == attempt_no)
    )


def is_of(gateway: str, attempt_no: str, merchant: str | None) -> bool:
    """Whether an attempt was begun with ``merchant``, or by nobody in particular (or is not ours at all)."""
    kept = db.session.scalar(
        select(Payment.merchant).where(Payment.gateway == gateway, Payment.attempt_no == attempt_no)
    )
    return kept is None or merchant is None or kept == merchant


def paid(news: Paid, *, actor: str) -> bool:
    """Apply ``news``; True when it made the attempt paid, False when that was known or it was flagged.

    A wrong amount pays nothing: it is written down and flagged for a person. A second payment for an
    order that is paid, and money for a cancelled order whose goods are gone, are sent back whole.
    Raises ``NotFound`` for a number that is not ours.
    """
    payment_id = find(news.gateway, news.attempt_no)
    if payment_id is None:
        raise NotFound("payment-missing")
    order_ids = db.session.scalars(
        select(PaymentAllocation.order_id)
        .where(PaymentAllocation.payment_id == payment_id)
        .order_by(PaymentAllocation.order_id)
    ).all()
    orders = [lock.order(order_id) for order_id in order_ids]
    payment = db.session.scalars(
        select(Payment)
        .where(Payment.id == payment_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    told = news.currency or payment.currency
    if (news.amount_minor, told) != (payment.amount_minor, payment.currency):
        other = "" if told == payment.currency else told
        if _write(payment.id, news, "flagged", suffix=f":amount:{news.amount_minor}{other}"):
            payment.flag = "amount"
        return False
    _write(payment.id, news, "paid")
    moved = db.session.execute(
        update(Payment)
        .where(Payment.id == payment.id, Payment.state.in_(ATTEMPT.sources(AttemptState.PAID)))
        .values(
            state=AttemptState.PAID,
            provider_id=news.provider_id or Payment.provider_id,
            paid_at=news.paid_at or clock.now(),
            next_query_at=None,
        )
        .returning(Payment.id)
    ).scalar()
    if moved is None:
        return False
    db.session.refresh(payment)
    owing = all(order.payment_state in AWAITING for order in orders)
    if not owing or (not news.tops_up and any(ledger.in_parts(order) for order in orders)):
        _give_back(payment, list(order_ids), "surplus")
        return True
    if any(order.state == OrderState.CANCELLED for order in orders):
        # All their goods first: reviving one order after another would lock stock after a coupon.
        goods.hold(line for order_id in order_ids for line in lock.lines(order_id))
    for order in orders:
        if order.state == OrderState.CANCELLED and not _revive(order.id, actor):
            timeline.note(order.id, "paid_late", actor=actor, amount_minor=payment.amount_minor)
            ledger.settle(order.id, actor=actor)
            refunds.whole(payment.id, order.id, reason="paid-too-late", actor="system")
            continue
        if order.method == "transfer":  # another way was chosen before the money was sent
            order.method = payment.gateway
        ledger.settle(order.id, actor=actor)
    outbox.record("payment.paid", payment_id=payment.id, amount_minor=payment.amount_minor)
    return True


def _revive(order_id: int, actor: str) -> bool:
    """Take the stock, the coupon and the cards of a cancelled order again; False when something is gone."""
    savepoint = db.session.begin_nested()
    try:
        cancellation.reopen(order_id, actor=actor)
        tenders.take_again(lock.order(order_id), actor=actor)
    except Conflict:
        savepoint.rollback()
        return False
    savepoint.commit()
    return True


def _give_back(payment: Payment, order_ids: list[int], reason: str) -> None:
    payment.flag = ledger.SURPLUS
    db.session.flush()  # the sums of the orders leave it out from here on
    for order_id in order_ids:
        refunds.whole(payment.id, order_id, reason=reason, actor="system")


def _write(payment_id: int, news: Paid, kind: str, suffix: str = "") -> bool:
    """Append the event unless this very fact is written down already."""
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(PaymentEvent)
    written = db.session.execute(
        insert.values(
            payment_id=payment_id,
            gateway=news.gateway,
            provider_event_id=(news.event_id + suffix)[:120],
            kind=kind,
            amount_minor=news.amount_minor,
            detail=news.detail or {},
            at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["gateway", "provider_event_id"])
        .returning(PaymentEvent.id)
    ).scalar()
    return written is not None
