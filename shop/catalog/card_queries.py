"""Cards: what a list shows of its products, read in one statement as plain rows.

Building a statement of thirty columns costs more than running it, so all that does not depend on the
list is built once.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, case, select
from sqlalchemy.orm import aliased

from shop.catalog.localised import best
from shop.catalog.models import Image, ListingRow, Product, ProductTranslation, Variant
from shop.catalog.rows import image_columns, image_view, is_new, rating
from shop.catalog.views import Card
from shop.store.data import StoreName
from shop.store.models import Store, StoreTranslation

_FRONT, _BACK = aliased(Image, name="front"), aliased(Image, name="back")


class _Parts(NamedTuple):
    """What is read in one language, and how its tables hang together."""

    columns: tuple[Any, ...]
    text: ColumnElement[bool]
    store_name: ColumnElement[bool]


@lru_cache(maxsize=8)
def _parts(locale: str) -> _Parts:
    single = (
        select(Variant.public_id)
        .where(Variant.product_id == Product.id, Variant.archived_at.is_(None))
        .order_by(Variant.id)
        .limit(1)
        .correlate(Product)
        .scalar_subquery()
    )
    columns = (
        ListingRow.product_id,
        ListingRow.store_id,
        ListingRow.published_at,
        ListingRow.price_minor,
        ListingRow.price_max_minor,
        ListingRow.compare_at_minor,
        ListingRow.currency,
        ListingRow.available,
        ListingRow.variant_count,
        ListingRow.rating_sum,
        ListingRow.rating_count,
        ListingRow.sales,
        Product.slug,
        Product.kind,
        ProductTranslation.title,
        ProductTranslation.fact,
        Store.slug.label("store_slug"),
        Store.mark,
        StoreTranslation.name.label("store_name"),
        *image_columns(_FRONT, "front_"),
        *image_columns(_BACK, "back_"),
        case((ListingRow.variant_count == 1, single), else_=None).label("single_variant"),
    )
    return _Parts(
        columns,
        best(ProductTranslation, "product_id", Product.id, locale),
        best(StoreTranslation, "store_id", Store.id, locale),
    )


def statement(page: Select[Any], falling: Sequence[bool], locale: str) -> Select[Any]:
    """The cards of ``page``, a statement that gives product_id and the keys of the order k0, k1, …;
    ``falling``: which of these fall."""
    chosen = page.subquery("page")
    parts = _parts(locale)
    places = [chosen.c[f"k{index}"] for index in range(len(falling))]
    found: Select[Any] = (
        select(*parts.columns, *places)
        .select_from(chosen)
        .join(ListingRow, ListingRow.product_id == chosen.c.product_id)
        .join(Product, Product.id == ListingRow.product_id)
        .join(ProductTranslation, parts.text)
        .join(Store, Store.id == ListingRow.store_id)
        .outerjoin(StoreTranslation, parts.store_name)
        .outerjoin(_FRONT, _FRONT.id == ListingRow.image_id)
        .outerjoin(_BACK, _BACK.id == ListingRow.hover_image_id)
    )
    return found.order_by(
        *(
            place.desc() if falls else place.asc()
            for place, falls in zip(places, falling, strict=True)
        )
    )


def card(row: Any, locale: str) -> Card:
    """A row of ``statement`` as a card."""
    return Card(
        product_id=row.product_id,
        slug=row.slug,
        title=row.title,
        fact=row.fact,
        kind=row.kind,
        price_minor=row.price_minor,
        price_max_minor=row.price_max_minor,
        compare_at_minor=row.compare_at_minor,
        currency=row.currency,
        rating=rating(row.rating_sum, row.rating_count),
        image=image_view(row, locale, "front_"),
        hover=image_view(row, locale, "back_"),
        available=row.available,
        new=is_new(row.published_at),
        sales=row.sales,
        store=StoreName(row.store_id, row.store_slug, row.store_name or row.store_slug, row.mark),
        single_variant=row.single_variant,
        variant_count=row.variant_count,
        sold=row.published_at is not None,
    )
