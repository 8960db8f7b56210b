"""Reservations: units promised to order lines, until shipped or given back.

Levels are locked in one order (variant, then location), whatever the order of the lines, so that two
checkouts cannot wait for each other; verbs of several steps begin with ``levels.hold``. A reservation ends
only through its order.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from shop.core import clock
from shop.core.db import db
from shop.inventory import levels, queries
from shop.inventory.allocation import allocate
from shop.inventory.levels import Step, StockShort
from shop.inventory.models import Location, Reservation, StockLevel
from shop.inventory.shorts import split


@dataclass(frozen=True, slots=True)
class Wanted:
    """So many units of a variant for an order line; untracked variants are not passed."""

    order_line_id: int
    variant_id: int
    store_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Held:
    """So many units of a variant of those that are held for an order line."""

    order_line_id: int
    variant_id: int
    quantity: int


def reserve(
    wanted: Sequence[Wanted],
    *,
    expires_at: datetime | None,
    first: Mapping[int, int] | None = None,
) -> None:
    """Promise all of ``wanted`` or raise ``StockShort`` (with the variant and what is left).

    What is wanted of one store is taken from the fewest locations that can fill it (``allocation``): of
    goods on hand if they suffice, else back-orders count too. ``first``: store → the location that is
    asked before others, such as where the buyer comes for the goods.
    """
    plan = _plan(wanted, first or {})
    steps, rows = [], []
    for want in sorted(wanted, key=lambda w: (w.variant_id, w.order_line_id)):
        left = want.quantity
        places = plan[want.store_id, want.variant_id]
        for location_id in sorted(places):
            quantity = min(left, places[location_id])
            if not quantity:
                continue
            places[location_id] -= quantity
            left -= quantity
            steps.append(Step(want.variant_id, location_id, reserved=quantity))
            rows.append(
                {
                    "variant_id": want.variant_id,
                    "location_id": location_id,
                    "order_line_id": want.order_line_id,
                    "quantity": quantity,
                    "expires_at": expires_at,
                    "state": "open",
                }
            )
        if left:
            raise _short(want.variant_id)
    if rows:
        levels.change(steps)
        db.session.execute(insert(Reservation), rows)


def _short(variant_id: int) -> StockShort:
    free = queries.availability([variant_id])[variant_id] or 0
    return StockShort(variant_id=variant_id, available=free)


def _plan(
    wanted: Sequence[Wanted], first: Mapping[int, int]
) -> dict[tuple[int, int], dict[int, int]]:
    """Where to take from: (store, variant) → location → units. Raises ``StockShort``.

    The rows are locked (PostgreSQL; SQLite writers are alone anyway), so that the plan still holds when
    it is carried out.
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
            Location.priority,
            StockLevel.location_id,
            StockLevel.variant_id,
            (StockLevel.on_hand - StockLevel.reserved).label("firm"),
            queries.FREE.label("free"),
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
    plan: dict[tuple[int, int], dict[int, int]] = {}
    for store_id, of_store in asked.items():
        own = [row for row in rows if row.store_id == store_id]
        found = _allocated(of_store, own, first.get(store_id))
        plan |= {(store_id, variant_id): places for variant_id, places in found.items()}
    return plan


def _allocated(
    wanted: Mapping[int, int], rows: Sequence[Any], first: int | None
) -> dict[int, dict[int, int]]:
    """Variant → location → units of one store's levels."""
    ranks = {row.location_id: (row.location_id != first, row.priority) for row in rows}
    order = sorted(ranks, key=lambda location_id: (*ranks[location_id], location_id))
    firm: dict[int, dict[int, int]] = {}
    free: dict[int, dict[int, int]] = {}
    for row in rows:
        firm.setdefault(row.location_id, {})[row.variant_id] = row.firm
        free.setdefault(row.location_id, {})[row.variant_id] = row.free
    found = allocate(wanted, firm, order) or allocate(wanted, free, order)
    if found is None:
        have = {v: sum(max(0, at.get(v, 0)) for at in free.values()) for v in wanted}
        raise _short(min(v for v, units in wanted.items() if have[v] < units))
    return found


def release(order_line_ids: Sequence[int]) -> int:
    """Give back every open reservation of the lines, and end what is short; returns the units that were
    held. Harmless when repeated."""
    levels.hold(
        db.session.scalars(
            select(Reservation.variant_id)
            .where(Reservation.order_line_id.in_(order_line_ids), Reservation.state == "open")
            .distinct()
        ).all()
    )
    _end(order_line_ids, "short", "released")
    rows = _end(order_line_ids, "open", "released")
    levels.change([Step(row.variant_id, row.location_id, reserved=-row.quantity) for row in rows])
    return sum(row.quantity for row in rows)


def release_units(held: Sequence[Held]) -> None:
    """Give back units that lines want (part of them was cancelled): of each first those that are short, then
    those that it holds, newest first."""
    if not held:
        return
    left = _sums(held)
    rows = db.session.scalars(
        select(Reservation)
        .where(
            Reservation.order_line_id.in_({line_id for line_id, _ in left}),
            Reservation.variant_id.in_({variant_id for _, variant_id in left}),
            Reservation.state.in_(("open", "short")),
        )
        .order_by(Reservation.state == "open", Reservation.id.desc())
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    steps = []
    for reservation in rows:
        key = (reservation.order_line_id, reservation.variant_id)
        part = min(left.get(key, 0), reservation.quantity)
        if not part:
            continue
        left[key] -= part
        if reservation.state == "open":
            steps.append(Step(reservation.variant_id, reservation.location_id, reserved=-part))
        split(reservation, part, "released")
    levels.change(steps)


def consume(held: Sequence[Held], *, actor: str, source: str) -> None:
    """Units that lines hold are shipped: they leave the shelf, each a ``sold`` movement. Raises
    ``StockShort`` if fewer are reserved, or lie there."""
    left = _sums(held)
    whole, steps = [], []
    for reservation in _open(left):
        key = (reservation.order_line_id, reservation.variant_id)
        part = min(left.get(key, 0), reservation.quantity)
        if not part:
            continue
        left[key] -= part
        if part == reservation.quantity:
            whole.append(reservation.id)
        else:
            split(reservation, part, "consumed")
        steps.append(Step(reservation.variant_id, reservation.location_id, -part, -part))
    missing = next((key for key, units in sorted(left.items()) if units), None)
    if missing is not None:
        raise StockShort(order_line_id=missing[0], missing=left[missing])
    if whole:
        db.session.execute(
            update(Reservation)
            .where(Reservation.id.in_(whole), Reservation.state == "open")
            .values(state="consumed", ended_at=clock.now())
        )
    levels.change(steps, "sold", actor=actor, source=source)


def _sums(held: Sequence[Held]) -> dict[tuple[int, int], int]:
    """(Line, variant) → units."""
    sums: dict[tuple[int, int], int] = {}
    for one in held:
        key = (one.order_line_id, one.variant_id)
        sums[key] = sums.get(key, 0) + one.quantity
    return sums


def _open(wanted: Iterable[tuple[int, int]]) -> Sequence[Reservation]:
    """The open reservations of (line, variant), locked, oldest first."""
    wanted = list(wanted)
    return db.session.scalars(
        select(Reservation)
        .where(
            Reservation.order_line_id.in_({line_id for line_id, _ in wanted}),
            Reservation.variant_id.in_({variant_id for _, variant_id in wanted}),
            Reservation.state == "open",
        )
        .order_by(Reservation.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


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


def keep(order_line_ids: Sequence[int]) -> None:
    """The order is paid: its reservations no longer expire."""
    db.session.execute(
        update(Reservation)
        .where(
            Reservation.order_line_id.in_(order_line_ids), Reservation.state.in_(("open", "short"))
        )
        .values(expires_at=None)
    )


def wait_until(order_line_ids: Sequence[int], moment: datetime) -> None:
    """The order waits longer for its money, and so do its reservations."""
    db.session.execute(
        update(Reservation)
        .where(
            Reservation.order_line_id.in_(order_line_ids), Reservation.state.in_(("open", "short"))
        )
        .values(expires_at=moment)
    )
