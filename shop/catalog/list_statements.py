"""The statements of lists: for each shape built once, since that costs more than running one.

A shape says which conditions a list has, in which order it stands and whether it goes on beyond a place.
What a condition compares with goes in as the parameter of its name.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
)

from shop.catalog import card_queries
from shop.catalog.among import among_named, these
from shop.catalog.collection_models import CollectionProduct
from shop.catalog.facets.choice import VALUE
from shop.catalog.facets.models import ProductFacet
from shop.catalog.localised import bool_clause
from shop.catalog.models import Category, ListingRow, Product
from shop.catalog.search import matching
from shop.catalog.search.models import SearchEntry
from shop.core.db import db

SORTS = ("newest", "price-asc", "price-desc", "sales", "rating", "relevance", "hand")

Key = tuple[ColumnElement[Any], bool]


class Shape(NamedTuple):
    """``given``: the names of the conditions, in order; ``after``: whether it goes on beyond a place;
    ``found``: that it is of what a search finds; ``tier``: of which tier of it, in the order of relevance;
    ``code``: that the query has an item code."""

    dialect: str
    locale: str
    given: tuple[str, ...]
    sort: str = "newest"
    after: bool = False
    found: bool = False
    tier: int | None = None
    code: bool = False


def shape(locale: str, given: Mapping[str, Any], **more: Any) -> Shape:
    """The shape of a list with these conditions, for the present database."""
    return Shape(db.engine.dialect.name, locale, tuple(sorted(given)), **more)


def parameters(given: Mapping[str, Any]) -> dict[str, Any]:
    """Conditions as parameters: several ids go as one."""
    return {
        name: these(value) if name in _MANY or name.startswith(VALUE) else value
        for name, value in given.items()
    }


@lru_cache(maxsize=512)
def cards(asked: Shape) -> Select[Any]:
    """The cards of one page, with the keys of its order: k0, k1. Parameters besides those of the
    conditions: ``limit``, ``p0`` and ``p1`` (the place it goes on from) and those of the search."""
    if asked.tier is not None:
        page = matching.tier(asked.tier, asked.code).where(*_conditions(asked))
        if asked.after:
            page = page.where(matching.place() > bindparam("p1"))
        order: tuple[bool, ...] = (False, False)
    else:
        keys = _keys(asked.sort)
        columns: list[Any] = [key.label(f"k{i}") for i, (key, _) in enumerate(keys)]
        page = select(ListingRow.product_id, *columns)
        page = page.where(*_conditions(asked))
        if asked.after:
            page = page.where(_beyond(keys))
        page = page.order_by(*(key.desc() if falls else key.asc() for key, falls in keys))
        order = tuple(falls for _, falls in keys)
    limited = page.limit(bindparam("limit", type_=Integer))
    return card_queries.statement(limited, order, asked.locale)


@lru_cache(maxsize=512)
def count(asked: Shape) -> Select[Any]:
    """How many there are; of a search up to ``counted``."""
    if not asked.found:
        return select(func.count()).select_from(ListingRow).where(*_conditions(asked))
    matches = matching.matches(literal(1).label("one"))
    if asked.given:  # else entries are enough: what is not published has none
        # A join, which is read until there are enough; of IN, SQLite would first collect all.
        matches = matches.join(ListingRow, ListingRow.product_id == SearchEntry.product_id)
        matches = matches.where(*_conditions(asked._replace(found=False)))
    counted = matches.limit(bindparam("counted", type_=Integer)).subquery()
    return select(func.count()).select_from(counted)


@lru_cache(maxsize=64)
def products(asked: Shape) -> Select[Any]:
    """The ids of all."""
    return select(ListingRow.product_id).where(*_conditions(asked))


@lru_cache(maxsize=16)
def any_cards(_dialect: str, locale: str) -> Select[Any]:
    """The cards of ``ids``, published or not."""
    page = select(ListingRow.product_id).where(among_named(ListingRow.product_id, "ids"))
    return card_queries.statement(page, (), locale)


def _conditions(asked: Shape) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [ListingRow.published_at.is_not(None)]
    found += [
        _has_value(name) if name.startswith(VALUE) else _GIVEN[name]() for name in asked.given
    ]
    if asked.found and asked.tier is None:
        found.append(ListingRow.product_id.in_(matching.matches(SearchEntry.product_id)))
    return found


def _in_subtree() -> ColumnElement[bool]:
    """Of a category or one below it."""
    given = bindparam("category_id", type_=Category.id.type)
    tree = select(given.label("id")).cte("subtree", recursive=True)
    tree = tree.union(select(Category.id).join(tree, Category.parent_id == tree.c.id))
    return ListingRow.category_id.in_(select(tree.c.id))


def _of_brand() -> ColumnElement[bool]:
    its = Product.id == ListingRow.product_id
    return select(Product.id).where(its, among_named(Product.brand_id, "brands")).exists()


def _in_collection() -> ColumnElement[bool]:
    return _place().exists()


def _place() -> Select[Any]:
    """Where a product stands in the collection ``collection_id``."""
    return select(CollectionProduct.position).where(
        CollectionProduct.collection_id == bindparam("collection_id"),
        CollectionProduct.product_id == ListingRow.product_id,
    )


def _made_by() -> ColumnElement[bool]:
    its = Product.id == ListingRow.product_id
    return select(Product.id).where(its, Product.brand_id == bindparam("brand_id")).exists()


def _has_value(name: str) -> ColumnElement[bool]:
    its = ProductFacet.product_id == ListingRow.product_id
    values = among_named(ProductFacet.value_id, name)
    return select(ProductFacet.product_id).where(its, values).exists()


def _rated() -> ColumnElement[bool]:
    enough = ListingRow.rating_sum >= bindparam("rating", type_=Integer) * ListingRow.rating_count
    return and_(ListingRow.rating_count > 0, enough)


def _featured() -> ColumnElement[bool]:
    return ListingRow.product_id.in_(select(Product.id).where(Product.featured.is_(True)))


_MANY = frozenset({"ids", "stores", "brands"})
_GIVEN: Mapping[str, Callable[[], ColumnElement[bool]]] = {
    "category_id": _in_subtree,
    "store_id": lambda: bool_clause(ListingRow.store_id == bindparam("store_id")),
    "ids": lambda: among_named(ListingRow.product_id, "ids"),
    "collection_id": _in_collection,
    "brand_id": _made_by,
    "featured": _featured,
    "in_stock": lambda: ListingRow.available.is_(True),
    "on_offer": lambda: ListingRow.compare_at_minor.is_not(None),
    "stores": lambda: among_named(ListingRow.store_id, "stores"),
    "brands": _of_brand,
    "least": lambda: bool_clause(ListingRow.price_minor >= bindparam("least")),
    "most": lambda: bool_clause(ListingRow.price_minor <= bindparam("most")),
    "rating": _rated,
}


def _keys(sort: str) -> Sequence[Key]:
    """The columns of an order and whether they fall; the last one makes it total."""
    columns: Mapping[str, tuple[Any, bool]] = {
        "newest": (ListingRow.published_at, True),
        "price-asc": (ListingRow.price_minor, False),
        "price-desc": (ListingRow.price_minor, True),
        "sales": (ListingRow.sales, True),
        "rating": (ListingRow.rating_rank, True),
        "hand": (_place().correlate(ListingRow).scalar_subquery(), False),
    }
    column, falls = columns[sort]
    identity: Any = ListingRow.product_id
    return ((column, falls), (identity, falls))


def _beyond(keys: Sequence[Key]) -> ColumnElement[bool]:
    """Rows after the place ``p0``, ``p1``, …: written out, since columns may run in different directions."""
    choices = []
    for index, (key, falls) in enumerate(keys):
        equal = [other == bindparam(f"p{at}") for at, (other, _) in enumerate(keys[:index])]
        here: ColumnElement[Any] = bindparam(f"p{index}")
        choices.append(and_(*equal, key < here if falls else key > here))
    return or_(*choices)
