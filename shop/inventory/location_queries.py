"""Reading the places of a store."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from shop.core.db import db
from shop.inventory.models import Location, StockLevel


@dataclass(frozen=True, slots=True)
class LocationView:
    """A place with what lies there: ``variants`` of which units are on hand, ``units`` in all."""

    id: int
    public_id: str
    store_id: int
    name: str
    province: str
    city: str
    street: str
    postcode: str
    phone: str
    is_pickup: bool
    hours: Mapping[str, Any]
    archived: bool
    variants: int
    units: int
    reserved: int

    @property
    def empty(self) -> bool:
        """Nothing lies there, nothing is promised from there."""
        return not self.units and not self.reserved


def of_stores(store_ids: Collection[int], *, public_id: str | None = None) -> list[LocationView]:
    """The places of some stores, those taken from first in front, those out of use last. One statement."""
    query = (
        select(
            Location,
            func.count(StockLevel.id).filter(StockLevel.on_hand > 0),
            func.coalesce(func.sum(StockLevel.on_hand), 0),
            func.coalesce(func.sum(StockLevel.reserved), 0),
        )
        .outerjoin(StockLevel, StockLevel.location_id == Location.id)
        .where(Location.store_id.in_(store_ids))
        .group_by(Location.id)
        .order_by(Location.archived_at.is_not(None), Location.priority, Location.id)
    )
    if public_id is not None:
        query = query.where(Location.public_id == public_id)
    return [
        LocationView(
            row.id,
            row.public_id,
            row.store_id,
            row.name,
            row.province,
            row.city,
            row.street,
            row.postcode,
            row.phone,
            row.is_pickup,
            row.hours,
            row.archived_at is not None,
            variants,
            int(units),
            int(reserved),
        )
        for row, variants, units, reserved in db.session.execute(query)
    ]


def beside(location_id: int) -> list[int]:
    """The other places of its store that are in use, in their order."""
    other = aliased(Location)
    return list(
        db.session.scalars(
            select(Location.id)
            .join(other, other.store_id == Location.store_id)
            .where(
                other.id == location_id,
                Location.id != location_id,
                Location.archived_at.is_(None),
            )
            .order_by(Location.priority, Location.id)
        )
    )


def in_use(location_ids: Collection[int]) -> dict[int, int]:
    """Each of the places → itself, or the first one of its store when it is out of use; without those of
    stores that have none. No statement for nothing, else one."""
    if not location_ids:
        return {}
    asked = aliased(Location)
    rows = db.session.execute(
        select(asked.id, Location.id)
        .join(asked, asked.store_id == Location.store_id)
        .where(asked.id.in_(location_ids), Location.archived_at.is_(None))
        # The best comes last, and stays.
        .order_by(Location.id == asked.id, Location.priority.desc(), Location.id.desc())
    )
    return dict(rows.all())
