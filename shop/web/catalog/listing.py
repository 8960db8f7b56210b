"""A list of cards as its page and its fragments show it."""

from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from shop.catalog import queries as catalog
from shop.web.catalog import filters as choices
from shop.web.catalog.filters import Filters
from shop.web.ui.cards import CardView, card_views
from shop.web.ui.locale import current_lang

PAGE = 24
_MOST_SHOWN = 100_000


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list. ``shown``: how many were shown up to here; ``more``: the next page's address;
    ``start``: the address of the first page, when this is not it."""

    cards: list[CardView]
    total: int
    shown: int
    url: str
    more: str | None
    start: str | None
    filters: Filters
    chips: list[tuple[str, str, str]]

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
    """The page of a list that the request asks for, in two statements.

    ``endpoint`` and ``values`` make the list's address; ``conditions`` are those of
    ``catalog.queries.listing``.
    """
    after = request.args.get("after")
    if filters.store is not None:
        conditions["store_id"] = filters.store.id
    page = catalog.listing(
        locale=current_lang(),
        sort=filters.sort,
        in_stock=filters.in_stock,
        after=after,
        limit=limit,
        with_count=True,
        **conditions,
    )
    total = page.count or 0
    shown = min(total, _before() + len(page.items))
    address = {**values, **filters.query()}
    url = url_for(endpoint, **address)
    more = None
    if page.next_cursor:
        more = url_for(endpoint, **address, after=page.next_cursor, shown=shown)
    return Listing(
        cards=card_views(page.items),
        total=total,
        shown=shown,
        url=url,
        more=more,
        start=url if after else None,
        filters=filters,
        chips=choices.chips(filters, endpoint, **values),
    )


def _before() -> int:
    """How many cards the pages before this one showed, as its address says."""
    if "after" not in request.args:
        return 0
    typed = request.args.get("shown", "")
    return min(int(typed), _MOST_SHOWN) if typed.isdecimal() and len(typed) < 7 else 0
