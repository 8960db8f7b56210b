"""How far a new store is on its way to open."""

from dataclasses import dataclass

from sqlalchemy import exists, func, select

from shop.catalog.models import Product
from shop.core.db import db
from shop.inventory.models import Location, StockLevel
from shop.store import delivery_queries
from shop.store.models import Store, StoreTranslation


@dataclass(frozen=True, slots=True)
class SetUp:
    """What a new store has done so far."""

    names: list[str]
    products: int
    published: int
    location: str | None
    delivery_minor: int
    delivery_set: bool

    @property
    def steps(self) -> list[bool]:
        """Name in both languages, a published product, a location with goods, delivery."""
        return [
            len(self.names) > 1,
            self.published > 0,
            self.location is not None,
            self.delivery_set,
        ]

    @property
    def done(self) -> int:
        """How many of the four are done."""
        return sum(self.steps)


def set_up(store_id: int) -> SetUp:
    """How far a store is. Six statements at most."""
    names = db.session.scalars(
        select(StoreTranslation.name).where(
            StoreTranslation.store_id == store_id, StoreTranslation.name != ""
        )
    ).all()
    products, published = db.session.execute(
        select(func.count(), func.count().filter(Product.status == "published")).where(
            Product.store_id == store_id
        )
    ).one()
    location = db.session.scalar(
        select(Location.name)
        .where(Location.store_id == store_id, exists().where(StockLevel.location_id == Location.id))
        .order_by(Location.priority, Location.id)
        .limit(1)
    )
    store = db.session.get_one(Store, store_id)
    return SetUp(
        list(names),
        products,
        published,
        location,
        store.flat_delivery_minor,
        bool(
            store.flat_delivery_minor
            or store.free_delivery_from_minor is not None
            or delivery_queries.plan(store_id).zones
        ),
    )
