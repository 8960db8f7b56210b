"""What pages and rules ask of stock. Every function runs a fixed number of statements."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select

from shop.catalog.models import Product, ProductTranslation, Variant
from shop.core.db import db
from shop.inventory.models import Location, Reservation, StockLevel, StockMovement

_FREE = StockLevel.on_hand + StockLevel.backorder_limit - StockLevel.reserved


_AVAILABILITY = (
    select(Variant.id, Variant.tracked, func.coalesce(func.sum(_FREE), 0).label("free"))
    .outerjoin(StockLevel, StockLevel.variant_id == Variant.id)
    .where(Variant.id.in_(bindparam("variants", expanding=True)))
    .group_by(Variant.id, Variant.tracked)
)


def availability(variant_ids: Collection[int]) -> dict[int, int | None]:
    """How many units of each variant can be bought now; None for untracked ones (no limit)."""
    if not variant_ids:
        return {}
    rows = db.session.execute(_AVAILABILITY, {"variants": list(variant_ids)})
    return {row.id: max(0, int(row.free)) if row.tracked else None for row in rows}


def is_tracked(variant_id: int) -> bool:
    """Whether stock is kept for the variant."""
    return bool(db.session.scalar(select(Variant.tracked).where(Variant.id == variant_id)))


def product_of(variant_id: int) -> int:
    """The product of a variant."""
    return db.session.execute(
        select(Variant.product_id).where(Variant.id == variant_id)
    ).scalar_one()


def product_available(product_id: int) -> bool:
    """Whether at least one variant of the product can be bought."""
    untracked = select(Variant.id).where(
        Variant.product_id == product_id, Variant.archived_at.is_(None), Variant.tracked.is_(False)
    )
    stocked = (
        select(StockLevel.id)
        .join(Variant, Variant.id == StockLevel.variant_id)
        .where(Variant.product_id == product_id, Variant.archived_at.is_(None), _FREE > 0)
    )
    return bool(db.session.scalar(select(untracked.exists() | stocked.exists())))


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


def levels(
    store_ids: Sequence[int],
    locale: str,
    *,
    q: str = "",
    low_only: bool = False,
    variant_ids: Collection[int] | None = None,
    limit: int = 200,
    offset: int = 0,
) -> list[LevelRow]:
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
            Product.public_id,
            title,
            Variant.sku,
            Location.id,
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
    rows = db.session.execute(query)
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


def low_stock_count(store_ids: Sequence[int]) -> int:
    """How many variants at a location are at or below their threshold."""
    return (
        db.session.scalar(
            select(func.count())
            .select_from(StockLevel)
            .join(Location, Location.id == StockLevel.location_id)
            .join(Variant, Variant.id == StockLevel.variant_id)
            .where(
                Location.store_id.in_(store_ids),
                Variant.archived_at.is_(None),
                StockLevel.on_hand - StockLevel.reserved <= StockLevel.threshold,
            )
        )
        or 0
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


def differences() -> list[str]:
    """Levels that do not equal their ledgers: one sentence each, with ids, for ``flask doctor``."""
    found = []
    moved = (
        select(
            StockMovement.variant_id,
            StockMovement.location_id,
            func.sum(StockMovement.quantity).label("total"),
        )
        .group_by(StockMovement.variant_id, StockMovement.location_id)
        .subquery()
    )
    for row in db.session.execute(
        select(
            StockLevel.id,
            StockLevel.variant_id,
            StockLevel.location_id,
            StockLevel.on_hand,
            func.coalesce(moved.c.total, 0).label("total"),
        )
        .outerjoin(
            moved,
            (moved.c.variant_id == StockLevel.variant_id)
            & (moved.c.location_id == StockLevel.location_id),
        )
        .where(StockLevel.on_hand != func.coalesce(moved.c.total, 0))
    ):
        found.append(
            f"stock_level {row.id}: on hand {row.on_hand}, movements of variant {row.variant_id} at "
            f"location {row.location_id} sum to {row.total}"
        )
    held = (
        select(
            Reservation.variant_id,
            Reservation.location_id,
            func.sum(Reservation.quantity).label("total"),
        )
        .where(Reservation.state == "open")
        .group_by(Reservation.variant_id, Reservation.location_id)
        .subquery()
    )
    for row in db.session.execute(
        select(
            StockLevel.id,
            StockLevel.variant_id,
            StockLevel.location_id,
            StockLevel.reserved,
            func.coalesce(held.c.total, 0).label("total"),
        )
        .outerjoin(
            held,
            (held.c.variant_id == StockLevel.variant_id)
            & (held.c.location_id == StockLevel.location_id),
        )
        .where(StockLevel.reserved != func.coalesce(held.c.total, 0))
    ):
        found.append(
            f"stock_level {row.id}: reserved {row.reserved}, open reservations of variant "
            f"{row.variant_id} at location {row.location_id} sum to {row.total}"
        )
    return found
