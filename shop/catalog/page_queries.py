"""Reading one product with all that its page shows. Five statements, built once: that costs more than
running them."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, bindparam, select

from shop.catalog import category_queries
from shop.catalog.localised import best
from shop.catalog.models import (
    Brand,
    Image,
    ListingRow,
    Option,
    OptionValue,
    Product,
    ProductTranslation,
    Specification,
    Variant,
)
from shop.catalog.return_models import ReturnFigure
from shop.catalog.rows import image_columns, image_view, is_new, rating
from shop.catalog.views import (
    CategoryNode,
    Crumb,
    Figure,
    ImageView,
    OptionView,
    ProductPage,
    SpecView,
    ValueView,
    VariantView,
)
from shop.core.db import read
from shop.core.i18n import FALLBACKS, pick
from shop.store.data import StoreName
from shop.store.models import Store, StoreTranslation


def product_page(
    slug: str,
    locale: str,
    sku: str | None = None,
    *,
    preview: bool = False,
    tree: Sequence[CategoryNode] | None = None,
) -> ProductPage | None:
    """A published product (with ``preview``, any), or None. Five statements, four without options.

    ``tree``: the categories, from which the way to the product is told; without it one more statement
    reads them. ``sku`` is the code of a variant as in ``?sku=``; ``chosen`` is that variant, or None when the
    code is missing or unknown (``picker`` then chooses by stock).
    """
    row = _product(slug, locale, preview)
    if row is None:
        return None
    variants = _variants(row.id)
    return ProductPage(
        id=row.id,
        public_id=row.public_id,
        slug=row.slug,
        kind=row.kind,
        status=row.status,
        version=row.version,
        title=row.title,
        fact=row.fact,
        lead=row.lead,
        description_html=row.description_html,
        seo_title=row.seo_title,
        seo_description=row.seo_description,
        brand=row.brand or "",
        brand_slug=row.brand_slug or "",
        tags=[tag for tag in row.tags.split(", ") if tag],
        currency=row.currency,
        published_at=row.published_at,
        new=is_new(row.published_at),
        validity_days=row.validity_days,
        store=StoreName(row.store_id, row.store_slug, row.store_name or row.store_slug, row.mark),
        rating=rating(row.rating_sum or 0, row.rating_count or 0),
        sales=row.sales or 0,
        comes_back=None if row.back_percent is None else Figure(row.back_percent, row.back_reason),
        price_minor=min((variant.price_minor for variant in variants), default=0),
        price_max_minor=max((variant.price_minor for variant in variants), default=0),
        category_id=row.category_id,
        path=_path(row.category_id, locale, tree),
        options=_options(row.id, variants, locale),
        variants=variants,
        images=_images(row.id, locale),
        specs=_specs(row.id, locale),
        chosen=find_variant(variants, sku),
    )


def find_variant(variants: Sequence[VariantView], code: str | None) -> VariantView | None:
    """The variant that ``code`` names: by its code, or by its public id."""
    if not code:
        return None
    return next((v for v in variants if code in (v.code, v.public_id)), None)


def codes(skus: Sequence[tuple[str, str]]) -> list[str]:
    """For each (SKU, public id) of a product's variants: how ``?sku=`` names it."""
    counts: dict[str, int] = {}
    for sku, _ in skus:
        counts[sku] = counts.get(sku, 0) + 1
    return [sku if sku and counts[sku] == 1 else public_id for sku, public_id in skus]


@lru_cache(maxsize=8)
def _found(locale: str, preview: bool) -> Any:
    statement = (
        select(
            Product.id,
            Product.public_id,
            Product.slug,
            Product.kind,
            Product.status,
            Product.version,
            Product.tags,
            Product.published_at,
            Product.validity_days,
            Product.category_id,
            Product.store_id,
            ProductTranslation.title,
            ProductTranslation.fact,
            ProductTranslation.lead,
            ProductTranslation.description_html,
            ProductTranslation.seo_title,
            ProductTranslation.seo_description,
            Brand.name.label("brand"),
            Brand.slug.label("brand_slug"),
            Store.slug.label("store_slug"),
            Store.mark,
            Store.currency,
            StoreTranslation.name.label("store_name"),
            ListingRow.rating_sum,
            ListingRow.rating_count,
            ListingRow.sales,
            ReturnFigure.percent.label("back_percent"),
            ReturnFigure.reason.label("back_reason"),
        )
        .select_from(Product)
        .join(ProductTranslation, best(ProductTranslation, "product_id", Product.id, locale))
        .join(Store, Store.id == Product.store_id)
        .outerjoin(StoreTranslation, best(StoreTranslation, "store_id", Store.id, locale))
        .outerjoin(Brand, Brand.id == Product.brand_id)
        .outerjoin(ListingRow, ListingRow.product_id == Product.id)
        .outerjoin(ReturnFigure, ReturnFigure.product_id == Product.id)
        .where(Product.slug == bindparam("slug"))
    )
    return statement if preview else statement.where(Product.status == "published")


_OF_PRODUCT: BindParameter[int] = bindparam("product_id")
_VARIANTS = (
    select(
        Variant.id,
        Variant.public_id,
        Variant.sku,
        Variant.price_minor,
        Variant.compare_at_minor,
        Variant.weight_grams,
        Variant.tracked,
        Variant.signature,
        Image.public_id.label("image_public_id"),
    )
    .outerjoin(Image, Image.id == Variant.image_id)
    .where(Variant.product_id == _OF_PRODUCT, Variant.archived_at.is_(None))
    .order_by(Variant.position, Variant.id)
)
_OPTIONS = (
    select(
        Option.id.label("option_id"),
        Option.names,
        OptionValue.id,
        OptionValue.public_id,
        OptionValue.key,
        OptionValue.labels,
        OptionValue.swatch,
    )
    .join(OptionValue, OptionValue.option_id == Option.id)
    .where(Option.product_id == _OF_PRODUCT)
    .order_by(Option.position, OptionValue.position, OptionValue.id)
)
_IMAGES = (
    select(*image_columns())
    .where(Image.product_id == _OF_PRODUCT, Image.name.is_not(None))
    .order_by(Image.position, Image.id)
)
_SPECS = (
    select(Specification.locale, Specification.name, Specification.value)
    .where(Specification.product_id == _OF_PRODUCT)
    .order_by(Specification.position)
)


def _product(slug: str, locale: str, preview: bool) -> Any:
    return read(_found(locale, preview), {"slug": slug}).one_or_none()


def _variants(product_id: int) -> list[VariantView]:
    rows = read(_VARIANTS, {"product_id": product_id}).all()
    names = codes([(row.sku, row.public_id) for row in rows])
    return [
        VariantView(
            id=row.id,
            public_id=row.public_id,
            code=code,
            sku=row.sku,
            price_minor=row.price_minor,
            compare_at_minor=row.compare_at_minor,
            weight_grams=row.weight_grams,
            tracked=row.tracked,
            value_ids=value_ids(row.signature),
            image_public_id=row.image_public_id,
        )
        for row, code in zip(rows, names, strict=True)
    ]


def value_ids(signature: str) -> tuple[int, ...]:
    """The option values of a variant on sale, in the order of the options."""
    return tuple(int(part) for part in signature.split(".")) if signature else ()


def _options(product_id: int, variants: Sequence[VariantView], locale: str) -> list[OptionView]:
    used = {value for variant in variants for value in variant.value_ids}
    if not used:
        return []
    rows = read(_OPTIONS, {"product_id": product_id}).all()
    found: dict[int, OptionView] = {}
    for row in rows:
        if row.id in used:
            option = found.setdefault(
                row.option_id, OptionView(row.option_id, pick(row.names, locale), [])
            )
            option.values.append(
                ValueView(row.id, row.public_id, row.key, pick(row.labels, locale), row.swatch)
            )
    return list(found.values())


def _images(product_id: int, locale: str) -> list[ImageView]:
    rows = read(_IMAGES, {"product_id": product_id})
    views = [image_view(row, locale) for row in rows]
    return [view for view in views if view is not None]


def _path(category_id: int | None, locale: str, tree: Sequence[CategoryNode] | None) -> list[Crumb]:
    """The way from the top category to the product's own."""
    if category_id is None:
        return []
    nodes = category_queries.categories(locale) if tree is None else tree
    own = next((n for n in category_queries.walk(nodes) if n.id == category_id), None)
    way = category_queries.path_to(nodes, own.slug) if own else []
    return [Crumb(node.slug, node.name) for node in way]


def _specs(product_id: int, locale: str) -> list[SpecView]:
    """The specifications, all in the one language that fits best."""
    found: dict[str, list[SpecView]] = {}
    for row in read(_SPECS, {"product_id": product_id}):
        found.setdefault(row.locale, []).append(SpecView(row.name, row.value))
    return next((found[one] for one in (locale, *FALLBACKS, *found) if one in found), [])
