"""Reservations: units promised to order lines, until shipped or given back.

Levels are locked in one order (variant, then location), whatever the order of the lines, so that two
checkouts cannot wait for each other; verbs on several lines begin with ``services.hold``. A reservation ends only through its order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update

from shop.core import clock
from shop.core.db import db
from shop.inventory import queries
from shop.inventory.allocation import allocate
from shop.inventory.models import Location, Reservation, StockLevel
from shop.inventory.services import StockShort, hold, take, watch
from shop.inventory.shorts import split


@dataclass(frozen=True, slots=True)
class Wanted:
    """So many units of a variant for an order line; untracked variants are not passed."""

    order_line_id: int
    variant_id: int
    store_id: int
    quantity: int


def reserve(wanted: Sequence[Wanted], *, expires_at: datetime | None) -> None:
    """Promise all of ``wanted`` or raise ``StockShort`` (with the variant and what is left).

    What is wanted of one store is taken from the fewest locations that can fill it (``allocation``): of
    goods on hand if they suffice, else back-orders count too.
    """
    plan = _plan(wanted)
    for want in sorted(wanted, key=lambda w: (w.variant_id, w.order_line_id)):
        left = want.quantity
        places = plan[want.store_id, want.variant_id]
        for location_id in sorted(places):
            quantity = min(left, places[location_id])
            if not quantity or not _guarded_reserve(want.variant_id, location_id, quantity):
                continue
            places[location_id] -= quantity
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
            raise _short(want.variant_id)


def _short(variant_id: int) -> StockShort:
    free = queries.availability([variant_id])[variant_id] or 0
    return StockShort(variant_id=variant_id, available=free)


def _plan(wanted: Sequence[Wanted]) -> dict[tuple[int, int], dict[int, int]]:
    """Where to take from: (store, variant) → location → units. Raises ``StockShort``.

    A hint only: the guarded update decides. The rows are locked first (PostgreSQL; SQLite writers are
    alone anyway), so that the plan still holds when it is carried out.
    """
    asked: dict[int, dict[int, int]] = {}
    for want in wanted:
        of_store = asked.setdefault(want.store_id, {})
        of_store[want.variant_id] = of_store.get(want.variant_id, 0) + want.quantity
    if not asked:
        return {}
    rows = db.session.execute(
        select(
            Location.store_id,
            StockLevel.location_id,
            StockLevel.variant_id,
            StockLevel.on_hand - StockLevel.reserved,
            StockLevel.backorder_limit,
        )
        .join(Location, Location.id == StockLevel.location_id)
        .where(
            StockLevel.variant_id.in_({want.variant_id for want in wanted}),
            Location.store_id.in_(asked),
            Location.archived_at.is_(None),
        )
        .order_by(StockLevel.variant_id, StockLevel.location_id)
        .with_for_update(of=StockLevel)
    ).all()
    order = db.session.scalars(
        select(Location.id)
        .where(Location.id.in_({row.location_id for row in rows}))
        .order_by(Location.priority, Location.id)
    ).all()
    plan: dict[tuple[int, int], dict[int, int]] = {}
    for store_id, of_store in asked.items():
        firm: dict[int, dict[int, int]] = {}
        free: dict[int, dict[int, int]] = {}
        for store, location_id, variant_id, units, backorder in rows:
            if store == store_id:
                firm.setdefault(location_id, {})[variant_id] = units
                free.setdefault(location_id, {})[variant_id] = units + backorder
        found = allocate(of_store, firm, order) or allocate(of_store, free, order)
        if found is None:
            have = {v: sum(max(0, at.get(v, 0)) for at in free.values()) for v in of_store}
            raise _short(min(v for v, units in of_store.items() if have[v] < units))
        plan |= {(store_id, variant_id): places for variant_id, places in found.items()}
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
    """Give back every open reservation of the lines, and end what is short; returns the units that were
    held. Harmless when repeated."""
    hold(
        db.session.scalars(
            select(Reservation.variant_id)
            .where(Reservation.order_line_id.in_(order_line_ids), Reservation.state == "open")
            .distinct()
        ).all()
    )
    _end(order_line_ids, "short", "released")
    units = 0
    for row in _end(order_line_ids, "open", "released"):
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
    """Give back ``quantity`` units that a line wants of a variant (part of it was cancelled): first those
    that are short, then those it holds, newest first."""
    left = quantity
    rows = db.session.scalars(
        select(Reservation)
        .where(
            Reservation.order_line_id == order_line_id,
            Reservation.variant_id == variant_id,
            Reservation.state.in_(("open", "short")),
        )
        .order_by(Reservation.state == "open", Reservation.id.desc())
        .with_for_update()
    ).all()
    for reservation in rows:
        if not left:
            break
        part = min(left, reservation.quantity)
        left -= part
        held = reservation.state == "open"
        split(reservation, part, "released")
        if not held:
            continue
        db.session.execute(
            update(StockLevel)
            .where(
                StockLevel.variant_id == reservation.variant_id,
                StockLevel.location_id == reservation.location_id,
            )
            .values(reserved=StockLevel.reserved - part)
        )
        watch(reservation.variant_id, reservation.location_id, came=part)


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
        split(reservation, part, "consumed")
        take(reservation.variant_id, reservation.location_id, part, actor=actor, source=source)
        left -= part
    if left:
        raise StockShort(order_line_id=order_line_id, missing=left)


def _end(order_line_ids: Sequence[int], old: str, state: str) -> list[Reservation]:
    """Close the reservations of the lines that are ``old``, once: the guarded update says which still were."""
    ended = db.session.scalars(
        update(Reservation)
        .where(Reservation.order_line_id.in_(order_line_ids), Reservation.state == old)
        .values(state=state, ended_at=clock.now())
        .returning(Reservation)
        .execution_options(populate_existing=True)
    ).all()
    return sorted(ended, key=lambda r: (r.variant_id, r.location_id, r.id))


def ready(order_line_id: int, variant_id: int) -> int:
    """Units of a variant that are held for a line and lie on a shelf: a back-order holds what does not."""
    rows = db.session.execute(
        select(StockLevel.on_hand, func.sum(Reservation.quantity))
        .join(
            Reservation,
            (Reservation.variant_id == StockLevel.variant_id)
            & (Reservation.location_id == StockLevel.location_id),
        )
        .where(
            Reservation.order_line_id == order_line_id,
            Reservation.variant_id == variant_id,
            Reservation.state == "open",
        )
        .group_by(StockLevel.id, StockLevel.on_hand)
    )
    return sum(min(on_hand, int(held)) for on_hand, held in rows)


def keep(order_line_ids: Sequence[int]) -> None:
    """The order is paid: its reservations no longer expire."""
    db.session.execute(
        update(Reservation)
        .where(
            Reservation.order_line_id.in_(order_line_ids), Reservation.state.in_(("open", "short"))
        )
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
