"""Reservations: units promised to order lines, until shipped or given back.

Levels are locked in one order (variant, then location), whatever the order of the lines, so that two
checkouts cannot wait for each other; verbs on several lines begin with ``services.hold``. A reservation ends only through its order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from shop.core import clock
from shop.core.db import db
from shop.inventory import queries
from shop.inventory.models import Location, Reservation, StockLevel
from shop.inventory.services import StockShort, take, watch


@dataclass(frozen=True, slots=True)
class Wanted:
    """So many units of a variant for an order line; untracked variants are not passed."""

    order_line_id: int
    variant_id: int
    store_id: int
    quantity: int


def reserve(wanted: Sequence[Wanted], *, expires_at: datetime | None) -> None:
    """Promise all of ``wanted`` or raise ``StockShort`` (with the variant and what is left).

    Each line is taken from one location if one can fill it, else from several by priority.
    """
    for want in sorted(wanted, key=lambda w: (w.variant_id, w.order_line_id)):
        left = want.quantity
        for location_id, quantity in _plan(want):
            taken = _guarded_reserve(want.variant_id, location_id, quantity)
            if not taken:
                continue
            left -= quantity
            watch(want.variant_id, location_id)
            db.session.add(
                Reservation(
                    variant_id=want.variant_id,
                    location_id=location_id,
                    order_line_id=want.order_line_id,
                    quantity=quantity,
                    expires_at=expires_at,
                )
            )
        if left:
            raise StockShort(
                variant_id=want.variant_id,
                available=queries.availability([want.variant_id])[want.variant_id] or 0,
            )


def _plan(want: Wanted) -> list[tuple[int, int]]:
    """Where to take ``want`` from: one location that can fill it alone, else by priority.

    A hint only: the guarded update decides. The rows are locked first (PostgreSQL; SQLite writers are
    alone anyway), so that the plan still holds when it is carried out.
    """
    free = StockLevel.on_hand + StockLevel.backorder_limit - StockLevel.reserved
    rows = db.session.execute(
        select(StockLevel.location_id, free.label("free"))
        .join(Location, Location.id == StockLevel.location_id)
        .where(StockLevel.variant_id == want.variant_id, Location.store_id == want.store_id)
        .order_by(StockLevel.location_id)
        .with_for_update(of=StockLevel)
    ).all()
    ranks = dict(
        db.session.execute(
            select(Location.id, Location.priority).where(Location.store_id == want.store_id)
        ).all()
    )
    ordered = sorted(
        (r for r in rows if r.free > 0), key=lambda r: (ranks[r.location_id], r.location_id)
    )
    for row in ordered:
        if row.free >= want.quantity:
            return [(row.location_id, want.quantity)]
    plan, left = [], want.quantity
    for row in ordered:
        part = min(left, row.free)
        plan.append((row.location_id, part))
        left -= part
        if not left:
            break
    return plan


def _guarded_reserve(variant_id: int, location_id: int, quantity: int) -> bool:
    result = db.session.execute(
        update(StockLevel)
        .where(
            StockLevel.variant_id == variant_id,
            StockLevel.location_id == location_id,
            StockLevel.on_hand + StockLevel.backorder_limit - StockLevel.reserved >= quantity,
        )
        .values(reserved=StockLevel.reserved + quantity)
        .returning(StockLevel.id)
    )
    return result.scalar() is not None


def release(order_line_ids: Sequence[int]) -> int:
    """Give back every open reservation of the lines; returns the units. Harmless when repeated."""
    units = 0
    for row in _end(order_line_ids, "released"):
        units += row.quantity
        db.session.execute(
            update(StockLevel)
            .where(
                StockLevel.variant_id == row.variant_id, StockLevel.location_id == row.location_id
            )
            .values(reserved=StockLevel.reserved - row.quantity)
        )
        watch(row.variant_id, row.location_id, came=row.quantity)
    return units


def release_units(order_line_id: int, quantity: int, *, variant_id: int) -> None:
    """Give back ``quantity`` open units that a line holds of a variant (part of it was cancelled), newest
    first."""
    left = quantity
    rows = db.session.scalars(
        select(Reservation)
        .where(
            Reservation.order_line_id == order_line_id,
            Reservation.variant_id == variant_id,
            Reservation.state == "open",
        )
        .order_by(Reservation.id.desc())
        .with_for_update()
    ).all()
    for reservation in rows:
        if not left:
            break
        part = min(left, reservation.quantity)
        _shrink(reservation, part, "released")
        db.session.execute(
            update(StockLevel)
            .where(
                StockLevel.variant_id == reservation.variant_id,
                StockLevel.location_id == reservation.location_id,
            )
            .values(reserved=StockLevel.reserved - part)
        )
        watch(reservation.variant_id, reservation.location_id, came=part)
        left -= part


def consume(order_line_id: int, quantity: int, *, actor: str, source: str, variant_id: int) -> None:
    """``quantity`` units that a line holds of a variant are shipped. Raises ``StockShort`` if fewer are
    reserved."""
    left = quantity
    rows = db.session.scalars(
        select(Reservation)
        .where(
            Reservation.order_line_id == order_line_id,
            Reservation.variant_id == variant_id,
            Reservation.state == "open",
        )
        .order_by(Reservation.id)
        .with_for_update()
    ).all()
    for reservation in rows:
        if not left:
            break
        part = min(left, reservation.quantity)
        _shrink(reservation, part, "consumed")
        take(reservation.variant_id, reservation.location_id, part, actor=actor, source=source)
        left -= part
    if left:
        raise StockShort(order_line_id=order_line_id, missing=left)


def _shrink(reservation: Reservation, part: int, state: str) -> None:
    """End ``part`` units of a reservation; what is left stays open in the same row."""
    if part == reservation.quantity:
        reservation.state = state
        reservation.ended_at = clock.now()
    else:
        reservation.quantity -= part
        db.session.add(
            Reservation(
                variant_id=reservation.variant_id,
                location_id=reservation.location_id,
                order_line_id=reservation.order_line_id,
                quantity=part,
                expires_at=reservation.expires_at,
                state=state,
                ended_at=clock.now(),
            )
        )
    db.session.flush()  # the level's update below must not run before this row's


def _end(order_line_ids: Sequence[int], state: str) -> list[Reservation]:
    """Close the open reservations of the lines, once: the guarded update says which were still open."""
    ended = db.session.scalars(
        update(Reservation)
        .where(Reservation.order_line_id.in_(order_line_ids), Reservation.state == "open")
        .values(state=state, ended_at=clock.now())
        .returning(Reservation)
        .execution_options(populate_existing=True)
    ).all()
    return sorted(ended, key=lambda r: (r.variant_id, r.location_id, r.id))


def keep(order_line_ids: Sequence[int]) -> None:
    """The order is paid: its reservations no longer expire."""
    db.session.execute(
        update(Reservation)
        .where(Reservation.order_line_id.in_(order_line_ids), Reservation.state == "open")
        .values(expires_at=None)
    )


def location_of_sale(order_line_id: int, variant_id: int) -> int | None:
    """Where a line's units of a variant were shipped from, for putting a return back."""
    return db.session.scalar(
        select(Reservation.location_id)
        .where(
            Reservation.order_line_id == order_line_id,
            Reservation.variant_id == variant_id,
            Reservation.state == "consumed",
        )
        .order_by(Reservation.id)
        .limit(1)
    )


def is_kept(variant_id: int) -> bool:
    """Whether stock is kept for the variant at all: untracked ones need no reservation."""
    return queries.is_tracked(variant_id)
