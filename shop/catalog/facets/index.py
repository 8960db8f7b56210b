"""How many goods have what: sets of product ids that a process keeps, brought up to date by the log.

A count is the size of an intersection, so that a list of a hundred thousand goods costs hardly more than
one of a thousand. The tables are the truth; the sets are read from them when a process first needs them,
and again, product by product, as ``core.changes`` tells what was changed.
"""

import threading
from array import array
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pyroaring import BitMap
from sqlalchemy import literal, select, union_all

from shop.catalog.among import among
from shop.catalog.collection_models import TOPIC as GATHERED
from shop.catalog.collection_models import CollectionProduct
from shop.catalog.facets import derive
from shop.catalog.facets.models import (
    Attribute,
    AttributeValue,
    CategoryAttribute,
    Facet,
    FacetValue,
    ProductFacet,
)
from shop.catalog.facets.prices import Prices
from shop.catalog.models import ListingRow, Product
from shop.core import changes
from shop.core.db import db

RATINGS = (4, 3)
"""Stars and up that lists are narrowed by."""
_MOST_CHANGED = 2000
_AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a facet; ``place`` orders those of an attribute (0 for all of an option)."""

    id: int
    key: str
    labels: Mapping[str, Any]
    swatch: str | None
    place: int


@dataclass(slots=True)
class Group:
    """A facet with its values by key. ``categories``: those an attribute is of; none for an option."""

    id: int
    key: str
    names: Mapping[str, Any]
    values: dict[str, Value] = field(default_factory=dict)
    categories: frozenset[int] | None = None
    place: int = 0


@dataclass(slots=True)
class Data:
    """The sets. ``everything`` is what is published; ``values`` and ``collections`` may hold more."""

    everything: BitMap = field(default_factory=BitMap)
    available: BitMap = field(default_factory=BitMap)
    offers: BitMap = field(default_factory=BitMap)
    ratings: dict[int, BitMap] = field(default_factory=lambda: {one: BitMap() for one in RATINGS})
    categories: dict[int, BitMap] = field(default_factory=dict)
    stores: dict[int, BitMap] = field(default_factory=dict)
    brands: dict[int, BitMap] = field(default_factory=dict)
    collections: dict[int, BitMap] = field(default_factory=dict)
    currencies: dict[str, BitMap] = field(default_factory=dict)
    values: dict[int, BitMap] = field(default_factory=dict)
    prices: Prices = field(default_factory=Prices)
    groups: dict[str, Group] = field(default_factory=dict)
    having: dict[str, BitMap] = field(default_factory=dict)

    def sets(self) -> Iterator[BitMap]:
        """Every set of products but those of the prices and of ``having``."""
        yield from (self.everything, self.available, self.offers)
        for one in (self.ratings, self.categories, self.stores, self.brands, self.currencies):
            yield from one.values()
        yield from self.values.values()
        yield from self.collections.values()


class Index:
    """The sets of one process over one database. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self.forget()

    def forget(self) -> None:
        """Read everything anew the next time: for whoever changed the database behind the shop's back."""
        with self._lock:
            self._follower = changes.Follower()
            self._data = Data()
            self._moment: int | None = None

    @contextmanager
    def reading(self, moment: int | None = None) -> Iterator[Data]:
        """The sets as of this transaction, or later; held for this thread meanwhile.

        One statement; up to six more when something was changed. None, when they were read for this very
        ``moment``: a number that its owner moves whenever he finds news in the log.
        """
        with self._lock:
            try:
                if moment is None or moment != self._moment:
                    self._catch_up()
                self._moment = moment
            except BaseException:
                self.forget()  # half of the news would be worse than none
                raise
            yield self._data

    def _catch_up(self) -> None:
        news = self._follower.news()
        if not news:
            return
        noted = {key for topic, key in news.notes if topic == "product"}
        changed = {key for key in noted if key is not None}
        if news.lost or None in noted or len(changed) > _MOST_CHANGED:
            self._data = Data()
            _load(self._data, None)
            _name(self._data)
            return
        named = any(topic == derive.TOPIC for topic, _ in news.notes)
        if changed:
            gone = BitMap(changed)
            for one in self._data.sets():
                one.difference_update(gone)
            self._data.prices.drop(gone)
            _load(self._data, changed)
        gathered = {key for topic, key in news.notes if topic == GATHERED and key is not None}
        if gathered:
            _regather(self._data, gathered)
        if named:
            _name(self._data)
        elif changed:
            _gather(self._data)


def _load(data: Data, only: Collection[int] | None) -> None:
    """Add all products, or ``only`` some, to the sets. Two statements."""
    lists: dict[tuple[str, Any], array[int]] = {}
    prices: dict[int, int] = {}

    def put(name: str, key: Any, product_id: int) -> None:
        lists.setdefault((name, key), array("I")).append(product_id)

    rows = select(
        ListingRow.product_id,
        ListingRow.store_id,
        ListingRow.category_id,
        Product.brand_id,
        ListingRow.price_minor,
        ListingRow.compare_at_minor,
        ListingRow.currency,
        ListingRow.available,
        ListingRow.rating_sum,
        ListingRow.rating_count,
    )
    rows = rows.join(Product, Product.id == ListingRow.product_id)
    rows = rows.where(ListingRow.published_at.is_not(None))
    values = select(ProductFacet.product_id, literal("values").label("name"), ProductFacet.value_id)
    held = select(
        CollectionProduct.product_id,
        literal("collections").label("name"),
        CollectionProduct.collection_id,
    )
    if only is not None:
        rows = rows.where(among(ListingRow.product_id, only))
        values = values.where(among(ProductFacet.product_id, only))
        held = held.where(among(CollectionProduct.product_id, only))
    for pid, store, category, brand, price, was, currency, available, stars, ratings in _run(rows):
        put("everything", None, pid)
        put("stores", store, pid)
        put("currencies", currency, pid)
        prices[pid] = price
        if category is not None:
            put("categories", category, pid)
        if brand is not None:
            put("brands", brand, pid)
        if available:
            put("available", None, pid)
        if was is not None:
            put("offers", None, pid)
        for least in RATINGS:
            if ratings and stars >= least * ratings:
                put("ratings", least, pid)
    for pid, name, key in _run(union_all(values, held)):
        put(name, key, pid)
    data.prices.add(prices)
    for (name, key), ids in lists.items():
        target = getattr(data, name)
        if key is not None:
            target = target.setdefault(key, BitMap())
        target.update(BitMap(ids))


def _regather(data: Data, collection_ids: Collection[int]) -> None:
    """Read what some collections hold. One statement."""
    for one in collection_ids:
        data.collections[one] = BitMap()
    rows = select(CollectionProduct.collection_id, CollectionProduct.product_id)
    for collection, pid in _run(rows.where(among(CollectionProduct.collection_id, collection_ids))):
        data.collections[collection].add(pid)


def _run(statement: Any) -> Any:
    return db.session.execute(statement.execution_options(yield_per=_AT_ONCE))


def _name(data: Data) -> None:
    """Read what facets and values are called, and which categories attributes are of. Three statements."""
    categories: dict[str, set[int]] = {}
    for key, category in db.session.execute(
        select(Attribute.key, CategoryAttribute.category_id).join(
            CategoryAttribute, CategoryAttribute.attribute_id == Attribute.id
        )
    ):
        categories.setdefault(key, set()).add(category)
    places: dict[tuple[str, str], int] = {}
    orders: dict[str, int] = {}
    if categories:
        for key, position, value, place in db.session.execute(
            select(Attribute.key, Attribute.position, AttributeValue.key, AttributeValue.position)
            .join(AttributeValue, AttributeValue.attribute_id == Attribute.id)
            .order_by(Attribute.position, Attribute.id)
        ):
            orders[key] = position
            places[key, value] = place
    groups: dict[str, Group] = {}
    known = set()
    for facet_id, facet, names, value_id, value, labels, swatch in db.session.execute(
        select(
            Facet.id,
            Facet.key,
            Facet.names,
            FacetValue.id,
            FacetValue.key,
            FacetValue.labels,
            FacetValue.swatch,
        )
        .join(FacetValue, FacetValue.facet_id == Facet.id)
        .order_by(Facet.id, FacetValue.id)
    ):
        group = groups.get(facet)
        if group is None:
            group = groups[facet] = Group(facet_id, facet, names)
            if facet.startswith(derive.ATTRIBUTE):
                own = facet.removeprefix(derive.ATTRIBUTE)
                group.categories = frozenset(categories.get(own, ()))
                group.place = orders.get(own, 0)
        place = places.get((facet.removeprefix(derive.ATTRIBUTE), value), 0)
        group.values[value] = Value(value_id, value, labels, swatch, place)
        known.add(value_id)
    data.groups = groups
    for value_id in data.values.keys() - known:
        del data.values[value_id]
    _gather(data)


def _gather(data: Data) -> None:
    """Which products have a facet at all."""
    data.having = {
        key: BitMap().union(
            *(data.values[one.id] for one in group.values.values() if one.id in data.values)
        )
        for key, group in data.groups.items()
    }
