"""Lists of cards: by category, store or words, in five orders, paged by keyset."""

import base64
import binascii
import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select

from shop.catalog import card_queries, category_queries
from shop.catalog.among import among
from shop.catalog.collection_models import CollectionProduct
from shop.catalog.models import (
    Category,
    ListingRow,
    Product,
)
from shop.catalog.search import matching, vocabulary
from shop.catalog.search.query import Query, understand
from shop.catalog.views import Card, CategoryNode, ListingPage, Suggestions
from shop.core.db import db

SORTS = ("newest", "price-asc", "price-desc", "sales", "rating", "relevance", "hand")
_BIG = 2**63 - 1


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
    also: Sequence[ColumnElement[bool]] = (),
    collection_id: int | None = None,
    brand_id: int | None = None,
    with_count: bool = False,
) -> ListingPage:
    """Cards of published products. One statement, two ``with_count``.

    ``category_id`` takes the categories below along; ``search``: words, or what ``search.query.understand``
    made of them (of a search, counts end at ``matching.MOST_COUNTED`` and one more); ``ids`` limits to
    some products; ``also``: more conditions on the listing row. ``sort`` is one of ``SORTS`` (an unknown
    one is "newest", "relevance" needs ``search``, and "hand", the order of a collection's picks,
    ``collection_id``). ``after`` is a cursor given before; one that cannot be read, or is of another
    order, begins at the start.
    """
    if isinstance(search, str):
        search = understand(search)
    conditions = _conditions(
        category_id, store_id, ids, in_stock, featured, collection_id, brand_id
    )
    conditions += also
    needed = {"relevance": search, "hand": collection_id}
    if sort not in SORTS or not needed.get(sort, True):
        sort = "newest"
    if search is not None and not search:
        return ListingPage([], None, 0 if with_count else None)
    keys = _keys(sort, collection_id)
    position = _read_cursor(after, sort, len(keys))
    if search is not None and sort == "relevance":
        page = matching.page(
            search, conditions, (position[0], position[1]) if position else None, limit + 1
        )
    else:
        narrowed = [*conditions, *_among(search)]
        page = _page(keys, narrowed, position, limit + 1)
    rows = db.session.execute(
        card_queries.statement(page, [falling for _, falling in keys], locale)
    ).all()
    cursor = None
    if len(rows) > limit:
        rows = rows[:limit]
        cursor = _write_cursor(sort, [getattr(rows[-1], f"k{i}") for i in range(len(keys))])
    count = None
    if with_count:
        count = matching.count(search, conditions) if search else _count(conditions)
    return ListingPage([card_queries.card(row, locale) for row in rows], cursor, count)


def cards(product_ids: Sequence[int], locale: str, *, any_status: bool = False) -> list[Card]:
    """The cards of some published products, in the order of the ids; with ``any_status`` also of those
    that are no longer on sale (``sold`` tells). One statement."""
    if not product_ids:
        return []
    if any_status:
        page = select(ListingRow.product_id).where(ListingRow.product_id.in_(product_ids))
        rows = db.session.execute(card_queries.statement(page, [], locale))
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


def _page(
    keys: Sequence[tuple[ColumnElement[Any], bool]],
    conditions: Sequence[ColumnElement[bool]],
    position: Sequence[Any] | None,
    limit: int,
) -> Select[Any]:
    page = select(ListingRow.product_id, *(key.label(f"k{i}") for i, (key, _) in enumerate(keys)))
    page = page.where(*conditions)
    if position is not None:
        page = page.where(_beyond(keys, position))
    page = page.order_by(*(key.desc() if falling else key.asc() for key, falling in keys))
    return page.limit(limit)


def _among(search: Query | None) -> list[ColumnElement[bool]]:
    return [] if search is None else [ListingRow.product_id.in_(matching.products(search))]


def listed(**conditions: Any) -> list[int]:
    """The ids of all published products under some of the conditions of ``listing`` (those on the row)."""
    return list(db.session.scalars(select(ListingRow.product_id).where(*_conditions(**conditions))))


def _conditions(
    category_id: int | None = None,
    store_id: int | None = None,
    ids: Collection[int] | None = None,
    in_stock: bool = False,
    featured: bool = False,
    collection_id: int | None = None,
    brand_id: int | None = None,
) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [ListingRow.published_at.is_not(None)]
    if category_id is not None:
        found.append(ListingRow.category_id.in_(_subtree(category_id)))
    if store_id is not None:
        found.append(ListingRow.store_id == store_id)
    if ids is not None:
        found.append(among(ListingRow.product_id, ids))
    if in_stock:
        found.append(ListingRow.available.is_(True))
    if featured:
        found.append(
            ListingRow.product_id.in_(select(Product.id).where(Product.featured.is_(True)))
        )
    if collection_id is not None:
        place = _place(collection_id, ListingRow.product_id)
        found.append(place.exists())
    if brand_id is not None:
        made = select(Product.id).where(
            Product.id == ListingRow.product_id, Product.brand_id == brand_id
        )
        found.append(made.exists())
    return found


def _subtree(category_id: int) -> Select[int]:
    tree = select(literal(category_id, Category.id.type).label("id")).cte("subtree", recursive=True)
    tree = tree.union(select(Category.id).join(tree, Category.parent_id == tree.c.id))
    return select(tree.c.id)


def _keys(sort: str, collection_id: int | None) -> list[tuple[ColumnElement[Any], bool]]:
    """The columns of an order and whether they fall; the last one makes it total. Those of "relevance"
    are made by ``search.matching``: tier and place."""
    identity = ListingRow.product_id
    if sort == "price-asc":
        return [(_column(ListingRow.price_minor), False), (_column(identity), False)]
    if sort == "price-desc":
        return [(_column(ListingRow.price_minor), True), (_column(identity), True)]
    if sort == "sales":
        return [(_column(ListingRow.sales), True), (_column(identity), True)]
    if sort == "rating":
        return [(_column(ListingRow.rating_rank), True), (_column(identity), True)]
    if sort == "relevance":
        return [(literal(0), False), (literal(0), False)]
    if sort == "hand" and collection_id is not None:
        place = _place(collection_id, identity).correlate(ListingRow).scalar_subquery()
        return [(place, False), (_column(identity), False)]
    return [(_column(ListingRow.published_at), True), (_column(identity), True)]


def _place(collection_id: int, product_id: Any) -> Select[int]:
    return select(CollectionProduct.position).where(
        CollectionProduct.collection_id == collection_id,
        CollectionProduct.product_id == product_id,
    )


def _column(attribute: Any) -> ColumnElement[Any]:
    column: ColumnElement[Any] = attribute
    return column


def _beyond(
    keys: Sequence[tuple[ColumnElement[Any], bool]], position: Sequence[Any]
) -> ColumnElement[bool]:
    """Rows after ``position``: written out, since the columns may run in different directions."""
    choices = []
    for index, (key, falling) in enumerate(keys):
        equal = [other == position[place] for place, (other, _) in enumerate(keys[:index])]
        choices.append(and_(*equal, key < position[index] if falling else key > position[index]))
    return or_(*choices)


def _count(conditions: Sequence[ColumnElement[bool]]) -> int:
    return db.session.scalar(select(func.count()).select_from(ListingRow).where(*conditions)) or 0


def _write_cursor(sort: str, position: Sequence[Any]) -> str:
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in position]
    return base64.urlsafe_b64encode(json.dumps([sort, *plain]).encode()).decode().rstrip("=")


def _read_cursor(cursor: str | None, sort: str, length: int) -> list[Any] | None:
    if not cursor or len(cursor) > 300:
        return None
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(found, list) or len(found) != length + 1 or found[0] != sort:
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
