"""Lists of cards: by category, store or words, in five orders, paged by keyset."""

import base64
import binascii
import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from shop.catalog import card_queries, category_queries, list_statements
from shop.catalog.among import these
from shop.catalog.facets.choice import Choice
from shop.catalog.list_statements import SORTS
from shop.catalog.search import matching, vocabulary
from shop.catalog.search.query import Query, understand
from shop.catalog.views import Card, CategoryNode, ListingPage, Suggestions
from shop.core.db import db, read

_BIG = 2**63 - 1
_KEYS = 2


def listing(
    *,
    locale: str,
    category_id: int | None = None,
    store_id: int | None = None,
    search: Query | str | None = None,
    sort: str = "newest",
    after: str | None = None,
    limit: int = 24,
    ids: Collection[int] | None = None,
    in_stock: bool = False,
    featured: bool = False,
    choice: Choice | None = None,
    collection_id: int | None = None,
    brand_id: int | None = None,
    with_count: bool = False,
) -> ListingPage:
    """Cards of published products. One statement, one more ``with_count`` when that is not all, and one
    more where a search by relevance goes from its first tier into the second.

    ``category_id`` takes the categories below along; ``search``: words, or what ``search.query.understand``
    made of them (of a search, counts end at ``matching.MOST_COUNTED`` and one more); ``ids`` limits to
    some products; ``choice``: what is left under these filters. ``sort`` is one of ``SORTS`` (an unknown
    one is "newest", "relevance" needs ``search``, and "hand", the order of a collection's picks,
    ``collection_id``). ``after`` is a cursor given before; one that cannot be read, or is of another
    order, begins at the start.
    """
    if isinstance(search, str):
        search = understand(search)
    needed = {"relevance": search, "hand": collection_id}
    if sort not in SORTS or not needed.get(sort, True):
        sort = "newest"
    if search is not None and not search:
        return ListingPage([], None, 0 if with_count else None)
    given = _given(
        category_id=category_id,
        store_id=store_id,
        ids=ids,
        in_stock=in_stock,
        featured=featured,
        collection_id=collection_id,
        brand_id=brand_id,
    )
    if choice is not None:
        given |= choice.conditions()
    position = _read_cursor(after, sort)
    if search is not None and sort == "relevance":
        rows = _by_relevance(search, given, position, limit + 1, locale)
    else:
        rows = _in_order(search, given, sort, position, limit + 1, locale)
    cursor = None
    if len(rows) > limit:
        rows = rows[:limit]
        cursor = _write_cursor(sort, [rows[-1].k0, rows[-1].k1])
    count = None
    if with_count:
        whole = cursor is None and position is None
        count = len(rows) if whole else _count(search, given)
    return ListingPage([card_queries.card(row, locale) for row in rows], cursor, count)


def cards(product_ids: Sequence[int], locale: str, *, any_status: bool = False) -> list[Card]:
    """The cards of some published products, in the order of the ids; with ``any_status`` also of those
    that are no longer on sale (``sold`` tells). One statement."""
    if not product_ids:
        return []
    if any_status:
        statement = list_statements.any_cards(db.engine.dialect.name, locale)
        rows = read(statement, {"ids": these(product_ids)}).all()
        found = [card_queries.card(row, locale) for row in rows]
    else:
        found = listing(locale=locale, ids=product_ids, limit=len(product_ids)).items
    by_id = {card.product_id: card for card in found}
    return [by_id[product_id] for product_id in product_ids if product_id in by_id]


def suggest(
    q: str, locale: str, limit: int = 6, tree: Sequence[CategoryNode] | None = None
) -> Suggestions:
    """Words, categories and products for what is being typed. Three statements, and one for the
    categories unless ``tree`` has them; none for no words."""
    query = understand(q, typing=True)
    if not query:
        return Suggestions(q, [], [], [], 0)
    nodes = category_queries.categories(locale) if tree is None else tree
    page = listing(locale=locale, search=query, sort="relevance", limit=limit, with_count=True)
    return Suggestions(
        q,
        _completed(q, query),
        category_queries.matching(q, nodes),
        page.items,
        page.count or 0,
    )


def _completed(typed: str, query: Query) -> list[str]:
    """What was typed, its last word completed in several ways."""
    last = query.groups[-1] if query.groups else None
    if last is None or not last.begun:
        return []
    head = typed.rstrip()
    at = head.casefold().rfind(last.word)
    if at < 0:
        return []
    return [head[:at] + word for word in vocabulary.completions(last.word) if word != last.word]


def listed(**conditions: Any) -> list[int]:
    """The ids of all published products under some of the conditions of ``listing`` (those on the row).
    One statement."""
    given = _given(**conditions)
    statement = list_statements.products(list_statements.shape("", given))
    return list(read(statement, list_statements.parameters(given)).scalars().all())


def _given(**conditions: Any) -> dict[str, Any]:
    """Those conditions that say something."""
    return {name: one for name, one in conditions.items() if one is not None and one is not False}


def _in_order(
    search: Query | None,
    given: dict[str, Any],
    sort: str,
    position: Sequence[Any] | None,
    limit: int,
    locale: str,
) -> list[Any]:
    asked = list_statements.shape(
        locale, given, sort=sort, after=position is not None, found=search is not None
    )
    values = list_statements.parameters(given) | {"limit": limit}
    if search is not None:
        values |= matching.parameters(search)
    if position is not None:
        values |= {"p0": position[0], "p1": position[1]}
    return list(read(list_statements.cards(asked), values).all())


def _by_relevance(
    search: Query,
    given: dict[str, Any],
    position: Sequence[Any] | None,
    limit: int,
    locale: str,
) -> list[Any]:
    """The second tier is looked into only where the first does not fill the page: of a common word it
    is half the shop, read to the end to find nothing."""
    start, beyond = position if position and position[0] in matching.TIERS else (0, None)
    rows: list[Any] = []
    for tier in matching.TIERS[start:]:
        after = beyond is not None and tier == start
        asked = list_statements.shape(
            locale, given, after=after, found=True, tier=tier, code=bool(search.code)
        )
        values = list_statements.parameters(given) | matching.parameters(search, tier)
        values |= {"limit": limit - len(rows)} | ({"p1": beyond} if after else {})
        rows += read(list_statements.cards(asked), values).all()
        if len(rows) >= limit:
            break
    return rows


def _count(search: Query | None, given: dict[str, Any]) -> int:
    asked = list_statements.shape("", given, found=search is not None)
    values = list_statements.parameters(given)
    if search is not None:
        values |= matching.parameters(search) | {"counted": matching.MOST_COUNTED + 1}
    return read(list_statements.count(asked), values).scalar_one() or 0


def _write_cursor(sort: str, position: Sequence[Any]) -> str:
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in position]
    return base64.urlsafe_b64encode(json.dumps([sort, *plain]).encode()).decode().rstrip("=")


def _read_cursor(cursor: str | None, sort: str) -> list[Any] | None:
    if not cursor or len(cursor) > 300:
        return None
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(found, list) or len(found) != _KEYS + 1 or found[0] != sort:
            return None
        position = found[1:]
        if sort == "newest":
            moment = datetime.fromisoformat(position[0])
            if moment.tzinfo is None:
                return None
            position[0] = moment
    except (ValueError, TypeError, binascii.Error, RecursionError):
        return None
    numbers = position[1:] if sort == "newest" else position
    return position if all(type(value) is int and abs(value) < _BIG for value in numbers) else None
