"""Mails to people about what they wait for: a variant that is back, news of a wishlist."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from shop.account.models import User
from shop.catalog import queries as catalog
from shop.catalog.views import Card
from shop.core.db import db
from shop.inventory import queries as stock
from shop.inventory import waiting_queries as waiting
from shop.notifications import leaving, links
from shop.notifications.render import Draft, draft

Payload = Mapping[str, Any]


class Change(NamedTuple):
    """A saved product. ``before_minor``: what it cost before its drop, None without one; ``back``: it can
    be bought again."""

    card: Card
    before_minor: int | None
    back: bool


def back_in_stock(payload: Payload) -> list[Draft]:
    """``wait.served``: what somebody waited for can be bought; nothing once it was withdrawn or archived."""
    who = waiting.addressee(payload["wait_id"])
    if who is None:
        return []
    found = catalog.variants_for_cart([who.variant_id], who.locale).get(who.variant_id)
    if found is None or not found.sellable:
        return []
    left = stock.availability([who.variant_id])[who.variant_id]
    leave = links.unsubscribe(leaving.WAIT, who.public_id, who.locale)
    return [
        draft(
            who.email,
            "back_in_stock",
            who.locale,
            unsubscribe=leave,
            variant=found,
            left=left,
            link=links.product(found.product_slug, who.locale, found.public_id),
        )
    ]


def wishlist_changed(payload: Payload) -> list[Draft]:
    """``wishlist.changed``: what costs less or is back, in one mail; nothing to who no longer wants it."""
    user = db.session.get(User, payload["user_id"])
    if user is None or user.disabled_at is not None or not user.wishlist_mails:
        return []
    before = dict(payload["drops"])
    back = set(payload["back"])
    cards = catalog.cards(list(dict.fromkeys([*before, *back])), user.locale)
    changes = [
        Change(card, minor if minor is not None and minor > card.price_minor else None, returned)
        for card in cards
        for minor, returned in [(before.get(card.product_id), card.product_id in back)]
        if returned or (minor is not None and minor > card.price_minor)
    ]
    if not changes:
        return []
    return [
        draft(
            user.email,
            "wishlist_changed",
            user.locale,
            unsubscribe=links.unsubscribe(leaving.WISHLIST, user.public_id, user.locale),
            name=user.display_name or user.username,
            changes=changes,
            link=links.wishlist(user.locale),
        )
    ]
