"""Gift cards and balances, made through the services."""

from datetime import datetime

from sqlalchemy import select

from shop.core import ids
from shop.core.db import db
from shop.core.transaction import transaction
from shop.payment import card_codes, cards
from shop.payment.card_models import GiftCard, GiftCardEntry

SECRET = "tests-only-" + "x" * 40
"""As ``conftest.settings`` has it."""


def make_card(
    store_id: int,
    amount_minor: int = 5000,
    *,
    currency: str = "CNY",
    expires_at: datetime | None = None,
    recipient: str = "friend@example.com",
    message: str = "",
) -> str:
    """A card that was issued; returns its public id."""
    with transaction():
        return cards.issue(
            store_id,
            amount_minor,
            currency,
            recipient=recipient,
            message=message,
            locale="en",
            expires_at=expires_at,
            actor="u:1",
            reason="",
            key=ids.token(),
            secret=SECRET,
        )


def code_of(public_id: str) -> str:
    """The code that its mail tells."""
    return card_codes.derived(card(public_id).nonce, SECRET)


def kept_as(public_id: str) -> list[str]:
    """What the checkout form asks by: the hashes of the code."""
    return card_codes.hashes(code_of(public_id), [SECRET])


def give_balance(
    store_id: int, user_id: int, amount_minor: int = 5000, currency: str = "CNY"
) -> str:
    """Credit a member; returns the public id of the balance."""
    with transaction():
        cards.credit(
            store_id, user_id, amount_minor, currency, actor="u:1", reason="Sorry", key=ids.token()
        )
    db.session.rollback()
    return db.session.scalars(
        select(GiftCard.public_id).where(GiftCard.store_id == store_id, GiftCard.user_id == user_id)
    ).one()


def card(public_id: str) -> GiftCard:
    """A card as it is now."""
    db.session.rollback()
    return db.session.scalars(select(GiftCard).where(GiftCard.public_id == public_id)).one()


def entries(public_id: str) -> list[tuple[str, int]]:
    """What moved on a card: kind and minor units, in order."""
    found = db.session.execute(
        select(GiftCardEntry.kind, GiftCardEntry.amount_minor)
        .where(GiftCardEntry.card_id == card(public_id).id)
        .order_by(GiftCardEntry.id)
    )
    return [(kind, amount) for kind, amount in found]
