"""Money goes back to the card or the balance that paid: at once, without anybody to ask."""

from sqlalchemy import select

from shop.core.db import db
from shop.order.models import Order, OrderContact
from shop.payment import cards
from shop.payment.card_models import GiftCardEntry
from shop.payment.card_states import EntryKind
from shop.payment.models import Refund


def give_back(refund: Refund, order: Order) -> None:
    """Put a refund on the card that its payment came from or, when that is over, on what replaces it."""
    card_id = db.session.execute(
        select(GiftCardEntry.card_id).where(GiftCardEntry.payment_id == refund.payment_id)
    ).scalar_one()
    if _put(card_id, refund):
        return
    email = select(OrderContact.email).where(OrderContact.order_id == order.id)
    instead = cards.replacement(
        card_id, order.user_id, db.session.scalar(email) or "", order.locale
    )
    if not _put(instead, refund):
        raise AssertionError("a new card takes money")


def _put(card_id: int, refund: Refund) -> bool:
    return cards.move(
        card_id,
        refund.amount_minor,
        EntryKind.RETURNED,
        actor=refund.actor,
        reason=refund.refund_no,
        refund_id=refund.id,
    )
