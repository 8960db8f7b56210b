"""What must hold of transfers and of short units, whatever happened."""

from sqlalchemy import BigInteger, case, cast, func, select
from sqlalchemy.orm import aliased

from shop.core.db import db
from shop.inventory.flow_models import StockCount, StockCountLine, Transfer, TransferLine
from shop.inventory.models import Location, Reservation, StockLevel, StockMovement
from shop.inventory.supply_models import PurchaseLine, PurchaseOrder

SOURCE = "transfer "
"""What the source of a transfer's movements begins with; its public id follows."""
COUNT_SOURCE = "count "
"""The same for a count."""
PURCHASE_SOURCE = "purchase "
"""The same for a purchase order."""


def differences() -> list[str]:
    """One sentence each, with ids."""
    return _transfers() + _counts() + _purchases() + _shorts()


def _transfers() -> list[str]:
    """Sent = received + lost + in transit: what its movements leave over is what is on its way."""
    sent = Transfer.state.in_(("sent", "done"))
    way = case((sent, TransferLine.quantity - TransferLine.received - TransferLine.lost), else_=0)
    moved = (
        select(
            StockMovement.source,
            StockMovement.variant_id,
            func.sum(StockMovement.quantity).label("total"),
        )
        .where(StockMovement.kind == "transferred")
        .group_by(StockMovement.source, StockMovement.variant_id)
        .subquery()
    )
    total = cast(func.coalesce(moved.c.total, 0), BigInteger)
    rows = db.session.execute(
        select(TransferLine.id, Transfer.id, way, total)
        .join(Transfer, Transfer.id == TransferLine.transfer_id)
        .outerjoin(
            moved,
            (moved.c.source == SOURCE + Transfer.public_id)
            & (moved.c.variant_id == TransferLine.variant_id),
        )
        .where(way + total != 0)
        .order_by(TransferLine.id)
    )
    wrong = [
        f"transfer_line {line} of transfer {transfer}: {on_way} units in transit, its movements sum "
        f"to {summed}"
        for line, transfer, on_way, summed in rows
    ]
    left = db.session.scalar(
        select(func.coalesce(func.sum(way), 0)).join(
            Transfer, Transfer.id == TransferLine.transfer_id
        )
    )
    all_moved = db.session.scalar(
        select(func.coalesce(func.sum(StockMovement.quantity), 0)).where(
            StockMovement.kind == "transferred"
        )
    )
    if (left or 0) + (all_moved or 0) != 0:
        wrong.append(f"transfers: {left} units in transit, all their movements sum to {all_moved}")
    open_ends = db.session.scalars(
        select(Transfer.id)
        .join(TransferLine, TransferLine.transfer_id == Transfer.id)
        .where(Transfer.state == "done")
        .group_by(Transfer.id)
        .having(func.sum(TransferLine.quantity - TransferLine.received - TransferLine.lost) != 0)
        .order_by(Transfer.id)
    )
    return wrong + [f"transfer {tid}: done, yet units are in transit" for tid in open_ends]


def _counts() -> list[str]:
    """What an applied count says it booked is what its movements sum to."""
    moved = (
        select(
            StockMovement.source,
            StockMovement.variant_id,
            func.sum(StockMovement.quantity).label("total"),
        )
        .where(StockMovement.kind == "counted", StockMovement.source.startswith(COUNT_SOURCE))
        .group_by(StockMovement.source, StockMovement.variant_id)
        .subquery()
    )
    booked = func.coalesce(StockCountLine.booked, 0)
    total = cast(func.coalesce(moved.c.total, 0), BigInteger)
    rows = db.session.execute(
        select(StockCountLine.id, StockCount.id, booked, total)
        .join(StockCount, StockCount.id == StockCountLine.count_id)
        .outerjoin(
            moved,
            (moved.c.source == COUNT_SOURCE + StockCount.public_id)
            & (moved.c.variant_id == StockCountLine.variant_id),
        )
        .where(booked != total)
        .order_by(StockCountLine.id)
    )
    return [
        f"stock_count_line {line} of count {count}: booked {kept}, its movements sum to {summed}"
        for line, count, kept, summed in rows
    ]


def _purchases() -> list[str]:
    """What a purchase order says was received is what its movements sum to, and its state says the same."""
    moved = (
        select(
            StockMovement.source,
            StockMovement.variant_id,
            func.sum(StockMovement.quantity).label("total"),
        )
        .where(StockMovement.kind == "received", StockMovement.source.startswith(PURCHASE_SOURCE))
        .group_by(StockMovement.source, StockMovement.variant_id)
        .subquery()
    )
    total = cast(func.coalesce(moved.c.total, 0), BigInteger)
    rows = db.session.execute(
        select(PurchaseLine.id, PurchaseOrder.id, PurchaseLine.received, total)
        .join(PurchaseOrder, PurchaseOrder.id == PurchaseLine.purchase_id)
        .outerjoin(
            moved,
            (moved.c.source == PURCHASE_SOURCE + PurchaseOrder.public_id)
            & (moved.c.variant_id == PurchaseLine.variant_id),
        )
        .where(PurchaseLine.received != total)
        .order_by(PurchaseLine.id)
    )
    return [
        f"purchase_line {line} of purchase {order}: received {kept}, its movements sum to {summed}"
        for line, order, kept, summed in rows
    ]


def _shorts() -> list[str]:
    """No unit is short while its store has one that nobody was promised."""
    at, of = aliased(Location), aliased(Location)
    free = func.max(StockLevel.on_hand + StockLevel.backorder_limit - StockLevel.reserved)
    rows = db.session.execute(
        select(Reservation.id, Reservation.variant_id, free)
        .join(at, at.id == Reservation.location_id)
        .join(of, (of.store_id == at.store_id) & of.archived_at.is_(None))
        .join(
            StockLevel,
            (StockLevel.location_id == of.id) & (StockLevel.variant_id == Reservation.variant_id),
        )
        .where(Reservation.state == "short")
        .group_by(Reservation.id, Reservation.variant_id)
        .having(free > 0)
        .order_by(Reservation.id)
    )
    return [
        f"reservation {rid}: short, yet {units} units of variant {vid} are free"
        for rid, vid, units in rows
    ]
