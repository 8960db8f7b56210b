"""Cards and balances as a tender: they pay their share of an order when it is placed, and have it back when
the order ends before all of it was paid. docs/adr/0048 says why.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from shop.core import clock
from shop.core.db import db
from shop.core.errors import Conflict
from shop.order import lock, timeline
from shop.order.models import Order
from shop.payment import attempts, cards, ledger, refunds
from shop.payment.card_models import GiftCard, GiftCardEntry
from shop.payment.card_offers import Share, offer
from shop.payment.card_states import EntryKind
from shop.payment.models import Payment, PaymentAllocation, PaymentEvent
from shop.payment.states import AttemptState


def pay(
    orders: Mapping[int, Order],
    currency: str,
    *,
    user_id: int | None,
    codes: Sequence[str] | None,
    use_balance: bool,
    expected_due_minor: int | None,
    actor: str,
) -> None:
    """Let the shopper's card and balance pay their share of new orders (store id → order).

    Raises ``Invalid`` for a code that does not pay, and ``Conflict("total-changed")`` when what remains is
    not ``expected_due_minor``, the amount that the button said.
    """
    totals = {store_id: order.total_minor for store_id, order in orders.items()}
    found = offer(
        totals, currency, user_id=user_id, codes=codes, use_balance=use_balance, lock=True
    )
    if found.problem is not None:
        raise found.problem
    due = sum(totals.values()) - found.paid_minor
    if expected_due_minor not in (None, due):
        raise Conflict(
            "total-changed", old_minor=expected_due_minor, new_minor=due, currency=currency
        )
    for share in found.shares:
        take(orders[share.store_id], share, actor=actor)


def take(order: Order, share: Share, *, actor: str) -> None:
    """One card pays its share of an order. Raises ``Conflict("card-short")`` when it cannot any more."""
    order.tendered_minor += share.amount_minor
    if order.tendered_minor == order.total_minor:
        order.method = cards.GATEWAY  # nothing is left for any other
    _book(order, share.card_id, share.amount_minor, share.last_four, actor)


def take_again(order: Order, *, actor: str) -> None:
    """A cancelled order lives again, for its other money came late: its cards pay their share once more.

    Raises ``Conflict("card-short")`` when that is gone: the other money then goes back.
    """
    if not order.tendered_minor or order.paid_at is not None:
        return
    before = db.session.execute(
        select(GiftCardEntry.card_id, Payment.amount_minor, GiftCard.last_four)
        .join(Payment, Payment.id == GiftCardEntry.payment_id)
        .join(PaymentAllocation, PaymentAllocation.payment_id == Payment.id)
        .join(GiftCard, GiftCard.id == GiftCardEntry.card_id)
        .where(PaymentAllocation.order_id == order.id)
        .order_by(Payment.id)
    ).all()
    latest = {card_id: (amount, last_four) for card_id, amount, last_four in before}
    for card_id, (amount, last_four) in sorted(latest.items()):
        _book(order, card_id, amount, last_four, actor)


def release(order_id: int, *, actor: str) -> list[str]:
    """An order ended before all of it was paid: the share of its cards goes back, once. Returns the numbers
    of the refunds. Nothing for an order that was paid whole: that is a refund like any other."""
    order = lock.order(order_id)
    if order.paid_at is not None:
        return []
    payments = db.session.scalars(
        select(Payment)
        .join(PaymentAllocation, PaymentAllocation.payment_id == Payment.id)
        .where(
            PaymentAllocation.order_id == order_id,
            Payment.gateway == cards.GATEWAY,
            Payment.state == AttemptState.PAID,
            Payment.flag != ledger.SURPLUS,
        )
        .order_by(Payment.id)
    ).all()
    for payment in payments:
        payment.flag = ledger.SURPLUS  # it counts for the order no longer
    db.session.flush()  # the sums of the order leave it out from here on
    begun = [refunds.whole(one.id, order_id, reason="cancelled", actor=actor) for one in payments]
    return [number for number in begun if number is not None]


def _book(order: Order, card_id: int, amount: int, last_four: str, actor: str) -> None:
    payment = attempts.new_attempt(
        order.checkout_id, cards.GATEWAY, {order.id: amount}, order.currency, None
    )
    payment.state, payment.paid_at, payment.next_query_at = AttemptState.PAID, clock.now(), None
    payment.reference = last_four
    if not cards.move(card_id, -amount, EntryKind.PAID, actor=actor, payment_id=payment.id):
        raise Conflict("card-short")
    db.session.add(
        PaymentEvent(
            payment_id=payment.id,
            gateway=cards.GATEWAY,
            provider_event_id=f"paid:{payment.attempt_no}",
            kind="paid",
            amount_minor=amount,
        )
    )
    timeline.note(order.id, "tendered", actor=actor, amount_minor=amount, last_four=last_four)
    ledger.settle(order.id, actor=actor)
