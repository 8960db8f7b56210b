"""What pages and rules ask of stock. Every function runs a fixed number of statements."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select

from shop.catalog.bundle_models import BundlePart
from shop.catalog.models import Product, ProductTranslation, Variant
from shop.core.db import db
from shop.core.lookups import Lookup, Rows, askable, number
from shop.inventory.models import Location, StockLevel, StockMovement

FREE = StockLevel.on_hand + StockLevel.backorder_limit - StockLevel.reserved
"""Units of a level that can be sold."""


_AVAILABILITY = (
    select(Variant.id, Variant.tracked, func.coalesce(func.sum(FREE), 0).label("free"))
    .outerjoin(StockLevel, StockLevel.variant_id == Variant.id)
    .where(Variant.id.in_(bindparam("variants", expanding=True)))
    .group_by(Variant.id, Variant.tracked)
)


def availability(variant_ids: Collection[int]) -> dict[int, int | None]:
    """How many units of each variant can be bought now; None for untracked ones (no limit)."""
    if not variant_ids:
        return {}
    rows = db.session.execute(_AVAILABILITY, {"variants": list(variant_ids)})
    found = {row.id: max(0, int(row.free)) if row.tracked else None for row in rows}
    return found | of_bundles([vid for vid, left in found.items() if left is None])


def of_bundles(variant_ids: Collection[int]) -> dict[int, int | None]:
    """How many units of those that are bundles their parts allow: the scarcest part decides, one that is
    not counted never does. No statement for nothing, else one."""
    if not variant_ids:
        return {}
    rows = db.session.execute(
        select(
            BundlePart.bundle_id,
            BundlePart.quantity,
            Variant.tracked,
            func.coalesce(func.sum(FREE), 0).label("free"),
        )
        .join(Variant, Variant.id == BundlePart.part_id)
        .outerjoin(StockLevel, StockLevel.variant_id == Variant.id)
        .where(BundlePart.bundle_id.in_(variant_ids))
        .group_by(BundlePart.id, BundlePart.bundle_id, BundlePart.quantity, Variant.tracked)
    )
    found: dict[int, int | None] = {}
    for row in rows:
        before = found.setdefault(row.bundle_id, None)
        if row.tracked:
            allowed = max(0, int(row.free)) // row.quantity
            found[row.bundle_id] = allowed if before is None else min(before, allowed)
    return found


def is_bundle(variant_id: int) -> bool:
    """Whether the variant consists of parts."""
    query = select(BundlePart.id).where(BundlePart.bundle_id == variant_id).limit(1)
    return db.session.scalar(query) is not None


def is_tracked(variant_id: int) -> bool:
    """Whether stock is kept for the variant."""
    return bool(db.session.scalar(select(Variant.tracked).where(Variant.id == variant_id)))


def reserved(variant_id: int, location_id: int) -> int:
    """Units promised at a location."""
    return (
        db.session.scalar(
            select(StockLevel.reserved).where(
                StockLevel.variant_id == variant_id, StockLevel.location_id == location_id
            )
        )
        or 0
    )


def on_hand(variant_id: int, location_id: int) -> int:
    """Units that lie at a location."""
    return (
        db.session.scalar(
            select(StockLevel.on_hand).where(
                StockLevel.variant_id == variant_id, StockLevel.location_id == location_id
            )
        )
        or 0
    )


@dataclass(frozen=True, slots=True)
class LevelRow:
    """A line of the inventory matrix."""

    variant_id: int
    variant_public_id: str
    product_public_id: str
    title: str
    sku: str
    location_id: int
    location: str
    on_hand: int
    reserved: int
    available: int
    threshold: int | None
    low: bool


@askable
def levels(
    store_ids: Sequence[int],
    locale: str,
    *,
    q: str = "",
    low_only: bool = False,
    variant_ids: Collection[int] | None = None,
    limit: int = 200,
    offset: int = 0,
) -> Lookup[list[LevelRow]]:
    """The stock of some stores, by title; filtered by words in title or SKU, or to what runs low."""
    title = (
        select(ProductTranslation.title)
        .where(ProductTranslation.product_id == Product.id)
        .order_by((ProductTranslation.locale != locale), ProductTranslation.locale)
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(
            Variant.id,
            Variant.public_id,
            Product.public_id.label("product"),
            title.label("title"),
            Variant.sku,
            Location.id.label("location_id"),
            Location.name,
            StockLevel.on_hand,
            StockLevel.reserved,
            StockLevel.threshold,
        )
        .join(Variant, Variant.id == StockLevel.variant_id)
        .join(Product, Product.id == Variant.product_id)
        .join(Location, Location.id == StockLevel.location_id)
        .where(Location.store_id.in_(store_ids), Variant.archived_at.is_(None))
        .order_by(title, Variant.position, Location.priority)
        .limit(limit)
        .offset(offset)
    )
    if q:
        pattern = "%" + q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        query = query.where(
            title.ilike(pattern, escape="\\") | Variant.sku.ilike(pattern, escape="\\")
        )
    if low_only:
        query = query.where(StockLevel.on_hand - StockLevel.reserved <= StockLevel.threshold)
    if variant_ids is not None:
        query = query.where(Variant.id.in_(variant_ids))
    return Lookup(_level_rows, query)


def _level_rows(rows: Rows) -> list[LevelRow]:
    return [
        LevelRow(
            vid,
            vpub,
            ppub,
            name or "",
            sku,
            lid,
            place,
            on_hand,
            held,
            on_hand - held,
            threshold,
            threshold is not None and on_hand - held <= threshold,
        )
        for vid, vpub, ppub, name, sku, lid, place, on_hand, held, threshold in rows
    ]


@askable
def low_stock_count(store_ids: Sequence[int]) -> Lookup[int]:
    """How many variants at a location are at or below their threshold."""
    return Lookup(
        number,
        select(func.count().label("many"))
        .select_from(StockLevel)
        .join(Location, Location.id == StockLevel.location_id)
        .join(Variant, Variant.id == StockLevel.variant_id)
        .where(
            Location.store_id.in_(store_ids),
            Variant.archived_at.is_(None),
            StockLevel.on_hand - StockLevel.reserved <= StockLevel.threshold,
        ),
    )


@dataclass(frozen=True, slots=True)
class MovementRow:
    """A line of the stock ledger."""

    id: int
    at: datetime
    sku: str
    title: str
    product_public_id: str
    location: str
    kind: str
    quantity: int
    balance: int
    reason: str
    source: str
    actor: str


def movements(
    store_ids: Sequence[int],
    locale: str,
    *,
    variant_id: int | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[MovementRow]:
    """The ledger of some stores, newest first; ``before`` is the id to go on from."""
    title = (
        select(ProductTranslation.title)
        .where(ProductTranslation.product_id == Product.id)
        .order_by((ProductTranslation.locale != locale), ProductTranslation.locale)
        .limit(1)
        .scalar_subquery()
    )
    m = StockMovement
    query = (
        select(
            m.id,
            m.at,
            Variant.sku,
            title,
            Product.public_id,
            Location.name,
            m.kind,
            m.quantity,
            m.balance,
            m.reason,
            m.source,
            m.actor,
        )
        .join(Variant, Variant.id == m.variant_id)
        .join(Product, Product.id == Variant.product_id)
        .join(Location, Location.id == m.location_id)
        .where(Location.store_id.in_(store_ids))
        .order_by(m.id.desc())
        .limit(limit)
    )
    if variant_id is not None:
        query = query.where(m.variant_id == variant_id)
    if before is not None:
        query = query.where(m.id < before)
    return [MovementRow(*row) for row in db.session.execute(query)]
