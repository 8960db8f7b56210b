"""What the stock of a store is worth, how long it lasts, what does not move. Five statements."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import case, func, select

from shop.analytics.sales import faces
from shop.analytics.stock import options
from shop.catalog.models import Product, Variant
from shop.core import clock
from shop.core.db import db
from shop.inventory.models import Location, StockLevel, StockMovement

YEAR = 365


@dataclass(frozen=True, slots=True)
class PlaceValue:
    """What lies at a location, worth at cost. ``without_cost``: units whose cost nobody wrote down."""

    name: str
    units: int
    value_minor: int
    without_cost: int


@dataclass(frozen=True, slots=True)
class Cover:
    """A variant: what lies there, what left in the days of the report, how long the rest lasts."""

    variant_id: int
    public_id: str
    title: str
    options: str
    sku: str
    image_name: str | None
    on_hand: int
    value_minor: int | None
    sold: int
    days: int | None

    @property
    def dead(self) -> bool:
        """Lies there, and none was sold."""
        return self.on_hand > 0 and not self.sold


@dataclass(frozen=True, slots=True)
class StockReport:
    """The figures of a store's stock over some days."""

    days: int
    places: list[PlaceValue]
    rows: list[Cover]
    sold_cost_minor: int
    before_minor: int

    @property
    def value_minor(self) -> int:
        """All goods on hand at cost."""
        return sum(place.value_minor for place in self.places)

    @property
    def turnover(self) -> float | None:
        """How often a year the stock is sold: cost of what left, over the mean of its value then and now."""
        mean = (self.value_minor + self.before_minor) / 2
        return self.sold_cost_minor / mean * YEAR / self.days if mean > 0 else None

    @property
    def cover(self) -> int | None:
        """For how many days the goods of today last at the speed of these days, by cost."""
        if not self.sold_cost_minor:
            return None
        return round(self.value_minor * self.days / self.sold_cost_minor)

    @property
    def dead(self) -> list[Cover]:
        """What did not move, what is worth most first."""
        return [row for row in self.rows if row.dead]


def report(store_ids: Collection[int], locale: str, *, days: int) -> StockReport:
    """Value by location, and every stocked variant, what is worth most first."""
    since = clock.now() - timedelta(days=days)
    cost = func.coalesce(Variant.cost_minor, 0)
    of_store = Location.store_id.in_(store_ids)
    places = [
        PlaceValue(name, int(units), int(value), int(unknown))
        for name, units, value, unknown in db.session.execute(
            select(
                Location.name,
                func.coalesce(func.sum(StockLevel.on_hand), 0),
                func.coalesce(func.sum(StockLevel.on_hand * cost), 0),
                func.coalesce(
                    func.sum(case((Variant.cost_minor.is_(None), StockLevel.on_hand), else_=0)), 0
                ),
            )
            .outerjoin(StockLevel, StockLevel.location_id == Location.id)
            .outerjoin(Variant, Variant.id == StockLevel.variant_id)
            .where(of_store, Location.archived_at.is_(None))
            .group_by(Location.id, Location.name, Location.priority)
            .order_by(Location.priority, Location.id)
        )
    ]
    sold = case((StockMovement.kind == "sold", -StockMovement.quantity), else_=0)
    moved = {
        variant_id: (int(gone), int(change))
        for variant_id, gone, change in db.session.execute(
            select(StockMovement.variant_id, func.sum(sold), func.sum(StockMovement.quantity))
            .join(Location, Location.id == StockMovement.location_id)
            .where(of_store, StockMovement.at >= since)
            .group_by(StockMovement.variant_id)
        )
    }
    found = db.session.execute(
        select(
            Variant.id,
            Variant.public_id,
            Variant.product_id,
            Variant.sku,
            Variant.cost_minor,
            func.coalesce(func.sum(StockLevel.on_hand), 0),
        )
        .join(Product, Product.id == Variant.product_id)
        .outerjoin(StockLevel, StockLevel.variant_id == Variant.id)
        .where(
            Product.store_id.in_(store_ids),
            Variant.tracked.is_(True),
            Variant.archived_at.is_(None),
            Product.status != "archived",
        )
        .group_by(Variant.id)
    ).all()
    about = faces(list({row.product_id for row in found}), locale)
    chosen = options([row.id for row in found], locale)
    rows = []
    sold_cost = change_value = 0
    for variant_id, public_id, product_id, sku, cost_minor, on_hand in found:
        gone, change = moved.get(variant_id, (0, 0))
        sold_cost += gone * (cost_minor or 0)
        change_value += change * (cost_minor or 0)
        rows.append(
            Cover(
                variant_id,
                public_id,
                about[product_id][0],
                chosen.get(variant_id, ""),
                sku,
                about[product_id][1],
                int(on_hand),
                None if cost_minor is None else int(on_hand) * cost_minor,
                gone,
                int(on_hand) * days // gone if gone > 0 else None,
            )
        )
    rows.sort(key=lambda row: (-(row.value_minor or 0), row.variant_id))
    value = sum(place.value_minor for place in places)
    return StockReport(days, places, rows, sold_cost, max(0, value - change_value))
