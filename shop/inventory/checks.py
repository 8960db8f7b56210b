"""What must hold of stock, whatever happened: for ``flask doctor`` and for tests."""

from sqlalchemy import func, select

from shop.catalog.bundle_models import BundlePart
from shop.catalog.models import ListingRow, Variant
from shop.core.db import db
from shop.inventory import queries
from shop.inventory.models import Reservation, StockLevel, StockMovement


def differences() -> list[str]:
    """Levels, reservations and bundles that do not add up: one sentence each, with ids."""
    return _levels() + _bundles()


def _levels() -> list[str]:
    """Levels that do not equal their ledgers: one sentence each, with ids, for ``flask doctor``."""
    found: list[str] = []
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


def _bundles() -> list[str]:
    """Bundles that contain bundles or keep stock, and listings that say otherwise than the parts."""
    inner = select(BundlePart.bundle_id)
    wrong = [
        f"bundle_part {row.id}: part {row.part_id} of bundle {row.bundle_id} is a bundle itself"
        for row in db.session.scalars(
            select(BundlePart).where(BundlePart.part_id.in_(inner)).order_by(BundlePart.id)
        )
    ]
    kept = db.session.scalars(
        select(Variant.id)
        .where(Variant.id.in_(inner), Variant.tracked.is_(True))
        .order_by(Variant.id)
    )
    wrong += [f"variant {vid}: a bundle, yet stock is kept for it" for vid in kept]
    products = db.session.execute(
        select(ListingRow.product_id, ListingRow.available)
        .where(
            ListingRow.product_id.in_(
                select(Variant.product_id).where(
                    Variant.id.in_(inner), Variant.archived_at.is_(None)
                )
            )
        )
        .order_by(ListingRow.product_id)
    ).all()
    return wrong + [
        f"listing_row {pid}: available is {said}, its bundles' parts say {not said}"
        for pid, said in products
        if queries.product_available(pid) != said
    ]
