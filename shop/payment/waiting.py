"""Where a checkout stands on its way to being paid."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from shop.core import clock
from shop.core.db import db
from shop.order.models import Checkout, Order
from shop.order.states import AWAITING, OrderState, PaymentState
from shop.payment import cards, ledger
from shop.payment.attempts import LIVE
from shop.payment.models import Payment
from shop.payment.queries import AttemptRow, as_row
from shop.payment.states import AttemptState


@dataclass(frozen=True, slots=True)
class Waiting:
    """A checkout on its way to being paid.

    ``result``: waiting, confirming, paid, expired, cancelled (by somebody, before paying), refunded.
    """

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
    qr_text: str | None = None
    """What the code of the attempt says, for those that are paid by scanning."""


def of_checkout(token: str) -> Waiting | None:
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
        (
            p
            for p in live
            if p.state == AttemptState.PAID
            and p.flag != ledger.SURPLUS
            and p.gateway != cards.GATEWAY
        ),
        None,
    )
    # The one that was opened last: who switches back and forth goes on with a number that is there.
    started = [p for p in live if p.state in LIVE]
    payment = payment or max(
        started, key=lambda p: (p.opened_at or p.created_at, p.id), default=None
    )
    due = [row for row in orders if row.state == OrderState.OPEN]
    unpaid = [row for row in due if row.payment_state in AWAITING]
    expiries = [row.expires_at for row in unpaid if row.expires_at is not None]
    expires_at = min(expiries) if expiries else None
    return Waiting(
        checkout_id=checkout.id,
        token=checkout.token,
        user_id=checkout.user_id,
        currency=checkout.currency,
        total_minor=sum(row.due_minor for row in unpaid) or checkout.total_minor,
        method=checkout.method,
        result=_result(list(orders), unpaid, payment, expires_at),
        expires_at=expires_at,
        orders=[row.number for row in orders],
        attempt=as_row(payment) if payment else None,
        redirect_url=payment.redirect_url if payment else None,
        payment_id=payment.id if payment else None,
        qr_text=payment.qr_text if payment else None,
    )


def _result(
    orders: list[Order], unpaid: list[Order], payment: Payment | None, expires_at: datetime | None
) -> str:
    if all(row.state == OrderState.CANCELLED for row in orders):
        late = payment is not None and payment.state == AttemptState.PAID
        came = any(row.paid_at or row.payment_state != PaymentState.UNPAID for row in orders)
        if late or came:
            return "refunded"
        ran_out = all(row.cancel_reason == "expired" for row in orders)
        return "expired" if ran_out else "cancelled"
    if not unpaid:
        return "paid"
    if expires_at is not None and expires_at <= clock.now():
        return "expired"
    return (
        "confirming" if payment is not None and payment.state == AttemptState.UNKNOWN else "waiting"
    )
