"""Making, changing and ending promotions."""

from typing import Any

from sqlalchemy import insert, true, update
from sqlalchemy.exc import IntegrityError

from shop.campaigns import validation
from shop.campaigns.data import PromotionData
from shop.campaigns.guards import lives, of_store, refuse_promotion
from shop.campaigns.models import Promotion
from shop.core import audit, clock, ids
from shop.core.db import db
from shop.core.errors import Invalid
from shop.store import queries as stores


def create_promotion(data: PromotionData, *, actor: str, user_id: int | None = None) -> Promotion:
    """Make a spend-and-save promotion. Raises ``Invalid`` with the field to mend."""
    promotion_id = db.session.scalar(
        insert(Promotion)
        .values(
            **_values(data),
            public_id=ids.public_id(),
            store_id=data.store_id,
            kind="spend_and_save",
            created_at=clock.now(),
        )
        .returning(Promotion.id)
    )
    promotion = db.session.get_one(Promotion, promotion_id)
    _audit("create", promotion.public_id, data.store_id, actor, user_id)
    return promotion


def update_promotion(
    promotion_id: int, data: PromotionData, *, actor: str, user_id: int | None = None
) -> None:
    """Change a promotion that was not ended; it stays its store's.

    Raises ``Invalid`` as ``create_promotion``, ``Conflict("promotion-ended")``, ``NotFound``.
    """
    values = _values(data)
    mine = of_store(Promotion.store_id, data.store_id)
    if data.starts_at is None:
        values.pop("starts_at")
    try:
        with db.session.begin_nested():  # an impossible window must not spoil the transaction
            public_id = db.session.scalar(
                update(Promotion)
                .where(Promotion.id == promotion_id, mine, Promotion.ended_at.is_(None))
                .values(**values)
                .returning(Promotion.public_id)
            )
    except IntegrityError as error:
        if "ck_promotion_window" in str(error.orig):
            raise Invalid("ends-before-start", field="ends_at") from error
        raise
    if public_id is None:
        refuse_promotion(promotion_id, mine)
    _audit("update", public_id, data.store_id, actor, user_id)


def end_promotion(promotion_id: int, *, actor: str, user_id: int | None = None) -> None:
    """End a promotion early, now. Raises ``Conflict("promotion-ended")``, ``NotFound``."""
    now = clock.now()
    row = db.session.execute(
        update(Promotion)
        .where(Promotion.id == promotion_id, lives(Promotion, now))
        .values(ended_at=now)
        .returning(Promotion.public_id, Promotion.store_id)
    ).first()
    if row is None:
        refuse_promotion(promotion_id, true())
    _audit("end", row.public_id, row.store_id, actor, user_id)


def _values(data: PromotionData) -> dict[str, Any]:
    now = clock.now()
    validation.promotion(data, now)
    store = stores.get(data.store_id).currency if data.store_id is not None else None
    return {
        "titles": validation.titles(data.titles),
        "currency": validation.currency(data.currency, store),
        "rule": {
            "tiers": [
                {"over_minor": tier.over_minor, "off_minor": tier.off_minor} for tier in data.tiers
            ]
        },
        "priority": data.priority,
        "starts_at": data.starts_at or now,
        "ends_at": data.ends_at,
    }


def _audit(
    verb: str, public_id: str, store_id: int | None, actor: str, user_id: int | None
) -> None:
    audit.write(
        f"promotion.{verb}",
        f"promotion {public_id}",
        actor=actor,
        user_id=user_id,
        store_id=store_id,
    )
