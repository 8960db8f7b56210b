"""What is held for order lines, and where it was taken from."""

from collections.abc import Collection

from sqlalchemy import func, select

from shop.catalog.models import Variant
from shop.core.db import db
from shop.inventory.models import Reservation, StockLevel


def ready(order_line_ids: Collection[int]) -> dict[tuple[int, int], int]:
    """(line, variant) → units that are held for the line and lie on a shelf: a back-order holds what does
    not. One statement."""
    rows = db.session.execute(
        select(
            Reservation.order_line_id,
            Reservation.variant_id,
            StockLevel.on_hand,
            func.sum(Reservation.quantity),
        )
        .join(
            StockLevel,
            (Reservation.variant_id == StockLevel.variant_id)
            & (Reservation.location_id == StockLevel.location_id),
        )
        .where(Reservation.order_line_id.in_(order_line_ids), Reservation.state == "open")
        .group_by(
            Reservation.order_line_id, Reservation.variant_id, StockLevel.id, StockLevel.on_hand
        )
    )
    found: dict[tuple[int, int], int] = {}
    for line_id, variant_id, on_hand, held in rows:
        key = (line_id, variant_id)
        found[key] = found.get(key, 0) + min(on_hand, int(held))
    return found


def locations_of_sale(order_line_ids: Collection[int]) -> dict[tuple[int, int], int]:
    """(Line, variant) → where the first of its units were shipped from, for putting a return back. One
    statement."""
    rows = db.session.execute(
        select(Reservation.order_line_id, Reservation.variant_id, Reservation.location_id)
        .where(Reservation.order_line_id.in_(order_line_ids), Reservation.state == "consumed")
        .order_by(Reservation.id.desc())
    )
    return {(line_id, variant_id): location_id for line_id, variant_id, location_id in rows}


def kept(variant_ids: Collection[int]) -> set[int]:
    """Those of the variants of which stock is kept at all: untracked ones need no reservation."""
    tracked = select(Variant.id).where(Variant.id.in_(variant_ids), Variant.tracked.is_(True))
    return set(db.session.scalars(tracked))
