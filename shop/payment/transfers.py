"""Bank transfers: a checkout gets a reference that the money carries, and one payment for each order.

One payment per order, not one per checkout, so that money which comes in parts fills one order after
another, and cancelling one leaves the others as they are (docs/adr/0047).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from shop.core import clock, ids, outbox
from shop.core.db import db
from shop.core.errors import Conflict, NotFound
from shop.inventory import reservations
from shop.order import lock, timeline
from shop.order.models import Checkout, Order
from shop.order.states import AWAITING, OrderState
from shop.payment import attempts, ledger
from shop.payment.models import Payment, PaymentAllocation
from shop.payment.states import AttemptState
from shop.payment.transfer_models import BankReceiptShare, BankTransfer

TRANSFER = "transfer"


def begin(checkout_id: int, *, hold: timedelta) -> str:
    """Pay a checkout by bank transfer; returns the reference that the money must carry.

    Asking again gives the same one. The orders wait ``hold`` long for the money, counted from the first
    time, with their stock. Raises ``NotFound`` and ``Conflict("nothing-to-pay")``.
    """
    checkout = db.session.get(Checkout, checkout_id)
    if checkout is None:
        raise NotFound("checkout-missing")
    orders = [row for row in orders_of(checkout_id) if _waits(row)]
    if not orders:
        raise Conflict("nothing-to-pay")
    transfer = _transfer(checkout_id)
    until = transfer.created_at + hold
    for row in orders:
        row.method = TRANSFER
        if not ledger.in_parts(row):
            _keep(row, until)
        _open(row)
    checkout.method = TRANSFER
    checkout.expires_at = max(checkout.expires_at or until, until)
    return transfer.reference


def begin_for(token: str, *, hold: timedelta) -> None:
    """As ``begin``, of the checkout with this token; nothing when there is nothing to pay any more."""
    checkout_id = db.session.scalar(select(Checkout.id).where(Checkout.token == token))
    if checkout_id is not None and any(_waits(row) for row in orders_of(checkout_id)):
        begin(checkout_id, hold=hold)


def remind(order_id: int) -> bool:
    """Tell the shopper once that the time to transfer ends; False when that was done."""
    checkout_id = lock.order(order_id).checkout_id
    reminded = db.session.execute(
        update(BankTransfer)
        .where(BankTransfer.checkout_id == checkout_id, BankTransfer.reminded_at.is_(None))
        .values(reminded_at=clock.now())
        .returning(BankTransfer.id)
    ).scalar()
    if reminded is None:
        return False
    timeline.note(order_id, "transfer_reminded", actor="system")
    outbox.record("transfer.due", order_id=order_id)
    return True


def orders_of(checkout_id: int) -> list[Order]:
    """The orders of a checkout, locked in the order of their ids."""
    order_ids = db.session.scalars(
        select(Order.id).where(Order.checkout_id == checkout_id).order_by(Order.id)
    ).all()
    return [lock.order(order_id) for order_id in order_ids]


def payment_of(order_id: int) -> Payment | None:
    """The payment by transfer of an order, open, closed or paid; what came beyond it is not meant."""
    return db.session.scalars(
        select(Payment)
        .join(PaymentAllocation, PaymentAllocation.payment_id == Payment.id)
        .where(
            PaymentAllocation.order_id == order_id,
            Payment.gateway == TRANSFER,
            Payment.flag != ledger.SURPLUS,
        )
        .order_by(Payment.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    ).one_or_none()


def came_for(payment_id: int) -> int:
    """What came of a payment so far, in minor units."""
    return int(
        db.session.scalar(
            select(func.coalesce(func.sum(BankReceiptShare.amount_minor), 0)).where(
                BankReceiptShare.payment_id == payment_id
            )
        )
        or 0
    )


def wait_until(orders: Sequence[Order], until: datetime) -> None:
    """Let orders wait for the rest of their money at least until a moment."""
    for row in orders:
        _keep(row, until)
        payment = payment_of(row.id)
        if payment is not None:
            payment.expires_at = payment.next_query_at = row.expires_at


def _transfer(checkout_id: int) -> BankTransfer:
    """The transfer of a checkout whose orders are locked, made when there is none."""
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(BankTransfer)
    for _try in range(5):
        found = db.session.scalar(
            select(BankTransfer).where(BankTransfer.checkout_id == checkout_id)
        )
        if found is not None:
            return found
        db.session.execute(
            insert.values(
                checkout_id=checkout_id, reference=ids.transfer_reference(), created_at=clock.now()
            ).on_conflict_do_nothing()
        )
    raise Conflict(
        "payment-unknown"
    )  # five numbers in a row that others had: there are 729 million


def _waits(row: Order) -> bool:
    return (
        row.state == OrderState.OPEN
        and row.method != "cod"
        and row.payment_state in AWAITING
        and row.due_minor > 0
        and (row.expires_at is None or row.expires_at > clock.now())
    )


def _keep(row: Order, until: datetime) -> None:
    """The order and its stock wait at least until a moment."""
    row.expires_at = max(row.expires_at or until, until)
    reservations.wait_until([line.id for line in lock.lines(row.id)], row.expires_at)


def _open(row: Order) -> None:
    """The payment of an order for what it costs now."""
    payment = payment_of(row.id)
    if payment is None or (
        not ledger.in_parts(row)
        and (payment.state not in attempts.LIVE or payment.amount_minor != row.due_minor)
    ):
        payment = attempts.new_attempt(
            row.checkout_id, TRANSFER, {row.id: row.due_minor}, row.currency, row.expires_at
        )
        attempts.opened(payment.id, None)
    # Nobody is asked about it: it is looked at once, when its time is over, to be closed.
    db.session.execute(
        update(Payment)
        .where(Payment.id == payment.id, Payment.state == AttemptState.PENDING)
        .values(expires_at=row.expires_at, next_query_at=row.expires_at, opened_at=clock.now())
    )
