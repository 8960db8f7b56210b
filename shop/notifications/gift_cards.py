"""The mail that brings a gift card's code: the only place where anybody sees it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import current_app

from shop.core.db import db
from shop.core.i18n import pick
from shop.notifications import links
from shop.notifications.render import Draft, draft
from shop.payment import card_codes
from shop.payment.card_models import GiftCard
from shop.payment.card_states import CardState
from shop.store.models import Store


def issued(payload: Mapping[str, Any]) -> list[Draft]:
    """``giftcard.issued``: the code, made again of the shop's secret. Nobody is written to when the card is
    over or has another code by now."""
    card = db.session.get(GiftCard, payload["card_id"])
    if card is None or card.state != CardState.ACTIVE or not card.code_hash or not card.recipient:
        return []
    secret = str(current_app.config["SECRET_KEY"])
    code = card_codes.derived(card.nonce, secret)
    if card_codes.hashed(code, secret) != card.code_hash:  # the secret was changed meanwhile
        return []
    store = db.session.get_one(Store, card.store_id)
    names = {text.locale: text.name for text in store.translations}
    return [
        draft(
            card.recipient,
            "gift_card",
            card.locale,
            timezone=store.timezone,
            store=pick(names, card.locale) or store.slug,
            amount_minor=card.balance_minor,
            currency=card.currency,
            code=card_codes.grouped(code),
            message=card.message,
            # Its last day, not the moment after it.
            expires_at=card.expires_at - timedelta(seconds=1) if card.expires_at else None,
            link=links.home(card.locale),
        )
    ]
