"""A list of cards as its page and its fragments show it."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from flask import current_app, request, url_for
from pyroaring import BitMap

from shop.catalog import queries as catalog
from shop.catalog.facets import counting
from shop.catalog.facets.choice import Choice
from shop.catalog.facets.counting import Counts
from shop.catalog.facets.index import Data, Index
from shop.catalog.search import matching
from shop.catalog.search.matching import MOST_COUNTED
from shop.catalog.views import ListingPage
from shop.web.catalog import asked as questions
from shop.web.catalog import facets
from shop.web.catalog import filters as choices
from shop.web.catalog.asked import Asked
from shop.web.catalog.context import store_names, tree
from shop.web.catalog.facets import Column
from shop.web.catalog.filters import Filters
from shop.web.ui import kept
from shop.web.ui.cards import CardView, card_views
from shop.web.ui.htmx import is_partial
from shop.web.ui.locale import current_lang

PAGE = 24
_MOST_SHOWN = 100_000
_FEW = 1000
"""So many goods at most are read by their ids and sorted; of more the database walks along the order."""


class Chip(NamedTuple):
    """A filter in use and the address without it."""

    href: str
    text: str


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list.

    ``shown``: how many were shown up to here; ``more``: the next page's address; ``start``: the first
    page's, when this is not it; ``narrowest``: when nothing is left, the filter to take away first;
    ``all``: the address without filters; ``of``: how many there are without them (of a search, up to
    where counting ends); ``more_than_counted``: ``total`` is only where counting ended;
    ``partly``: the numbers of the column are of the matches that were counted.
    """

    cards: list[CardView]
    total: int
    shown: int
    url: str
    more: str | None
    start: str | None
    filters: Filters
    chips: list[Chip]
    narrowest: Chip | None
    column: Column
    all: str
    of: int
    more_than_counted: bool = False
    partly: bool = False

    @property
    def sort_options(self) -> list[tuple[str, Any]]:
        """The orders to choose from."""
        return choices.sort_options(self.filters.default_sort)

    @property
    def status(self) -> int:
        """422 when something of the filters cannot be read; the list is then shown without it."""
        return 422 if self.column.error else 200


@dataclass(frozen=True, slots=True)
class _Narrowed:
    """What the index says of a list. ``left``: its products under the choice."""

    asked: Asked
    left: BitMap
    column: Column
    labels: list[str]
    narrowest: int | None
    of: int


def read(
    filters: Filters,
    endpoint: str,
    values: dict[str, Any],
    limit: int = PAGE,
    **conditions: Any,
) -> Listing:
    """The page of a list that the request asks for.

    ``endpoint`` and ``values`` make the list's address; ``conditions`` are those of
    ``catalog.queries.listing``. The cards are one statement, what the filters need up to four more
    (``facets.index``, candidates of a search).
    """
    search = conditions.get("search")
    found = matching.candidates(search) if search else []
    endless = len(found) > MOST_COUNTED
    narrowed = _narrow(filters, conditions, found)
    filters = narrowed.asked.filters
    total = len(narrowed.left)
    after = request.args.get("after")
    counting_on = endless and bool(narrowed.asked.choice)
    choice: Choice | None = narrowed.asked.choice
    if not endless and total <= _FEW:
        choice, conditions = None, _by_ids(narrowed.left, conditions)
    page = ListingPage([], None, 0)
    if narrowed.left or endless:
        page = catalog.listing(
            locale=current_lang(),
            sort=filters.sort,
            after=after,
            limit=limit,
            choice=choice,
            with_count=counting_on,
            **conditions,
        )
    beyond = endless
    if counting_on:
        total, beyond = page.count or 0, (page.count or 0) > MOST_COUNTED
    if beyond:
        total = MOST_COUNTED
    shown = min(total, _before() + len(page.items))
    address = {**values, **filters.query()}
    url = url_for(endpoint, **address)
    more = None
    if page.next_cursor:
        more = url_for(endpoint, **address, after=page.next_cursor, shown=shown)
    chips = [
        Chip(url_for(endpoint, **values, **filters.without(part).query()), label)
        for part, label in zip(filters.parts, narrowed.labels, strict=True)
    ]
    return Listing(
        cards=card_views(page.items),
        total=total,
        shown=shown,
        url=url,
        more=more,
        start=url if after else None,
        filters=filters,
        chips=chips,
        narrowest=None if narrowed.narrowest is None else chips[narrowed.narrowest],
        column=narrowed.column,
        all=url_for(endpoint, **values, **filters.bare().query()),
        of=min(narrowed.of, MOST_COUNTED) if search else narrowed.of,
        partly=endless,
        more_than_counted=beyond,
    )


def sizes(kind: Literal["brands", "collections"]) -> dict[int, int]:
    """How many goods on sale each brand or collection has, by its id; those without are left out."""
    with _index().reading(kept.moment()) as data:
        return counting.sizes(data, getattr(data, kind))


def _index() -> Index:
    found: Index = current_app.extensions["facets"]
    return found


def _by_ids(products: BitMap, conditions: dict[str, Any]) -> dict[str, Any]:
    """What selects some products of a list; its collection stays, which may order them."""
    kept = {name: one for name, one in conditions.items() if name in {"search", "collection_id"}}
    return {"ids": products, **kept}


def _narrow(filters: Filters, conditions: dict[str, Any], found: list[int]) -> _Narrowed:
    categories = _categories(conditions.get("category_id"))
    with _index().reading(kept.moment()) as data:
        products = _products(data, conditions, categories, found)
        asked = questions.understand(data, products, filters)
        counts = Counts(data, products, asked.choice)
        column = Column()
        if not (is_partial() and "after" in request.args):
            shops = [] if "store_id" in conditions else store_names()
            about = None if categories is None else categories.all
            column = facets.column(data, products, asked, counts, shops, about)
        parts = asked.filters.parts
        narrowest = None
        if parts and not counts.left:
            left = [
                len(counting.narrow(data, products, questions.without(data, asked, part)))
                for part in parts
            ]
            narrowest = left.index(max(left))
        labels = [questions.label(data, asked, part) for part in parts]
        return _Narrowed(asked, counts.left, column, labels, narrowest, len(products))


class _Categories(NamedTuple):
    """A category with those below it, and all of these with those above it."""

    below: Collection[int]
    all: Collection[int]


def _categories(category_id: int | None) -> _Categories | None:
    if category_id is None:
        return None
    by_id = {node.id: node for node in catalog.walk(tree())}
    if category_id not in by_id:
        return _Categories([category_id], [category_id])
    below = [node.id for node in catalog.walk([by_id[category_id]])]
    above = []
    step = by_id[category_id].parent_id
    while step in by_id:
        above.append(step)
        step = by_id[step].parent_id
    return _Categories(below, [*below, *above])


_KNOWN = {"category_id", "store_id", "brand_id", "collection_id", "ids", "search"}


def _products(
    data: Data, conditions: dict[str, Any], categories: _Categories | None, found: list[int]
) -> BitMap:
    """The products of a list before anything is chosen; by a statement, when the index knows it not."""
    ids = conditions.get("ids")
    if conditions.get("search") is not None:
        ids = found
    if conditions.keys() - _KNOWN:
        others = {name: one for name, one in conditions.items() if name != "search"}
        return BitMap(catalog.listed(**others)) & counting.base(data, ids=ids)
    return counting.base(
        data,
        category_ids=None if categories is None else categories.below,
        store_id=conditions.get("store_id"),
        brand_id=conditions.get("brand_id"),
        collection_id=conditions.get("collection_id"),
        ids=ids,
    )


def _before() -> int:
    """How many cards the pages before this one showed, as its address says."""
    if "after" not in request.args:
        return 0
    typed = request.args.get("shown", "")
    return min(int(typed), _MOST_SHOWN) if typed.isdecimal() and len(typed) < 7 else 0
