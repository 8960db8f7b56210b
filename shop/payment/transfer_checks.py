"""What must hold of offline money: for ``flask doctor`` and for tests."""

from sqlalchemy import func, select

from shop.core.db import db
from shop.order.models import Order, OrderLine
from shop.order.states import AWAITING
from shop.payment.models import Payment
from shop.payment.states import AttemptState
from shop.payment.transfer_models import BankReceipt, BankReceiptShare
from shop.payment.transfers import TRANSFER


def differences() -> list[str]:
    """Receipts that are not shared out whole, transfers paid by other than what came, and goods that left
    unpaid: a sentence each, with ids."""
    return [*_receipts(), *_payments(), *_sent_unpaid()]


def _receipts() -> list[str]:
    total = func.coalesce(func.sum(BankReceiptShare.amount_minor), 0)
    rows = db.session.execute(
        select(BankReceipt.id, BankReceipt.amount_minor, total)
        .outerjoin(BankReceiptShare, BankReceiptShare.receipt_id == BankReceipt.id)
        .group_by(BankReceipt.id, BankReceipt.amount_minor)
        .having(BankReceipt.amount_minor != total)
    )
    return [
        f"bank_receipt {rid}: {amount} came, shares sum to {int(real)}"
        for rid, amount, real in rows
    ]


def _payments() -> list[str]:
    came = func.coalesce(func.sum(BankReceiptShare.amount_minor), 0)
    rows = db.session.execute(
        select(Payment.id, Payment.state, Payment.amount_minor, came)
        .outerjoin(BankReceiptShare, BankReceiptShare.payment_id == Payment.id)
        .where(Payment.gateway == TRANSFER)
        .group_by(Payment.id, Payment.state, Payment.amount_minor)
    )
    wrong = []
    for pid, state, amount, real in rows:
        paid = state == AttemptState.PAID
        if (paid and real != amount) or (not paid and real >= amount):
            wrong.append(
                f"payment {pid}: {state} over {amount} by transfer, receipts sum to {int(real)}"
            )
    return wrong


def _sent_unpaid() -> list[str]:
    """Only cash on delivery lets goods leave before the money is there."""
    rows = db.session.execute(
        select(Order.id, Order.number, Order.payment_state)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(
            Order.method != "cod",
            Order.payment_state.in_(AWAITING),
            Order.total_minor > 0,
        )
        .group_by(Order.id, Order.number, Order.payment_state)
        .having(func.sum(OrderLine.shipped) > 0)
    )
    return [
        f"order {oid} ({number}): goods were sent, yet it is {state}" for oid, number, state in rows
    ]
