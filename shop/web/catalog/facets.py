"""The column of filters beside a list: what there is to choose, and how many goods each choice leaves.

Which values stand there follows from the list alone and not from what was chosen, so that nothing moves
while one chooses; only the numbers change.
"""

import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from flask_babel import gettext as _
from pyroaring import BitMap

from shop.catalog.facets import counting
from shop.catalog.facets.counting import Counts
from shop.catalog.facets.index import RATINGS, Data
from shop.core.i18n import pick
from shop.store.data import StoreName
from shop.web.catalog.asked import Asked, stars
from shop.web.catalog.context import brands
from shop.web.catalog.filters import Filters
from shop.web.ui.format import money_text
from shop.web.ui.locale import current_lang

MOST_GROUPS = 8
SHOWN = 8
MOST_SHOWN = 40


class Box(NamedTuple):
    """A value to choose; ``id`` is its element's; ``left``: how many goods it leaves."""

    id: str
    value: str
    label: str
    left: int
    chosen: bool
    swatch: str | None = None


class FacetView(NamedTuple):
    """A facet of the column. ``single``: one value at most, chosen by radio; ``open``: not folded."""

    name: str
    title: str
    boxes: tuple[Box, ...]
    single: bool = False
    open: bool = True

    @property
    def chosen(self) -> bool:
        """Whether any value is."""
        return any(one.chosen for one in self.boxes)

    @property
    def first(self) -> tuple[Box, ...]:
        """What is seen at once."""
        return self.boxes if len(self.boxes) <= SHOWN + 2 else self.boxes[:SHOWN]

    @property
    def rest(self) -> tuple[Box, ...]:
        """What unfolds."""
        return self.boxes[len(self.first) :]


@dataclass(frozen=True, slots=True)
class PriceView:
    """The price: what was typed, the ends of what there is as hints, and what is wrong."""

    currency: str
    low: str
    high: str
    error: str = ""


@dataclass(slots=True)
class Column:
    """All of it. ``facets`` stand between the price and the last two boxes."""

    price: PriceView | None = None
    facets: list[FacetView] = field(default_factory=list)
    last: FacetView | None = None

    @property
    def boxes(self) -> list[Box]:
        """Every value there is to choose, for the numbers that are sent alone."""
        all_of_them = [*self.facets, *([self.last] if self.last else [])]
        return [box for one in all_of_them for box in one.boxes]

    @property
    def error(self) -> str:
        """What is wrong with what was typed."""
        return self.price.error if self.price else ""


def column(
    data: Data,
    products: BitMap,
    asked: Asked,
    counts: Counts,
    stores: Sequence[StoreName],
    categories: Collection[int] | None,
) -> Column:
    """The column of a list of ``products``.

    ``stores``: those to choose from; ``categories``: see ``counting.groups_of``.
    """
    filters = asked.filters
    found = Column()
    if asked.currency is not None:
        low, high = (money_text(one, asked.currency) for one in counts.prices())
        found.price = PriceView(asked.currency, low, high, asked.error)
    facets = [
        _stores(data, products, filters, counts, stores),
        *_values(data, products, filters, counts, categories),
    ]
    facets += [_brands(data, products, asked, counts), _ratings(data, products, filters, counts)]
    found.facets = [one for one in facets if one is not None]
    found.last = _last(data, products, filters, counts)
    return found


def _stores(
    data: Data, products: BitMap, filters: Filters, counts: Counts, stores: Sequence[StoreName]
) -> FacetView | None:
    """The stores that have some of the products; none where one store has them all."""
    chosen = {one.id for one in filters.stores}
    boxes = [
        Box(f"store-{one.slug}", one.slug, one.name, counts.store(one.id), one.id in chosen)
        for one in stores
        if one.id in chosen or data.stores.get(one.id, BitMap()).intersect(products)
    ]
    return FacetView("store", _("Shop"), tuple(boxes)) if chosen or len(boxes) > 1 else None


def _values(
    data: Data,
    products: BitMap,
    filters: Filters,
    counts: Counts,
    categories: Collection[int] | None,
) -> list[FacetView]:
    """Options and attributes: of those that every product shares only what was chosen."""
    lang = current_lang()
    found: list[FacetView] = []
    groups = counting.groups_of(data, products, categories)
    groups += [data.groups[name] for name in filters.values if data.groups[name] not in groups]
    for group in groups:
        chosen = filters.values.get(group.key, ())
        if not chosen and len(found) >= MOST_GROUPS:
            continue
        counted = counting.values_of(data, products, group)
        if not chosen and (len(counted) < 2 and all(n == len(products) for _value, n in counted)):
            continue
        shown = [value for value, _n in counted[:MOST_SHOWN]]
        shown += [group.values[key] for key in chosen if group.values[key] not in shown]
        boxes = [
            Box(
                _element(group.key, value.key),
                value.key,
                pick(value.labels, lang),
                counts.value(group, value.id),
                value.key in chosen,
                value.swatch,
            )
            for value in shown
        ]
        opened = bool(chosen) or len(found) < MOST_GROUPS // 2
        found.append(FacetView(group.key, pick(group.names, lang), tuple(boxes), open=opened))
    return found


def _brands(data: Data, products: BitMap, asked: Asked, counts: Counts) -> FacetView | None:
    counted = counting.brands_of(data, products)
    chosen = {one.id for one in asked.brands.values()}
    if not chosen and (len(counted) < 2 and all(n == len(products) for _id, n in counted)):
        return None
    order = [brand_id for brand_id, _n in counted[:MOST_SHOWN]]
    order += sorted(chosen - set(order))
    named = {one.id: one for one in brands().of(order)}
    boxes = [
        Box(f"brand-{one.slug}", one.slug, one.name, counts.brand(one.id), one.id in chosen)
        for one in (named[brand_id] for brand_id in order if brand_id in named)
    ]
    return FacetView("brand", _("Brand"), tuple(boxes)) if boxes else None


def _ratings(data: Data, products: BitMap, filters: Filters, counts: Counts) -> FacetView | None:
    rated = any(data.ratings[least].intersect(products) for least in RATINGS)
    if not rated and not filters.rating:
        return None
    boxes = [
        Box(
            f"rating-{least}",
            str(least),
            stars(least),
            counts.rating(least),
            least == filters.rating,
        )
        for least in RATINGS
    ]
    return FacetView("rating", _("Review stars"), tuple(boxes), single=True)


def _last(data: Data, products: BitMap, filters: Filters, counts: Counts) -> FacetView:
    boxes = [Box("stock", "1", _("In stock"), counts.in_stock, filters.in_stock)]
    if filters.on_offer or data.offers.intersect(products):
        boxes.append(Box("offer", "1", _("On offer"), counts.on_offer, filters.on_offer))
    return FacetView("", _("Availability"), tuple(boxes))


def _element(name: str, value: str) -> str:
    """An id for a value whose key may be in any script."""
    return f"f-{zlib.crc32(f'{name}={value}'.encode()):08x}"
