"""Zones and methods of a store, made through the services."""

from shop.core import clock
from shop.core.db import db
from shop.core.transaction import transaction
from shop.store import delivery_queries, delivery_services
from shop.store.delivery import MethodData, Plan
from shop.store.places import Region

EVERY_HOUR = tuple((day, 0, 1439, 1) for day in range(7))
"""A slot a day with room for one order."""


def make_zone(store_id: int, name: str, *regions: str, rest: bool = False) -> str:
    """A zone of places written ``CN``, ``CN:上海市`` or ``CN:上海市:2000``; returns its public id."""
    places = [Region(*place.split(":")) for place in regions]
    with transaction():
        return delivery_services.save_zone(store_id, name, places, rest=rest)


def make_method(
    store_id: int, zone: str | None = None, kind: str = "flat", **fields: object
) -> str:
    """A method in a zone, or a pick-up; returns its public id. ``fields``: as of ``MethodData``."""
    names = {"en": kind.title(), "zh": f"方式{kind}"}
    if kind == "pickup":
        fields.setdefault("notes", {"en": "12 Long Lane, Shanghai", "zh": "上海市长巷 12 号"})
    if kind == "local":
        fields = {"slots": EVERY_HOUR, "min_days": 0, "max_days": 0} | fields
    data = MethodData(kind, **({"names": names} | fields))  # type: ignore[arg-type]  # as given
    with transaction():
        return delivery_services.save_method(store_id, data, zone=zone)


def plan_of(store_id: int) -> Plan:
    """How a store delivers now."""
    db.session.rollback()
    return delivery_queries.plan(store_id)


def first_window(store_id: int, method: str) -> str:
    """What a form calls the next free slot of a method."""
    plan = plan_of(store_id)
    local = next(one for zone in plan.zones for one in zone.methods if one.public_id == method)
    full = delivery_queries.taken([slot.id for slot in local.slots], clock.now().date())
    return plan.windows(local, clock.now(), full)[0].key
