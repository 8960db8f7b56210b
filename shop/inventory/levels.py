"""The one way in which what lies somewhere, and what is promised of it, changes.

However many places a verb touches: their levels are locked in one order (variant, then location), the
steps are checked against what is there, and written by guarded statements, each with its movement in the
same transaction. A hundred lines cost as many statements as one.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from shop.catalog.models import Variant
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound
from shop.inventory.models import StockLevel, StockMovement
from shop.inventory.watching import watch

MAX_QUANTITY = 10_000_000

Place = tuple[int, int]
"""A variant at a location."""


class StockShort(Conflict):
    """Fewer units are there than were asked for."""

    code = "stock-short"


@dataclass(frozen=True, slots=True)
class Step:
    """A change at one place: so many ``units`` on hand more or fewer, and so many ``reserved``."""

    variant_id: int
    location_id: int
    units: int = 0
    reserved: int = 0

    @property
    def place(self) -> Place:
        """Where it happens."""
        return self.variant_id, self.location_id


def change(
    steps: Sequence[Step],
    kind: str = "",
    *,
    actor: str = "",
    source: str = "",
    reason: str = "",
    firm: bool = False,
) -> None:
    """Carry out all ``steps``, or none: then ``StockShort`` names a variant that has too little.

    Units on hand never fall below none or below what is reserved; a back-order limit helps, unless
    ``firm``: goods that are promised must stay. ``kind``: of the movements of those that move units.
    Raises ``Invalid("quantity-out-of-range")``, and ``NotFound("variant-untracked")`` where units come.
    """
    if not steps:
        return
    if any(abs(step.units) > MAX_QUANTITY for step in steps):
        raise Invalid("quantity-out-of-range", field="quantity", maximum=MAX_QUANTITY)
    ensure([step.place for step in steps if step.units > 0])
    units, held = _sums(steps)
    levels = _locked(units)
    rows = []
    for place in sorted(units):
        level = levels.get(place)
        if level is None:
            raise StockShort(variant_id=place[0], minimum=0)
        on_hand, reserved = level.on_hand + units[place], level.reserved + held[place]
        most = on_hand + (0 if firm else level.backorder_limit)
        if not 0 <= on_hand <= MAX_QUANTITY or not 0 <= reserved <= most:
            raise StockShort(variant_id=place[0], minimum=level.reserved)
        rows.append(
            {
                "level": level.id,
                "was_on_hand": level.on_hand,
                "was_reserved": level.reserved,
                "now_on_hand": on_hand,
                "now_reserved": reserved,
            }
        )
    _write(rows)
    _record(
        steps,
        {place: level.on_hand for place, level in levels.items()},
        {"kind": kind, "reason": reason[:200], "source": source, "actor": actor},
    )
    watch({place: units[place] - held[place] for place in units if units[place] != held[place]})


def ensure(places: Collection[Place]) -> None:
    """Make the levels that are not there; several may try at once. Raises ``NotFound("variant-untracked")``."""
    if not places:
        return
    variants = {variant_id for variant_id, _ in places}
    tracked = select(Variant.id).where(Variant.id.in_(variants), Variant.tracked.is_(True))
    if set(db.session.scalars(tracked)) != variants:
        raise NotFound("variant-untracked")
    made = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(StockLevel)
    db.session.execute(
        made.on_conflict_do_nothing(index_elements=["variant_id", "location_id"]),
        [
            {
                "variant_id": variant_id,
                "location_id": location_id,
                "on_hand": 0,
                "reserved": 0,
                "backorder_limit": 0,
            }
            for variant_id, location_id in sorted(set(places))
        ],
    )


def hold(variant_ids: Collection[int]) -> None:
    """Lock the levels of all these variants, in the one order of levels (variant, location): first
    thing in a verb that changes several in more than one step."""
    db.session.execute(
        select(StockLevel.id)
        .where(StockLevel.variant_id.in_(variant_ids))
        .order_by(StockLevel.variant_id, StockLevel.location_id)
        .with_for_update()
    )


def _sums(steps: Iterable[Step]) -> tuple[dict[Place, int], dict[Place, int]]:
    """Per place: units on hand, units reserved."""
    units: dict[Place, int] = {}
    held: dict[Place, int] = {}
    for step in steps:
        units[step.place] = units.get(step.place, 0) + step.units
        held[step.place] = held.get(step.place, 0) + step.reserved
    return units, held


def _locked(places: Collection[Place]) -> dict[Place, Any]:
    rows = db.session.execute(
        select(
            StockLevel.id,
            StockLevel.variant_id,
            StockLevel.location_id,
            StockLevel.on_hand,
            StockLevel.reserved,
            StockLevel.backorder_limit,
        )
        .where(
            StockLevel.variant_id.in_({variant_id for variant_id, _ in places}),
            StockLevel.location_id.in_({location_id for _, location_id in places}),
        )
        .order_by(StockLevel.variant_id, StockLevel.location_id)
        .with_for_update()
    )
    return {(row.variant_id, row.location_id): row for row in rows}


def _write(rows: Sequence[Mapping[str, int]]) -> None:
    """Guarded: a level that is not what it was when it was locked is not written."""
    level = StockLevel.__table__.c
    done = db.session.connection().execute(
        update(StockLevel.__table__)  # type: ignore[arg-type]  # declared as FromClause, is a Table
        .where(
            level.id == bindparam("level"),
            level.on_hand == bindparam("was_on_hand"),
            level.reserved == bindparam("was_reserved"),
        )
        .values(on_hand=bindparam("now_on_hand"), reserved=bindparam("now_reserved")),
        rows,
    )
    if done.rowcount != len(rows):
        raise RuntimeError("a level changed under its lock")


def _record(steps: Sequence[Step], balances: dict[Place, int], about: Mapping[str, str]) -> None:
    rows = []
    for step in steps:
        if step.units:
            balances[step.place] += step.units
            rows.append(
                {
                    "variant_id": step.variant_id,
                    "location_id": step.location_id,
                    "quantity": step.units,
                    "balance": balances[step.place],
                    **about,
                }
            )
    if rows:
        db.session.execute(insert(StockMovement), rows)
