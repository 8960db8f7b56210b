"""What must hold of gift cards and balances: for ``flask doctor`` and for tests."""

from sqlalchemy import case, func, or_, select

from shop.core.db import db
from shop.order.models import Order
from shop.order.states import OrderState
from shop.order.sums import unequal
from shop.payment import cards, ledger
from shop.payment.card_models import GiftCard, GiftCardEntry
from shop.payment.card_states import EntryKind
from shop.payment.models import Payment, PaymentAllocation, Refund
from shop.payment.states import AttemptState


def differences() -> list[str]:
    """Cards, payments by card and refunds to cards that do not agree: a sentence each, with ids."""
    return [*_balances(), *_paid(), *_returned(), *_tendered()]


def _balances() -> list[str]:
    mine = GiftCardEntry.card_id == GiftCard.id
    rows = unequal(
        (GiftCard.id,), GiftCard.balance_minor, GiftCardEntry.amount_minor, GiftCardEntry, mine
    )
    return [f"gift_card {cid}: balance {kept}, entries sum to {real}" for cid, kept, real in rows]


def _paid() -> list[str]:
    """Every payment by card was taken from one, and nothing else was."""
    rows = db.session.execute(
        select(Payment.id, Payment.amount_minor, func.coalesce(-GiftCardEntry.amount_minor, 0))
        .outerjoin(GiftCardEntry, GiftCardEntry.payment_id == Payment.id)
        .where(
            Payment.state == AttemptState.PAID,
            or_(Payment.gateway == cards.GATEWAY, GiftCardEntry.id.is_not(None)),
            or_(
                Payment.gateway != cards.GATEWAY,
                func.coalesce(-GiftCardEntry.amount_minor, 0) != Payment.amount_minor,
            ),
        )
    )
    wrong = [
        f"payment {pid}: {amount} by gift card, its entry took {taken}"
        for pid, amount, taken in rows
    ]
    loose = db.session.scalars(
        select(GiftCardEntry.id).where(
            (GiftCardEntry.kind == EntryKind.PAID) != GiftCardEntry.payment_id.is_not(None)
        )
    )
    return wrong + [f"gift_card_entry {eid}: paid without a payment" for eid in loose]


def _returned() -> list[str]:
    """Every refund of a payment by card was put on one."""
    rows = db.session.execute(
        select(Refund.id, Refund.amount_minor, func.coalesce(GiftCardEntry.amount_minor, 0))
        .join(Payment, Payment.id == Refund.payment_id)
        .outerjoin(GiftCardEntry, GiftCardEntry.refund_id == Refund.id)
        .where(
            Payment.gateway == cards.GATEWAY,
            Refund.state.in_(ledger.RETURNED),
            func.coalesce(GiftCardEntry.amount_minor, 0) != Refund.amount_minor,
        )
    )
    return [
        f"refund {rid}: {amount} to a gift card, its entry gave {given}"
        for rid, amount, given in rows
    ]


def _tendered() -> list[str]:
    """What an order says that cards paid of it is what they paid; of one that ended unpaid they have it
    back."""
    by_card = (Payment.gateway == cards.GATEWAY) & (Payment.flag != ledger.SURPLUS)
    paid = func.coalesce(func.sum(case((by_card, PaymentAllocation.amount_minor), else_=0)), 0)
    rows = db.session.execute(
        select(Order.id, Order.number, Order.state, Order.paid_at, Order.tendered_minor, paid)
        .outerjoin(PaymentAllocation, PaymentAllocation.order_id == Order.id)
        .outerjoin(Payment, Payment.id == PaymentAllocation.payment_id)
        .group_by(Order.id, Order.number, Order.state, Order.paid_at, Order.tendered_minor)
        .having(or_(Order.tendered_minor != 0, paid != 0))
    )
    wrong = []
    for oid, number, state, paid_at, kept, real in rows:
        ended = state == OrderState.CANCELLED and paid_at is None
        if real != (0 if ended else kept):
            wrong.append(f"order {oid} ({number}): {kept} by gift cards, payments say {real}")
    return wrong
