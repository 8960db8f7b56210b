"""What must hold of stock, whatever happened: for ``flask doctor`` and for tests."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, func, select, true

from shop.catalog.bundle_models import BundlePart
from shop.catalog.models import ListingRow, Variant
from shop.core.db import db
from shop.inventory import flow_checks, product_queries
from shop.inventory.models import Reservation, StockLevel, StockMovement

_BATCH = 1_000


def differences() -> list[str]:
    """Levels, reservations, bundles and transfers that do not add up: one sentence each, with ids."""
    return _levels() + _bundles() + _lists() + flow_checks.differences()


def _levels() -> list[str]:
    """Levels that do not equal their ledgers."""
    moved = [
        f"stock_level {row.id}: on hand {row.kept}, movements of variant {row.variant_id} at "
        f"location {row.location_id} sum to {row.total}"
        for row in apart(StockLevel.on_hand, StockMovement, true())
    ]
    held = [
        f"stock_level {row.id}: reserved {row.kept}, open reservations of variant "
        f"{row.variant_id} at location {row.location_id} sum to {row.total}"
        for row in apart(StockLevel.reserved, Reservation, Reservation.state == "open")
    ]
    return moved + held


def apart(kept: Any, ledger: Any, counted: ColumnElement[bool]) -> Iterator[Any]:
    """Levels whose ``kept`` column is not the sum of the ledger's quantities that are ``counted``."""
    summed = (
        select(ledger.variant_id, ledger.location_id, func.sum(ledger.quantity).label("total"))
        .where(counted)
        .group_by(ledger.variant_id, ledger.location_id)
        .subquery()
    )
    total = func.coalesce(summed.c.total, 0)
    yield from db.session.execute(
        select(
            StockLevel.id,
            StockLevel.variant_id,
            StockLevel.location_id,
            kept.label("kept"),
            total.label("total"),
        )
        .outerjoin(
            summed,
            (summed.c.variant_id == StockLevel.variant_id)
            & (summed.c.location_id == StockLevel.location_id),
        )
        .where(kept != total)
    )


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
    return wrong


def _lists() -> list[str]:
    return [
        f"listing_row {pid}: available is {said}, its variants' stock says {not said}"
        for pid, said in lists_apart()
    ]


def lists_apart() -> list[tuple[int, bool]]:
    """Products whose kept availability is not that of their variants, with what is kept; what was never
    published or is archived is in no list."""
    rows = db.session.execute(
        select(ListingRow.product_id, ListingRow.available).order_by(ListingRow.product_id)
    ).all()
    wrong = []
    for start in range(0, len(rows), _BATCH):
        batch = rows[start : start + _BATCH]
        found = product_queries.available([pid for pid, _ in batch])
        wrong += [(pid, said) for pid, said in batch if said != (pid in found)]
    return wrong
