"""How the demo's shops deliver: zones with their rates, a counter, slots by bicycle."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from shop.core import clock, money
from shop.demo import texts
from shop.inventory import services as inventory
from shop.store import delivery_services as services
from shop.store.delivery import MethodData
from shop.store.places import Region
from shop.store.promise import Calendar


def set_up(store_ids: Mapping[str, int]) -> None:
    """Zones, methods and working days of both shops."""
    data = texts.read("delivery")
    week = data["week"]
    year = clock.now().year + 1
    for slug, store_id in store_ids.items():
        services.set_calendar(
            store_id,
            Calendar(
                "CN",
                week["handling_days"],
                week["cutoff"],
                frozenset(week["working_days"]),
                frozenset(date(year, 1, day) for day in (1, 2, 3)),
            ),
        )
        for row in data["zone"]:
            if row.get("store", slug) == slug:
                places = [Region(*place.split(":")) for place in row.get("places", ())]
                zone = services.save_zone(
                    store_id, row["name"], places, rest=row.get("rest", False)
                )
                for method in row["method"]:
                    services.save_method(store_id, _method(method), zone=zone)
        for row in data["pickup"]:
            if row["store"] == slug:
                place = inventory.default_location(store_id)
                services.save_method(store_id, _pickup(row, place))


def _method(row: Mapping[str, Any]) -> MethodData:
    first, last = row["days"]
    return MethodData(
        row["kind"],
        row["name"],
        money.parse(row["price"]),
        money.parse(row["free_from"]) if "free_from" in row else None,
        [(start, money.parse(price)) for start, price in row.get("tiers", ())],
        first,
        last,
        slots=[(day, start, end, room) for day, start, end, room in row.get("slots", ())],
    )


def _pickup(row: Mapping[str, Any], location_id: int) -> MethodData:
    return MethodData("pickup", row["name"], notes=row["note"], location_id=location_id)
