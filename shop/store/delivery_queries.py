"""Reading how stores deliver."""

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, exists, select

from shop.core.db import db
from shop.core.errors import NotFound
from shop.store.delivery import Method, Plan, Slot, Zone
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
from shop.store.models import Store
from shop.store.places import Region
from shop.store.promise import Calendar


def plans(store_ids: Collection[int] | None = None) -> dict[int, Plan]:
    """How stores deliver, by their ids; all stores without ``store_ids``. One statement where nothing was set
    up, three at most."""
    query = (
        select(Store, DeliveryCalendar, DeliveryZone, DeliveryRegion, _has_methods())
        .outerjoin(DeliveryCalendar, DeliveryCalendar.store_id == Store.id)
        .outerjoin(DeliveryZone, DeliveryZone.store_id == Store.id)
        .outerjoin(DeliveryRegion, DeliveryRegion.zone_id == DeliveryZone.id)
        .order_by(
            Store.position, Store.id, DeliveryZone.position, DeliveryZone.id, DeliveryRegion.id
        )
    )
    if store_ids is not None:
        query = query.where(Store.id.in_(set(store_ids)))
    rows: list[Any] = [
        tuple(row) for row in db.session.execute(query)
    ]  # outer joins: any but the first
    stores = list(dict.fromkeys(row[0] for row in rows))
    calendars = _calendars({row[1] for row in rows if row[1] is not None})
    methods = _methods(list({row[0].id for row in rows if row[4]}))
    zones = _zones([(zone, region) for _, _, zone, region, _ in rows if zone is not None], methods)
    return {
        store.id: Plan(
            store.id,
            store.timezone,
            calendars.get(store.id, Calendar()),
            tuple(zones.get(store.id, ())),
            tuple(m for sid, m in methods if sid == store.id and m.kind == "pickup"),
            store.flat_delivery_minor,
            store.free_delivery_from_minor,
        )
        for store in stores
    }


def plan(store_id: int) -> Plan:
    """How one store delivers. Raises ``NotFound``."""
    found = plans([store_id]).get(store_id)
    if found is None:
        raise NotFound("store-unknown")
    return found


def _has_methods() -> ColumnElement[bool]:
    mine = DeliveryMethod.store_id == Store.id
    return exists().where(mine, DeliveryMethod.archived_at.is_(None))


def taken(slot_ids: Collection[int], first: date) -> dict[tuple[int, date], int]:
    """How many orders have each slot, by slot and day, from ``first`` on. One statement."""
    rows = db.session.execute(
        select(DeliverySlotDay.slot_id, DeliverySlotDay.day, DeliverySlotDay.taken).where(
            DeliverySlotDay.slot_id.in_(slot_ids), DeliverySlotDay.day >= first
        )
    )
    return {(row.slot_id, row.day): row.taken for row in rows}


def _calendars(rows: Collection[DeliveryCalendar]) -> dict[int, Calendar]:
    days: dict[int, set[date]] = {}
    if rows:
        for store_id, day in db.session.execute(
            select(DeliveryHoliday.store_id, DeliveryHoliday.day).where(
                DeliveryHoliday.store_id.in_([row.store_id for row in rows])
            )
        ):
            days.setdefault(store_id, set()).add(day)
    return {
        row.store_id: Calendar(
            row.country,
            row.handling_days,
            row.cutoff_minute,
            frozenset(day for day in range(7) if row.working_days >> day & 1),
            frozenset(days.get(row.store_id, ())),
        )
        for row in rows
    }


def _zones(
    rows: list[tuple[DeliveryZone, DeliveryRegion | None]], methods: list[tuple[int, Method]]
) -> dict[int, list[Zone]]:
    regions: dict[int, list[Region]] = {}
    for zone, region in rows:
        held = regions.setdefault(zone.id, [])
        if region is not None:
            held.append(Region(region.country, region.province, region.postcode))
    found: dict[int, list[Zone]] = {}
    for zone in dict.fromkeys(zone for zone, _ in rows):
        found.setdefault(zone.store_id, []).append(
            Zone(
                zone.id,
                zone.public_id,
                zone.name,
                zone.rest,
                tuple(regions[zone.id]),
                tuple(m for _, m in methods if m.zone_id == zone.id and m.kind != "pickup"),
            )
        )
    return found


def _methods(store_ids: Collection[int]) -> list[tuple[int, Method]]:
    if not store_ids:
        return []
    # The table of locations belongs to a higher package: named as text, not imported.
    location = Store.metadata.tables["location"]
    # A method has steps or times of the week, never both: the joins multiply nothing.
    rows: list[Any] = [
        tuple(row)
        for row in db.session.execute(
            select(DeliveryMethod, DeliveryTier, DeliverySlot, location.c.province)
            .outerjoin(DeliveryTier, DeliveryTier.method_id == DeliveryMethod.id)
            .outerjoin(
                DeliverySlot, (DeliverySlot.method_id == DeliveryMethod.id) & DeliverySlot.active
            )
            .outerjoin(location, location.c.id == DeliveryMethod.location_id)
            .where(DeliveryMethod.store_id.in_(store_ids), DeliveryMethod.archived_at.is_(None))
            .order_by(
                DeliveryMethod.position,
                DeliveryMethod.id,
                DeliveryTier.from_value,
                DeliverySlot.weekday,
                DeliverySlot.from_minute,
            )
        )
    ]
    tiers: dict[int, list[tuple[int, int]]] = {}
    slots: dict[int, list[Slot]] = {}
    provinces: dict[int, str] = {}
    for method, tier, slot, province in rows:
        provinces[method.id] = province or ""
        if tier is not None:
            tiers.setdefault(method.id, []).append((tier.from_value, tier.price_minor))
        if slot is not None:
            slots.setdefault(method.id, []).append(_slot(slot))
    return [
        (row.store_id, _method(row, tiers, slots, provinces[row.id]))
        for row in dict.fromkeys(row[0] for row in rows)
    ]


def _slot(row: DeliverySlot) -> Slot:
    return Slot(row.id, row.public_id, row.weekday, row.from_minute, row.until_minute, row.capacity)


def _method(
    row: DeliveryMethod,
    tiers: dict[int, list[tuple[int, int]]],
    slots: dict[int, list[Slot]],
    province: str,
) -> Method:
    columns: dict[str, Any] = {
        name: getattr(row, name)
        for name in (
            "id",
            "public_id",
            "kind",
            "names",
            "price_minor",
            "free_from_minor",
            "min_days",
            "max_days",
            "notes",
            "location_id",
            "active",
            "zone_id",
            "position",
        )
    }
    return Method(
        **columns,
        tiers=tuple(tiers.get(row.id, ())),
        slots=tuple(slots.get(row.id, ())),
        region=province,
    )
