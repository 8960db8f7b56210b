"""Money outside any provider: cash on delivery, confirmed by staff and audited."""

from sqlalchemy import select

from shop.core import audit, idempotency
from shop.core.db import db
from shop.core.errors import Conflict, Invalid
from shop.order import lock, refusals
from shop.order.models import Order
from shop.order.states import AWAITING, OrderState
from shop.payment import attempts, intake
from shop.payment.models import Payment, PaymentAllocation

COD = "cod"


def open_for(order: Order) -> Payment:
    """The one payment of a cash-on-delivery order: what the courier is to collect."""
    return attempts.new_attempt(
        order.checkout_id, COD, {order.id: order.due_minor}, order.currency, None
    )


def confirm(order_id: int, *, amount_minor: int, reference: str, actor: str, key: str) -> None:
    """Staff have the cash of an order in hand.

    Raises ``Invalid("payment-amount")`` unless it is exactly what is due, ``Conflict`` for an order
    that is closed, paid already, or not to be paid at the door. The same ``key`` counts once.
    """
    if idempotency.begin("offline-payment", key, [order_id, amount_minor, reference]) is not None:
        return
    order = lock.order(order_id)
    if order.method != COD or order.payment_state not in AWAITING:
        raise Conflict("nothing-to-pay")
    if order.state == OrderState.CANCELLED:
        raise Conflict("order-closed", number=order.number)
    payment = db.session.scalars(
        select(Payment)
        .join(PaymentAllocation, PaymentAllocation.payment_id == Payment.id)
        .where(PaymentAllocation.order_id == order_id, Payment.gateway == COD)
    ).one_or_none()
    payment = payment or open_for(order)
    due = payment.amount_minor
    if amount_minor != due:
        raise Invalid("payment-amount", field="amount", due_minor=due, currency=order.currency)
    payment.reference = reference[:120]
    intake.paid(
        intake.Paid(
            COD,
            payment.attempt_no,
            amount_minor,
            "",
            payment.attempt_no,
            detail={"reference": reference[:120]},
        ),
        actor=actor,
    )
    audit.write(
        "payment.confirm",
        f"order {order.number}",
        actor=actor,
        store_id=order.store_id,
        amount_minor=amount_minor,
        reference=reference[:120],
    )
    idempotency.finish("offline-payment", key, payment.attempt_no)


def refused(order_id: int, *, restock: bool, actor: str) -> None:
    """Nobody took the parcel, so nobody pays: the order ends, and with it what the courier was to collect.

    Raises as ``order.refusals.refuse``.
    """
    refusals.refuse(order_id, restock=restock, actor=actor)
    for payment_id in db.session.scalars(
        select(Payment.id)
        .join(PaymentAllocation, PaymentAllocation.payment_id == Payment.id)
        .where(PaymentAllocation.order_id == order_id, Payment.gateway == COD)
    ).all():
        attempts.closed(payment_id)
    order = lock.order(order_id)
    audit.write(
        "order.refused_at_the_door",
        f"order {order.number}",
        actor=actor,
        store_id=order.store_id,
        restock=restock,
    )
