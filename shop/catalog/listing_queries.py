"""Lists of cards: by category, store or words, in five orders, paged by keyset."""

import base64
import binascii
import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select
from sqlalchemy.orm import aliased

from shop.catalog import category_queries
from shop.catalog.folding import terms
from shop.catalog.localised import best
from shop.catalog.models import (
    Category,
    Image,
    ListingRow,
    Product,
    ProductTranslation,
    SearchDocument,
    Variant,
)
from shop.catalog.rows import image_columns, image_view, is_new, rating
from shop.catalog.views import Card, ListingPage, Suggestions
from shop.core.db import db
from shop.store.data import StoreName
from shop.store.models import Store, StoreTranslation

SORTS = ("newest", "price-asc", "price-desc", "sales", "rating", "relevance")
_BIG = 2**63 - 1

# Three ratings of four stars stand beside the real ones, so that a lone 5.0 does not lead.
_RATING = case(
    (ListingRow.rating_count == 0, 0),
    else_=(ListingRow.rating_sum * 1000 + 12_000) // (ListingRow.rating_count + 3),
)


def listing(
    *,
    locale: str,
    category_id: int | None = None,
    store_id: int | None = None,
    search: str | None = None,
    sort: str = "newest",
    after: str | None = None,
    limit: int = 24,
    ids: Collection[int] | None = None,
    in_stock: bool = False,
    featured: bool = False,
    with_count: bool = False,
) -> ListingPage:
    """Cards of published products. One statement, two ``with_count``.

    ``category_id`` takes the categories below along; ``search``: every word must stand in the title
    or the text, in one language; ``ids`` limits to some products. ``sort`` is one of ``SORTS`` (an
    unknown one is "newest", "relevance" needs ``search``). ``after`` is a cursor given before; one
    that cannot be read, or is of another order, begins at the start.
    """
    conditions = _conditions(category_id, store_id, search, ids, in_stock, featured)
    if sort not in SORTS or (sort == "relevance" and not search):
        sort = "newest"
    keys = _keys(sort, search)
    page = select(ListingRow.product_id, *(key.label(f"k{i}") for i, (key, _) in enumerate(keys)))
    page = page.where(*conditions)
    position = _read_cursor(after, sort, len(keys))
    if position is not None:
        page = page.where(_beyond(keys, position))
    page = page.order_by(*(key.desc() if falling else key.asc() for key, falling in keys))
    rows = db.session.execute(_cards(page.limit(limit + 1), keys, locale)).all()
    cursor = None
    if len(rows) > limit:
        rows = rows[:limit]
        cursor = _write_cursor(sort, [getattr(rows[-1], f"k{i}") for i in range(len(keys))])
    count = _count(conditions) if with_count else None
    return ListingPage([_card(row, locale) for row in rows], cursor, count)


def cards(product_ids: Sequence[int], locale: str) -> list[Card]:
    """The cards of some published products, in the order of the ids. One statement."""
    if not product_ids:
        return []
    page = listing(locale=locale, ids=product_ids, limit=len(product_ids))
    by_id = {card.product_id: card for card in page.items}
    return [by_id[product_id] for product_id in product_ids if product_id in by_id]


def suggest(q: str, locale: str, limit: int = 6) -> Suggestions:
    """Categories and products for what is being typed. Three statements; none for no words."""
    if not terms(q):
        return Suggestions(q, [], [], 0)
    tree = category_queries.categories(locale)
    page = listing(locale=locale, search=q, sort="relevance", limit=limit, with_count=True)
    return Suggestions(q, category_queries.matching(q, tree), page.items, page.count or 0)


def _conditions(
    category_id: int | None,
    store_id: int | None,
    search: str | None,
    ids: Collection[int] | None,
    in_stock: bool,
    featured: bool,
) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [ListingRow.published_at.is_not(None)]
    if category_id is not None:
        found.append(ListingRow.category_id.in_(_subtree(category_id)))
    if store_id is not None:
        found.append(ListingRow.store_id == store_id)
    if search is not None:
        found.append(ListingRow.product_id.in_(_matches(search)))
    if ids is not None:
        found.append(ListingRow.product_id.in_(list(ids)))
    if in_stock:
        found.append(ListingRow.available.is_(True))
    if featured:
        found.append(
            ListingRow.product_id.in_(select(Product.id).where(Product.featured.is_(True)))
        )
    return found


def _subtree(category_id: int) -> Select[int]:
    tree = select(literal(category_id, Category.id.type).label("id")).cte("subtree", recursive=True)
    tree = tree.union(select(Category.id).join(tree, Category.parent_id == tree.c.id))
    return select(tree.c.id)


def _matches(search: str) -> Select[int]:
    """Products of which one language's document holds every word; none for a query without words."""
    words = terms(search)
    found = select(SearchDocument.product_id)
    if not words:
        return found.where(literal(False))
    return found.where(
        *(
            or_(
                SearchDocument.title.contains(word, autoescape=True),
                SearchDocument.body.contains(word, autoescape=True),
            )
            for word in words
        )
    )


def _keys(sort: str, search: str | None) -> list[tuple[ColumnElement[Any], bool]]:
    """The columns of an order and whether they fall; the last one makes it total."""
    identity = ListingRow.product_id
    if sort == "price-asc":
        return [(_column(ListingRow.price_minor), False), (_column(identity), False)]
    if sort == "price-desc":
        return [(_column(ListingRow.price_minor), True), (_column(identity), True)]
    if sort == "sales":
        return [(_column(ListingRow.sales), True), (_column(identity), True)]
    if sort == "rating":
        return [(_RATING, True), (_column(identity), True)]
    if sort == "relevance":
        in_title = (
            select(SearchDocument.id)
            .where(
                SearchDocument.product_id == ListingRow.product_id,
                *(
                    SearchDocument.title.contains(word, autoescape=True)
                    for word in terms(search or "")
                ),
            )
            .correlate(ListingRow)
            .exists()
        )
        return [
            (case((in_title, 1), else_=0), True),
            (_column(ListingRow.sales), True),
            (_column(identity), True),
        ]
    return [(_column(ListingRow.published_at), True), (_column(identity), True)]


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


def _cards(
    page: Select[Any], keys: Sequence[tuple[ColumnElement[Any], bool]], locale: str
) -> Select[Any]:
    chosen = page.subquery("page")
    front, back = aliased(Image), aliased(Image)
    single = (
        select(Variant.public_id)
        .where(Variant.product_id == Product.id, Variant.archived_at.is_(None))
        .order_by(Variant.id)
        .limit(1)
        .correlate(Product)
        .scalar_subquery()
    )
    places = [chosen.c[f"k{index}"] for index in range(len(keys))]
    statement: Select[Any] = (
        select(
            ListingRow,
            Product.slug,
            Product.kind,
            ProductTranslation.title,
            ProductTranslation.fact,
            Store.slug.label("store_slug"),
            Store.mark,
            StoreTranslation.name.label("store_name"),
            *image_columns(front, "front_"),
            *image_columns(back, "back_"),
            case((ListingRow.variant_count == 1, single), else_=None).label("single_variant"),
            *places,
        )
        .select_from(chosen)
        .join(ListingRow, ListingRow.product_id == chosen.c.product_id)
        .join(Product, Product.id == ListingRow.product_id)
        .join(ProductTranslation, best(ProductTranslation, "product_id", Product.id, locale))
        .join(Store, Store.id == ListingRow.store_id)
        .outerjoin(StoreTranslation, best(StoreTranslation, "store_id", Store.id, locale))
        .outerjoin(front, front.id == ListingRow.image_id)
        .outerjoin(back, back.id == ListingRow.hover_image_id)
        .order_by(*(place.desc() if keys[i][1] else place.asc() for i, place in enumerate(places)))
    )
    return statement


def _card(row: Any, locale: str) -> Card:
    entry: ListingRow = row.ListingRow
    return Card(
        product_id=entry.product_id,
        slug=row.slug,
        title=row.title,
        fact=row.fact,
        kind=row.kind,
        price_minor=entry.price_minor,
        price_max_minor=entry.price_max_minor,
        compare_at_minor=entry.compare_at_minor,
        currency=entry.currency,
        rating=rating(entry.rating_sum, entry.rating_count),
        image=image_view(row, locale, "front_"),
        hover=image_view(row, locale, "back_"),
        available=entry.available,
        new=is_new(entry.published_at),
        sales=entry.sales,
        store=StoreName(entry.store_id, row.store_slug, row.store_name or row.store_slug, row.mark),
        single_variant=row.single_variant,
        variant_count=entry.variant_count,
    )


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
