"""What follows from any change of stock: short units served, people who wait told, alerts, the lists."""

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import select, update

from shop.catalog import listing_ends
from shop.core import changes, clock, outbox
from shop.core.db import db
from shop.inventory import product_queries, shorts, waiting
from shop.inventory.models import StockLevel


def watch(more: Mapping[tuple[int, int], int]) -> None:
    """After any change: (variant, location) → how many units more than before are free there (fewer: below 0).

    Of what came, the store's short units are promised first, and who waits for the rest is told. The
    merchant is alerted once per crossing of a threshold; the lists' availability is written last in the
    transaction.
    """
    if not more:
        return
    came = {place: units for place, units in more.items() if units > 0}
    owed = shorts.owed({variant_id for variant_id, _ in came})
    for place in sorted(came):
        if place[0] in owed:
            came[place] -= shorts.serve(*place)
    back: dict[int, int] = {}
    for (variant_id, _), units in came.items():
        if units > 0:
            back[variant_id] = back.get(variant_id, 0) + units
    waiting.came_back(back)
    _alert(more)
    keep_available(product_queries.products_of({variant_id for variant_id, _ in more}))


def keep_available(product_ids: Iterable[int]) -> None:
    """Write down, last in the transaction, whether some variant of each product can be bought."""
    product_ids = list(product_ids)
    for product_id in product_ids:
        changes.note("stock", product_id)
    listing_ends.follow_stock(product_ids, product_queries.available)


def _alert(places: Collection[tuple[int, int]]) -> None:
    rows = db.session.execute(
        select(
            StockLevel.id,
            StockLevel.variant_id,
            StockLevel.location_id,
            (StockLevel.on_hand - StockLevel.reserved).label("free"),
            StockLevel.threshold,
            StockLevel.alerted_at,
        )
        .where(
            StockLevel.variant_id.in_({variant_id for variant_id, _ in places}),
            StockLevel.location_id.in_({location_id for _, location_id in places}),
            StockLevel.threshold.is_not(None),
        )
        .order_by(StockLevel.variant_id, StockLevel.location_id)
    ).all()
    for row in rows:
        low = row.free <= row.threshold
        if (row.variant_id, row.location_id) not in places or low == (row.alerted_at is not None):
            continue
        db.session.execute(
            update(StockLevel)
            .where(StockLevel.id == row.id)
            .values(alerted_at=clock.now() if low else None)
        )
        if low:
            outbox.record(
                "stock.low",
                variant_id=row.variant_id,
                location_id=row.location_id,
                available=row.free,
            )
