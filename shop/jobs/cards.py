"""Gift cards: codes for those that came to be without one, and the end of those whose time is over."""

from collections.abc import Mapping
from typing import Any

from flask import current_app

from shop.core.db import db
from shop.core.transaction import transaction
from shop.jobs.context import job
from shop.payment import cards


def write_code(payload: Mapping[str, Any], _delivery_id: int) -> None:
    """``giftcard.uncoded``: a card that replaces another gets its code, which is mailed. Run again, it is the
    same."""
    with transaction():
        cards.write_code(payload["card_id"], secret=str(current_app.config["SECRET_KEY"]))


@job
def expire_cards() -> int:
    """Write down whose time is over, a transaction per card. Harmless to run twice."""
    due = cards.due()
    db.session.rollback()
    done = 0
    for card_id in due:
        with transaction():
            done += cards.expire(card_id)
    return done
