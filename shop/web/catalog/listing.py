"""A list of cards as its page and its fragments show it."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from flask import request, url_for

from shop.catalog import queries as catalog
from shop.catalog.search.matching import MOST_COUNTED
from shop.catalog.views import ListingPage
from shop.web.catalog import filters as choices
from shop.web.catalog.filters import Filters
from shop.web.ui.cards import CardView, card_views
from shop.web.ui.locale import current_lang

PAGE = 24
_MOST_SHOWN = 100_000


class Chip(NamedTuple):
    """A filter in use and the address without it."""

    href: str
    text: str


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list.

    ``shown``: how many were shown up to here; ``more``: the next page's address; ``start``: the first
    page's, when this is not it; ``narrowest``: when nothing is left, the filter to take away first;
    ``more_than_counted``: ``total`` is only where counting ended.
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
    more_than_counted: bool = False

    @property
    def sort_options(self) -> list[tuple[str, Any]]:
        """The orders to choose from."""
        return choices.sort_options(self.filters.default_sort)


def read(
    filters: Filters,
    endpoint: str,
    values: dict[str, Any],
    limit: int = PAGE,
    **conditions: Any,
) -> Listing:
    """The page of a list that the request asks for, in two statements; in two more for each filter when
    nothing is left.

    ``endpoint`` and ``values`` make the list's address; ``conditions`` are those of
    ``catalog.queries.listing``.
    """
    after = request.args.get("after")
    page = _listing(filters, limit, after, conditions)
    counted = page.count or 0
    endless = conditions.get("search") is not None and counted > MOST_COUNTED
    total = MOST_COUNTED if endless else counted
    shown = min(total, _before() + len(page.items))
    address = {**values, **filters.query()}
    url = url_for(endpoint, **address)
    more = None
    if page.next_cursor:
        more = url_for(endpoint, **address, after=page.next_cursor, shown=shown)
    others = choices.without(filters)
    chips = [Chip(url_for(endpoint, **values, **rest.query()), name) for name, rest in others]
    narrowest = None
    if not total and chips:
        counts = [_listing(rest, 1, None, conditions).count or 0 for _, rest in others]
        narrowest = chips[counts.index(max(counts))]
    return Listing(
        cards=card_views(page.items),
        total=total,
        shown=shown,
        url=url,
        more=more,
        start=url if after else None,
        filters=filters,
        chips=chips,
        narrowest=narrowest,
        more_than_counted=endless,
    )


def _listing(
    filters: Filters, limit: int, after: str | None, conditions: dict[str, Any]
) -> ListingPage:
    if filters.store is not None:
        conditions = {**conditions, "store_id": filters.store.id}
    return catalog.listing(
        locale=current_lang(),
        sort=filters.sort,
        in_stock=filters.in_stock,
        after=after,
        limit=limit,
        with_count=True,
        **conditions,
    )


def _before() -> int:
    """How many cards the pages before this one showed, as its address says."""
    if "after" not in request.args:
        return 0
    typed = request.args.get("shown", "")
    return min(int(typed), _MOST_SHOWN) if typed.isdecimal() and len(typed) < 7 else 0
