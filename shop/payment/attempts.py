"""Attempts to pay a checkout: one live row per gateway, a number of its own each."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from shop.core import clock, ids
from shop.core.db import db
from shop.core.errors import Conflict, NotFound
from shop.order import lock
from shop.order.models import Checkout, Order
from shop.order.states import AWAITING, OrderState
from shop.payment import ledger
from shop.payment.models import Payment, PaymentAllocation
from shop.payment.states import ATTEMPT, AttemptState

LIVE = (AttemptState.CREATED, AttemptState.PENDING, AttemptState.UNKNOWN)
FIRST_QUERY = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a gateway needs to begin. ``amount_minor`` in minor units of ``currency``."""

    payment_id: int
    attempt_no: str
    gateway: str
    amount_minor: int
    currency: str
    expires_at: datetime | None
    redirect_url: str | None
    reference: str = ""


def begin(checkout_id: int, gateway: str, merchant: str | None = None) -> Attempt:
    """The attempt to pay a checkout through ``gateway``: the live one if there is one, else a new one.

    ``merchant``: whose account takes the money; an attempt that was begun with another is not reused.
    Reusing the live number means that a create which timed out at the provider is not registered
    twice. Raises ``NotFound`` for no checkout and ``Conflict("nothing-to-pay")`` when no order of it
    waits for money, or a part of it came by transfer.
    """
    checkout = db.session.get(Checkout, checkout_id)
    if checkout is None:
        raise NotFound("checkout-missing")
    orders = [row for row in _locked_orders(checkout_id) if _waits(row)]
    if not orders or any(ledger.in_parts(row) for row in orders):
        raise Conflict("nothing-to-pay")
    amount = sum(row.due_minor for row in orders)
    live = db.session.scalar(
        select(Payment)
        .where(
            Payment.checkout_id == checkout_id,
            Payment.gateway == gateway,
            Payment.merchant == merchant,
            Payment.state.in_(LIVE),
            Payment.amount_minor == amount,
        )
        .order_by(Payment.id.desc())
    )
    if live is None:
        expires = [row.expires_at for row in orders if row.expires_at is not None]
        live = new_attempt(
            checkout_id,
            gateway,
            {row.id: row.due_minor for row in orders},
            checkout.currency,
            min(expires) if expires else None,
            merchant,
        )
    return Attempt(
        live.id,
        live.attempt_no,
        live.gateway,
        live.amount_minor,
        live.currency,
        live.expires_at,
        live.redirect_url,
        live.reference,
    )


def new_attempt(
    checkout_id: int,
    gateway: str,
    shares: dict[int, int],
    currency: str,
    expires_at: datetime | None,
    merchant: str | None = None,
) -> Payment:
    """A new attempt with a share for each order (order id → minor units)."""
    payment = Payment(
        attempt_no=ids.attempt_number("XP"),
        checkout_id=checkout_id,
        gateway=gateway,
        merchant=merchant,
        amount_minor=sum(shares.values()),
        currency=currency,
        expires_at=expires_at,
        next_query_at=clock.now() + FIRST_QUERY,
    )
    db.session.add(payment)
    db.session.flush()  # its allocations name its id
    for order_id, share in sorted(shares.items()):
        db.session.add(
            PaymentAllocation(payment_id=payment.id, order_id=order_id, amount_minor=share)
        )
    return payment


def opened(
    payment_id: int, redirect_url: str | None, qr_text: str | None = None, reference: str = ""
) -> None:
    """The provider (or we, by signing) opened the attempt; the shopper can go and pay."""
    _move(payment_id, AttemptState.PENDING, redirect_url=redirect_url)
    db.session.execute(
        update(Payment)
        .where(Payment.id == payment_id)
        .values(
            redirect_url=redirect_url, qr_text=qr_text, reference=reference, opened_at=clock.now()
        )
    )


def unsure(payment_id: int) -> None:
    """The provider's answer is unknown: neither paid nor failed until a query says so."""
    _move(payment_id, AttemptState.UNKNOWN)


def closed(payment_id: int) -> bool:
    """The attempt can no longer be paid; False when it moved on meanwhile (for instance, was paid)."""
    return _move(payment_id, AttemptState.CLOSED, next_query_at=None)


def failed(payment_id: int) -> bool:
    """The provider refused to open it."""
    return _move(payment_id, AttemptState.FAILED, next_query_at=None)


def queried(payment_id: int, wait: timedelta) -> None:
    """Asked without news: ask again after ``wait``."""
    db.session.execute(
        update(Payment)
        .where(Payment.id == payment_id)
        .values(queried_at=clock.now(), next_query_at=clock.now() + wait)
    )


def _move(payment_id: int, new: AttemptState, **values: object) -> bool:
    moved = db.session.execute(
        update(Payment)
        .where(Payment.id == payment_id, Payment.state.in_(ATTEMPT.sources(new)))
        .values(state=new, **values)
        .returning(Payment.id)
    ).scalar()
    return moved is not None


def _locked_orders(checkout_id: int) -> list[Order]:
    order_ids = db.session.scalars(
        select(Order.id).where(Order.checkout_id == checkout_id).order_by(Order.id)
    ).all()
    return [lock.order(order_id) for order_id in order_ids]


def _waits(row: Order) -> bool:
    return (
        row.state == OrderState.OPEN
        and row.payment_state in AWAITING
        and row.due_minor > 0
        and (row.expires_at is None or row.expires_at > clock.now())
    )
