"""What a file of a store's goods says of their stock."""

from collections.abc import Collection

from sqlalchemy import select

from shop.catalog.models import Variant
from shop.core.db import db
from shop.inventory.models import Location, StockLevel


def places(store_id: int) -> dict[str, int]:
    """Name → id of the places of a store, in their order."""
    rows = db.session.execute(
        select(Location.name, Location.id)
        .where(Location.store_id == store_id, Location.archived_at.is_(None))
        .order_by(Location.priority, Location.id)
    )
    return {row.name: row.id for row in rows}


def on_hand(product_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """Variant of these products → units on hand by the name of the place. One statement."""
    found: dict[int, dict[str, int]] = {}
    for row in db.session.execute(
        select(StockLevel.variant_id, Location.name, StockLevel.on_hand)
        .join(Location, Location.id == StockLevel.location_id)
        .join(Variant, Variant.id == StockLevel.variant_id)
        .where(Variant.product_id.in_(product_ids))
    ):
        found.setdefault(row.variant_id, {})[row.name] = row.on_hand
    return found
