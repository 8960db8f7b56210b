"""Units that are promised but were not found: released as ``short``, promised again when goods come.

Who calls holds the level of the variant at the location already. A short unit holds nothing; its order
stays open, and is served before anybody who only waits. What happens is recorded as ``stock.short`` and
``stock.filled``, so that the orders can tell it.
"""

from collections.abc import Collection, Mapping

from sqlalchemy import select, update

from shop.core import clock, outbox
from shop.core.db import db
from shop.inventory.models import Location, Reservation, StockLevel


def make_room(variant_id: int, location_id: int, on_hand: int, *, actor: str) -> int:
    """``on_hand`` units are to be all there is: release the newest reservations beyond them as short,
    those within the back-order limit excepted. Returns the units that are short now."""
    level = db.session.execute(
        select(StockLevel.reserved, StockLevel.backorder_limit).where(
            StockLevel.variant_id == variant_id, StockLevel.location_id == location_id
        )
    ).one()
    excess = left = max(0, level.reserved - on_hand - level.backorder_limit)
    if not excess:
        return 0
    rows = db.session.scalars(
        select(Reservation)
        .where(
            Reservation.variant_id == variant_id,
            Reservation.location_id == location_id,
            Reservation.state == "open",
        )
        .order_by(Reservation.order_line_id.desc(), Reservation.id.desc())
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    cut: dict[int, int] = {}
    for reservation in rows:
        if not left:
            break
        part = min(left, reservation.quantity)
        split(reservation, part, "short")
        cut[reservation.order_line_id] = cut.get(reservation.order_line_id, 0) + part
        left -= part
    _held(variant_id, location_id, left - excess)
    _tell("stock.short", variant_id, cut, actor)
    return int(excess - left)


def owed(variant_ids: Collection[int]) -> set[int]:
    """Those of the variants of which units are short somewhere. No statement for nothing, else one."""
    if not variant_ids:
        return set()
    short = select(Reservation.variant_id).where(
        Reservation.variant_id.in_(variant_ids), Reservation.state == "short"
    )
    return set(db.session.scalars(short.distinct()))


def serve(variant_id: int, location_id: int) -> int:
    """Promise what is free at a location to the store's short units, oldest order first; returns the units."""
    store = select(Location.store_id).where(Location.id == location_id).scalar_subquery()
    rows = db.session.scalars(
        select(Reservation)
        .where(
            Reservation.variant_id == variant_id,
            Reservation.state == "short",
            Reservation.location_id.in_(select(Location.id).where(Location.store_id == store)),
        )
        .order_by(Reservation.order_line_id, Reservation.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if not rows:
        return 0
    free = left = max(
        0,
        db.session.scalar(
            select(StockLevel.on_hand + StockLevel.backorder_limit - StockLevel.reserved).where(
                StockLevel.variant_id == variant_id, StockLevel.location_id == location_id
            )
        )
        or 0,
    )
    filled: dict[int, int] = {}
    for reservation in rows:
        if not left:
            break
        part = min(left, reservation.quantity)
        again = split(reservation, part, "open")
        again.location_id = location_id
        filled[reservation.order_line_id] = filled.get(reservation.order_line_id, 0) + part
        left -= part
    if filled:
        db.session.flush()  # rows before the level's statement
        _held(variant_id, location_id, free - left)
        _tell("stock.filled", variant_id, filled, "system")
    return free - left


def split(reservation: Reservation, part: int, state: str) -> Reservation:
    """Give ``part`` units of a reservation another state; the rest stays as it is. Returns their row."""
    ended = clock.now() if state in {"consumed", "released"} else None
    if part == reservation.quantity:
        moved = reservation
        moved.state = state
        moved.ended_at = ended
    else:
        reservation.quantity -= part
        moved = Reservation(
            variant_id=reservation.variant_id,
            location_id=reservation.location_id,
            order_line_id=reservation.order_line_id,
            quantity=part,
            expires_at=reservation.expires_at,
            state=state,
            ended_at=ended,
        )
        db.session.add(moved)
    db.session.flush()  # the level's update that follows must not run before this row's
    return moved


def _held(variant_id: int, location_id: int, units: int) -> None:
    db.session.execute(
        update(StockLevel)
        .where(StockLevel.variant_id == variant_id, StockLevel.location_id == location_id)
        .values(reserved=StockLevel.reserved + units)
    )


def _tell(event: str, variant_id: int, lines: Mapping[int, int], actor: str) -> None:
    """``lines``: order line id → units."""
    told = [[line_id, units] for line_id, units in sorted(lines.items())]
    outbox.record(event, variant_id=variant_id, lines=told, actor=actor)
