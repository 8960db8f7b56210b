"""Reading collections: the index, one page, what staff see and what a rule would take in."""

from collections.abc import Collection as Several
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select

from shop.catalog import collection_rules as rules
from shop.catalog.among import among
from shop.catalog.collection_models import Collection, CollectionProduct, CollectionTranslation
from shop.catalog.localised import best
from shop.catalog.models import Image, ListingRow, Product, ProductTranslation
from shop.catalog.rows import image_columns, image_view
from shop.catalog.stored_images import stored_image
from shop.catalog.views import ImageView
from shop.core import clock
from shop.core.db import db

MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class CollectionHead:
    """A collection as its page begins. ``image`` is its own."""

    id: int
    slug: str
    title: str
    text: str
    by_hand: bool
    image: ImageView | None


@dataclass(frozen=True, slots=True)
class CollectionView:
    """A collection among others. ``count``: its goods on sale; ``image`` is its own, else that of its
    first product."""

    id: int
    public_id: str
    slug: str
    title: str
    by_hand: bool
    published: bool
    count: int
    store_id: int | None
    image: ImageView | None


@dataclass(frozen=True, slots=True)
class CollectionEdit:
    """A collection as staff edit it. ``titles`` and ``texts``: by locale."""

    id: int
    public_id: str
    slug: str
    store_id: int | None
    published: bool
    stale: bool
    rule: rules.Rule | None
    titles: dict[str, str]
    texts: dict[str, str]
    image: ImageView | None


@dataclass(frozen=True, slots=True)
class Picked:
    """A product of a collection, or one that could be; ``on_sale`` says whether shoppers see it."""

    id: int
    public_id: str
    title: str
    on_sale: bool
    image: ImageView | None


def collections(locale: str, counts: Mapping[int, int]) -> list[CollectionView]:
    """Collections that shoppers see and that hold something, new ones first. One statement.

    ``counts``: how many goods on sale each holds, by its id.
    """
    statement = _statement(locale, literal(0)).where(
        Collection.published.is_(True), among(Collection.id, counts)
    )
    found = _read(statement.order_by(Collection.id.desc()).limit(MOST_SHOWN), locale)
    return [replace(one, count=counts[one.id]) for one in found]


def collection(slug: str, locale: str) -> CollectionHead | None:
    """The collection that shoppers see at this address. One statement."""
    row = db.session.execute(
        select(
            Collection.id,
            Collection.slug,
            Collection.kind,
            Collection.image,
            CollectionTranslation.title,
            CollectionTranslation.text,
        )
        .outerjoin(CollectionTranslation, _words(locale))
        .where(Collection.published.is_(True), Collection.slug == slug)
    ).one_or_none()
    if row is None:
        return None
    return CollectionHead(
        row.id,
        row.slug,
        row.title or row.slug,
        row.text or "",
        row.kind == "hand",
        stored_image(row.image, ""),
    )


def slug_of(collection_id: int) -> str | None:
    """The address of a published collection."""
    return db.session.scalar(
        select(Collection.slug).where(
            Collection.id == collection_id, Collection.published.is_(True)
        )
    )


def for_staff(locale: str, store_id: int, *, platform: bool) -> list[CollectionView]:
    """A store's collections, and with ``platform`` those of no store; new ones first. One statement."""
    statement = _statement(locale, func.coalesce(_HELD.c.products, 0))
    statement = statement.outerjoin(_HELD, _HELD.c.collection_id == Collection.id)
    own = _own(store_id, platform)
    return _read(statement.where(own).order_by(Collection.id.desc()), locale)


def one_for_staff(public_id: str, store_id: int, *, platform: bool) -> CollectionEdit | None:
    """A collection to edit. Two statements."""
    row = db.session.execute(
        select(Collection).where(Collection.public_id == public_id, _own(store_id, platform))
    ).scalar_one_or_none()
    if row is None:
        return None
    words = db.session.execute(
        select(
            CollectionTranslation.locale, CollectionTranslation.title, CollectionTranslation.text
        ).where(CollectionTranslation.collection_id == row.id)
    ).all()
    return CollectionEdit(
        row.id,
        row.public_id,
        row.slug,
        row.store_id,
        row.published,
        row.stale,
        rules.parse(row.rule) if row.kind == "rule" else None,
        {one.locale: one.title for one in words},
        {one.locale: one.text for one in words},
        stored_image(row.image, ""),
    )


def picked(collection_id: int, locale: str) -> list[Picked]:
    """What was picked by hand, in its order. One statement."""
    return _products(
        _product_statement(locale)
        .join(CollectionProduct, CollectionProduct.product_id == Product.id)
        .where(CollectionProduct.collection_id == collection_id)
        .order_by(CollectionProduct.position, Product.id),
        locale,
    )


def some(product_ids: Sequence[int], locale: str) -> list[Picked]:
    """Some products, in the order given. One statement."""
    found = {
        one.id: one
        for one in _products(_product_statement(locale).where(Product.id.in_(product_ids)), locale)
    }
    return [found[product_id] for product_id in product_ids if product_id in found]


def preview(
    rule: rules.Rule, store_id: int | None, locale: str, limit: int = 8
) -> tuple[int, list[Picked]]:
    """How many goods a rule takes in now, and the newest of them. Two statements."""
    holds = rules.matching(rule, store_id, clock.now())
    joined = select(func.count()).select_from(ListingRow)
    count = db.session.scalar(
        joined.join(Product, Product.id == ListingRow.product_id).where(holds)
    )
    shown = _product_statement(locale).where(holds)
    shown = shown.order_by(ListingRow.published_at.desc(), Product.id.desc()).limit(limit)
    return count or 0, _products(shown, locale)


_HELD = (
    select(CollectionProduct.collection_id, func.count().label("products"))
    .join(ListingRow, ListingRow.product_id == CollectionProduct.product_id)
    .where(ListingRow.published_at.is_not(None))
    .group_by(CollectionProduct.collection_id)
    .subquery("held")
)


def _own(store_id: int, platform: bool) -> ColumnElement[bool]:
    mine = Collection.store_id == store_id
    return or_(mine, Collection.store_id.is_(None)) if platform else and_(mine)


def _words(locale: str) -> ColumnElement[bool]:
    return best(CollectionTranslation, "collection_id", Collection.id, locale)


def _statement(locale: str, count: ColumnElement[int]) -> Select[Any]:
    first = (  # along the index of places: of a rule's goods the oldest, which seldom changes
        select(ListingRow.image_id)
        .join(CollectionProduct, CollectionProduct.product_id == ListingRow.product_id)
        .where(
            CollectionProduct.collection_id == Collection.id,
            ListingRow.published_at.is_not(None),
            ListingRow.image_id.is_not(None),
        )
        .order_by(CollectionProduct.position, CollectionProduct.product_id)
        .limit(1)
        .correlate(Collection)
        .scalar_subquery()
    )
    return (
        select(
            Collection.id,
            Collection.public_id,
            Collection.slug,
            Collection.kind,
            Collection.published,
            Collection.store_id,
            Collection.image,
            CollectionTranslation.title,
            count.label("products"),
            *image_columns(Image, "first_"),
        )
        .select_from(Collection)
        .outerjoin(CollectionTranslation, _words(locale))
        .outerjoin(Image, Image.id == first)
    )


def _read(statement: Select[Any], locale: str) -> list[CollectionView]:
    return [
        CollectionView(
            row.id,
            row.public_id,
            row.slug,
            row.title or row.slug,
            row.kind == "hand",
            row.published,
            row.products,
            row.store_id,
            stored_image(row.image, "") or image_view(row, locale, "first_"),
        )
        for row in db.session.execute(statement)
    ]


def _product_statement(locale: str) -> Select[Any]:
    return (
        select(
            Product.id,
            Product.public_id,
            ProductTranslation.title,
            ListingRow.published_at,
            *image_columns(Image, "image_"),
        )
        .select_from(Product)
        .join(ListingRow, ListingRow.product_id == Product.id)
        .join(ProductTranslation, best(ProductTranslation, "product_id", Product.id, locale))
        .outerjoin(Image, Image.id == ListingRow.image_id)
    )


def _products(statement: Select[Any], locale: str) -> list[Picked]:
    return [
        Picked(
            row.id,
            row.public_id,
            row.title,
            row.published_at is not None,
            image_view(row, locale, "image_"),
        )
        for row in db.session.execute(statement)
    ]


def ids_of(public_ids: Several[str], store_id: int | None) -> dict[str, int]:
    """The products of these public ids, of one store or of any. One statement."""
    found = select(Product.public_id, Product.id).where(Product.public_id.in_(list(public_ids)))
    if store_id is not None:
        found = found.where(Product.store_id == store_id)
    return {row.public_id: row.id for row in db.session.execute(found)}
