"""Setting up how a store delivers, and taking slots of local delivery."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from shop.core import clock
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound
from shop.core.money import MAX_MINOR
from shop.store.delivery import KINDS, TIERED, MethodData
from shop.store.delivery_models import (
    DeliveryCalendar,
    DeliveryHoliday,
    DeliveryMethod,
    DeliveryRegion,
    DeliverySlot,
    DeliverySlotDay,
    DeliveryTier,
    DeliveryZone,
)
from shop.store.places import Region, plain
from shop.store.promise import Calendar

MOST = 200
"""Regions of a zone, tiers and slots of a method, holidays of a store: at most so many."""


def set_calendar(store_id: int, calendar: Calendar) -> None:
    """Write down how a store works. Raises ``Invalid``: "handling-days", "cutoff-time", "no-working-day",
    "too-many-holidays"."""
    if not 0 <= calendar.handling_days <= 60:
        raise Invalid("handling-days", field="handling_days")
    if not 0 <= calendar.cutoff_minute <= 1440:
        raise Invalid("cutoff-time", field="cutoff")
    if not calendar.working_days:
        raise Invalid("no-working-day", field="working_days")
    if len(calendar.holidays) > MOST:
        raise Invalid("too-many-holidays", field="holidays", maximum=MOST)
    row = db.session.get(DeliveryCalendar, store_id, with_for_update=True)
    if row is None:
        row = DeliveryCalendar(store_id=store_id)
        db.session.add(row)
    row.country = calendar.country
    row.handling_days = calendar.handling_days
    row.cutoff_minute = calendar.cutoff_minute
    row.working_days = sum(1 << day for day in calendar.working_days)
    db.session.execute(delete(DeliveryHoliday).where(DeliveryHoliday.store_id == store_id))
    db.session.add_all(
        DeliveryHoliday(store_id=store_id, day=day) for day in sorted(calendar.holidays)
    )
    db.session.flush()  # a delete and inserts of the same keys: keep their order


def save_zone(
    store_id: int,
    name: str,
    regions: Collection[Region],
    *,
    rest: bool = False,
    zone: str | None = None,
) -> str:
    """Make a zone, or (``zone``: its public id) change it; returns its public id.

    Raises ``NotFound``, ``Invalid``: "zone-name", "zone-empty", "zone-name-taken", "zone-rest-taken",
    "zone-region-taken", "zone-too-large".
    """
    name = name.strip()
    if not name or len(name) > 80:
        raise Invalid("zone-name", field="name")
    wanted = {replace(one, postcode=plain(one.postcode)) for one in regions}
    if not wanted and not rest:
        raise Invalid("zone-empty", field="regions")
    if len(wanted) > MOST:
        raise Invalid("zone-too-large", field="regions", maximum=MOST)
    if zone is None:
        place = select(func.max(DeliveryZone.position)).where(DeliveryZone.store_id == store_id)
        row = DeliveryZone(
            store_id=store_id, name=name, rest=rest, position=(db.session.scalar(place) or 0) + 1
        )
    else:
        row = _zone(store_id, zone)
    try:
        with db.session.begin_nested():
            row.name, row.rest = name, rest
            db.session.add(row)
            db.session.flush()  # the unique name and the one rest decide here
    except IntegrityError as error:
        taken = "zone-rest-taken" if "rest" in str(error.orig) else "zone-name-taken"
        # SQLite names the columns of a partial index only, which for it is the store's alone.
        if "name" not in str(error.orig):
            taken = "zone-rest-taken"
        raise Invalid(taken, field="rest" if taken == "zone-rest-taken" else "name") from None
    db.session.execute(delete(DeliveryRegion).where(DeliveryRegion.zone_id == row.id))
    try:
        with db.session.begin_nested():
            db.session.add_all(
                DeliveryRegion(
                    store_id=store_id,
                    zone_id=row.id,
                    country=one.country,
                    province=one.province,
                    postcode=one.postcode,
                )
                for one in sorted(wanted, key=lambda r: (r.country, r.province, r.postcode))
            )
            db.session.flush()  # a place lies in one zone only: decided here
    except IntegrityError:
        raise Invalid("zone-region-taken", field="regions") from None
    return row.public_id


def remove_zone(store_id: int, zone: str) -> None:
    """Take a zone away with its methods; orders keep what they were promised. Raises ``NotFound``."""
    row = _zone(store_id, zone)
    db.session.execute(
        update(DeliveryMethod)
        .where(DeliveryMethod.zone_id == row.id)
        .values(
            zone_id=None,
            active=False,
            archived_at=func.coalesce(DeliveryMethod.archived_at, clock.now()),
        )
    )
    db.session.execute(delete(DeliveryZone).where(DeliveryZone.id == row.id))


def save_method(
    store_id: int, data: MethodData, *, zone: str | None = None, method: str | None = None
) -> str:
    """Make a method (in a zone, unless it is a pick-up), or change one; returns its public id.

    The kind of a method stays. Raises ``NotFound``, ``Invalid``: "method-kind", "method-name",
    "method-days", "amount-out-of-range", "tier-values", "slot-values", "pickup-place", "zone-unknown".
    """
    if method is None:
        zone_id = None if data.kind == "pickup" else _zone(store_id, zone or "").id
        place = select(func.max(DeliveryMethod.position)).where(DeliveryMethod.store_id == store_id)
        row = DeliveryMethod(
            store_id=store_id, zone_id=zone_id, position=(db.session.scalar(place) or 0) + 1
        )
    else:
        row = _method(store_id, method)
        data = replace(data, kind=row.kind)
    _check(data)
    for name, value in data.as_columns().items():
        setattr(row, name, value)
    db.session.add(row)
    db.session.flush()  # tiers and slots name its id
    db.session.execute(delete(DeliveryTier).where(DeliveryTier.method_id == row.id))
    if data.kind in TIERED:
        db.session.add_all(
            DeliveryTier(method_id=row.id, from_value=value, price_minor=price)
            for value, price in data.tiers
        )
    if data.kind == "local":
        _write_slots(row.id, data.slots)
    db.session.flush()  # a delete and inserts of the same keys: keep their order
    return row.public_id


def remove_method(store_id: int, method: str) -> None:
    """A method is no longer offered; orders that have it keep it. Raises ``NotFound``."""
    row = _method(store_id, method)
    row.active = False
    row.archived_at = clock.now()


def take_slot(slot_id: int, day: date) -> int:
    """Take one place of a slot on a day; returns the id of that day's row. Raises ``Conflict("slot-taken")``."""
    capacity = db.session.scalar(
        select(DeliverySlot.capacity).where(DeliverySlot.id == slot_id, DeliverySlot.active)
    )
    if capacity is None:
        raise Conflict("slot-taken")
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(DeliverySlotDay)
    row: int | None = db.session.scalar(
        insert.values(slot_id=slot_id, day=day, capacity=capacity, taken=1)
        .on_conflict_do_update(
            index_elements=["slot_id", "day"],
            set_={"taken": DeliverySlotDay.taken + 1},
            where=DeliverySlotDay.taken < DeliverySlotDay.capacity,
        )
        .returning(DeliverySlotDay.id)
    )
    if row is None:
        raise Conflict("slot-taken")
    return row


def free_slot(slot_day_id: int) -> None:
    """Give a place of a slot back."""
    db.session.execute(
        update(DeliverySlotDay)
        .where(DeliverySlotDay.id == slot_day_id, DeliverySlotDay.taken > 0)
        .values(taken=DeliverySlotDay.taken - 1)
    )


def _zone(store_id: int, public_id: str) -> DeliveryZone:
    row = db.session.scalar(
        select(DeliveryZone)
        .where(DeliveryZone.store_id == store_id, DeliveryZone.public_id == public_id)
        .with_for_update()
    )
    if row is None:
        raise NotFound("zone-unknown")
    return row


def _method(store_id: int, public_id: str) -> DeliveryMethod:
    row = db.session.scalar(
        select(DeliveryMethod)
        .where(
            DeliveryMethod.store_id == store_id,
            DeliveryMethod.public_id == public_id,
            DeliveryMethod.archived_at.is_(None),
        )
        .with_for_update()
    )
    if row is None:
        raise NotFound("method-unknown")
    return row


def _check(data: MethodData) -> None:
    if data.kind not in KINDS:
        raise Invalid("method-kind", field="kind")
    if not any(text.strip() for text in data.names.values()):
        raise Invalid("method-name", field="name")
    for field, minor in (("price", data.price_minor), ("free_from", data.free_from_minor or 0)):
        if not 0 <= minor < MAX_MINOR:
            raise Invalid("amount-out-of-range", field=field)
    days = (data.min_days, data.max_days)
    if days != (None, None):
        first, last = days
        if first is None or last is None or not 0 <= first <= last <= 365:
            raise Invalid("method-days", field="max_days")
    values = [value for value, _ in data.tiers]
    wrong = any(
        not (0 < value < MAX_MINOR and 0 <= price < MAX_MINOR) for value, price in data.tiers
    )
    if wrong or len(set(values)) != len(values) or len(values) > MOST:
        raise Invalid("tier-values", field="tiers")
    if data.kind == "local":
        _check_slots(data.slots)
    if data.kind == "pickup" and not any(text.strip() for text in data.notes.values()):
        raise Invalid("pickup-place", field="note")


def _check_slots(slots: Sequence[tuple[int, int, int, int]]) -> None:
    good = all(
        0 <= weekday <= 6 and 0 <= start < end <= 1440 and 0 < capacity < 10_000
        for weekday, start, end, capacity in slots
    )
    if not good or not slots or len({slot[:3] for slot in slots}) != len(slots):
        raise Invalid("slot-values", field="slots")
    if len(slots) > MOST:
        raise Invalid("slot-values", field="slots")


def _write_slots(method_id: int, slots: Sequence[tuple[int, int, int, int]]) -> None:
    """The plan as given: what left it is no longer offered, and days that are booked keep their bookings."""
    rows = {
        (row.weekday, row.from_minute, row.until_minute): row
        for row in db.session.scalars(
            select(DeliverySlot).where(DeliverySlot.method_id == method_id)
        )
    }
    for row in rows.values():
        row.active = False
    for weekday, start, end, capacity in slots:
        known = rows.get((weekday, start, end))
        if known is None:
            known = DeliverySlot(
                method_id=method_id, weekday=weekday, from_minute=start, until_minute=end
            )
            db.session.add(known)
        known.active, known.capacity = True, capacity
        if known.id is not None:
            # Days that hold more than now fits stay as they are: those orders were promised.
            fits = DeliverySlotDay.taken <= capacity
            mine = DeliverySlotDay.slot_id == known.id
            days = update(DeliverySlotDay)
            db.session.execute(days.where(mine, fits).values(capacity=capacity))
            db.session.execute(days.where(mine, ~fits).values(capacity=DeliverySlotDay.taken))
