"""Stock that an import booked, taken back by movements of its own: the ledger only grows."""

from sqlalchemy import select

from shop.catalog.models import Variant
from shop.core.db import db
from shop.inventory.levels import hold
from shop.inventory.models import StockLevel
from shop.inventory.services import adjust, keep_available


def levels(product_id: int) -> dict[tuple[int, int], int]:
    """(variant id, location id) → units on hand, of every variant of a product."""
    rows = db.session.execute(
        select(StockLevel.variant_id, StockLevel.location_id, StockLevel.on_hand)
        .join(Variant, Variant.id == StockLevel.variant_id)
        .where(Variant.product_id == product_id)
    )
    return {(row.variant_id, row.location_id): row.on_hand for row in rows}


def reverse(product_id: int, moved: list[list[int]], *, reason: str, actor: str) -> None:
    """Take back ``[variant id, location id, units added]``, each as far as it is still there and free:
    what was sold since stays sold, what is reserved stays promised."""
    hold([variant_id for variant_id, _, _ in moved])
    for variant_id, location_id, added in moved:
        level = db.session.execute(
            select(StockLevel.on_hand, StockLevel.reserved)
            .join(Variant, Variant.id == StockLevel.variant_id)
            .where(
                StockLevel.variant_id == variant_id,
                StockLevel.location_id == location_id,
                Variant.tracked.is_(True),
            )
        ).one_or_none()
        if level is None:
            continue
        delta = -min(added, max(level.on_hand - level.reserved, 0))
        if delta:
            adjust(variant_id, location_id, delta, reason=reason, actor=actor)
    keep_available(product_id)
