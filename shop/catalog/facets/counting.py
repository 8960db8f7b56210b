"""What is left of a list under a choice, and how many each other choice would leave.

Within a facet any of the chosen values will do, and every facet must be met. What a facet's own values
count is reckoned without its own choice: they say what choosing them besides would add.
"""

from collections.abc import Collection, Iterable, Mapping

from pyroaring import BitMap

from shop.catalog.facets.choice import Choice
from shop.catalog.facets.index import Data, Group, Value

MOST_VALUES = 1000
"""Of a facet with more values only those that most goods of the shop have are counted."""

PRICE, STORE, BRAND, RATING, STOCK, OFFER = "price", "store", "brand", "rating", "stock", "offer"


def base(
    data: Data,
    *,
    category_ids: Collection[int] | None = None,
    store_id: int | None = None,
    brand_id: int | None = None,
    collection_id: int | None = None,
    ids: Iterable[int] | None = None,
) -> BitMap:
    """The published products of a list before anything is chosen."""
    found = data.everything
    if category_ids is not None:
        found = BitMap().union(
            *(data.categories[one] for one in category_ids if one in data.categories)
        )
    if store_id is not None:
        found = found & data.stores.get(store_id, BitMap())
    if brand_id is not None:
        found = found & data.brands.get(brand_id, BitMap())
    if collection_id is not None:
        found = found & data.collections.get(collection_id, BitMap())
    if ids is not None:
        found = found & BitMap(ids)
    return found


def sizes(data: Data, sets: Mapping[int, BitMap]) -> dict[int, int]:
    """How many published products each of some sets has; those that have none are left out."""
    counted = {one: data.everything.intersection_cardinality(ids) for one, ids in sets.items()}
    return {one: count for one, count in counted.items() if count}


def narrow(data: Data, products: BitMap, choice: Choice) -> BitMap:
    """Those of the products that meet the choice."""
    for one in _groups(data, products, choice).values():
        products = products & one
    return products


def currency(data: Data, products: BitMap) -> str | None:
    """The currency of all of the products; none when there are several, or no products."""
    found = [code for code, ids in data.currencies.items() if ids.intersect(products)]
    return found[0] if len(found) == 1 else None


class Counts:
    """How many of ``products`` there are under ``choice``, and under each other choice besides."""

    def __init__(self, data: Data, products: BitMap, choice: Choice) -> None:
        self._data = data
        self._products = products
        self._groups = _groups(data, products, choice)
        self._others: dict[str, BitMap] = {}
        self.left = products
        for one in self._groups.values():
            self.left = self.left & one

    def store(self, store_id: int) -> int:
        """How many one store would have."""
        return self._count(STORE, self._data.stores.get(store_id))

    def rating(self, least: int) -> int:
        """How many have so many stars and up."""
        return self._count(RATING, self._data.ratings.get(least))

    @property
    def in_stock(self) -> int:
        """How many can be had."""
        return self._count(STOCK, self._data.available)

    @property
    def on_offer(self) -> int:
        """How many are reduced."""
        return self._count(OFFER, self._data.offers)

    def brand(self, brand_id: int) -> int:
        """How many are of one brand."""
        return self._count(BRAND, self._data.brands.get(brand_id))

    def value(self, group: Group, value_id: int) -> int:
        """How many have one value of a facet."""
        return self._count(group.key, self._data.values.get(value_id))

    def prices(self) -> tuple[int, int]:
        """The lowest and the highest price there are under the rest of the choice."""
        among = self._without(PRICE)
        return self._data.prices.lowest(among), self._data.prices.highest(among)

    def _count(self, group: str, having: BitMap | None) -> int:
        return 0 if having is None else having.intersection_cardinality(self._without(group))

    def _without(self, group: str) -> BitMap:
        """What is left but for one facet's own choice."""
        if group not in self._groups:
            return self.left
        if group not in self._others:
            found = self._products
            for name, one in self._groups.items():
                if name != group:
                    found = found & one
            self._others[group] = found
        return self._others[group]


def groups_of(data: Data, products: BitMap, categories: Collection[int] | None) -> list[Group]:
    """Facets of options and attributes that some of the products have, the commonest first.

    ``categories``: those that the list is about, from the top down to the lowest; attributes that none
    of them has are not shown. Elsewhere attributes are shown that belong to some category.
    """
    found = []
    for key, group in data.groups.items():
        if group.categories is not None:
            own = group.categories if categories is None else group.categories & set(categories)
            if not own:
                continue
        many = data.having[key].intersection_cardinality(products)
        if many:
            found.append((group.categories is None, group.place, -many, group.id, group))
    return [group for *_, group in sorted(found, key=lambda one: one[:4])]


def values_of(data: Data, products: BitMap, group: Group) -> list[tuple[Value, int]]:
    """The values of a facet that some of the products have, with how many: the commonest first, those of
    an attribute in its order."""
    candidates = [value for value in group.values.values() if value.id in data.values]
    if len(candidates) > MOST_VALUES:
        candidates.sort(key=lambda value: -len(data.values[value.id]))
        del candidates[MOST_VALUES:]
    counted = [
        (value, data.values[value.id].intersection_cardinality(products)) for value in candidates
    ]
    found = [(value, count) for value, count in counted if count]
    return sorted(found, key=lambda one: (one[0].place, -one[1], one[0].id))


def brands_of(data: Data, products: BitMap) -> list[tuple[int, int]]:
    """The brands of the products with how many, the commonest first."""
    counted = [(one, ids.intersection_cardinality(products)) for one, ids in data.brands.items()]
    return sorted(
        ((one, count) for one, count in counted if count), key=lambda one: (-one[1], one[0])
    )


def _groups(data: Data, products: BitMap, choice: Choice) -> dict[str, BitMap]:
    """For each facet in use the set of what meets it."""
    found: dict[str, BitMap] = {}
    if choice.stores:
        found[STORE] = _any(data.stores, choice.stores)
    if choice.brands:
        found[BRAND] = _any(data.brands, choice.brands)
    for key, value_ids in choice.values.items():
        found[key] = _any(data.values, value_ids)
    if choice.least is not None or choice.most is not None:
        found[PRICE] = data.prices.between(choice.least, choice.most, products)
    if choice.rating:
        found[RATING] = data.ratings.get(choice.rating, BitMap())
    if choice.in_stock:
        found[STOCK] = data.available
    if choice.on_offer:
        found[OFFER] = data.offers
    return found


def _any(sets: Mapping[int, BitMap], ids: Iterable[int]) -> BitMap:
    return BitMap().union(*(sets[one] for one in ids if one in sets))
