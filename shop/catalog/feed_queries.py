"""The published goods of a store for a product feed, in batches."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from shop.catalog.html import plain
from shop.catalog.localised import best
from shop.catalog.models import (
    Brand,
    CategoryTranslation,
    Image,
    Option,
    OptionValue,
    Product,
    ProductTranslation,
    Variant,
)
from shop.catalog.page_queries import codes, value_ids
from shop.catalog.rows import image_columns, image_view
from shop.catalog.views import ImageView
from shop.core.db import db
from shop.core.i18n import pick

BATCH = 250


@dataclass(frozen=True, slots=True)
class FeedItem:
    """A variant with what a feed says of it. ``code`` as in ``?sku=``; the first picture leads.

    ``group``: the product's public id, when it has several variants. Prices in minor units.
    """

    variant_id: int
    public_id: str
    group: str
    slug: str
    code: str
    title: str
    description: str
    brand: str
    category: str
    barcode: str
    sku: str
    price_minor: int
    compare_at_minor: int | None
    images: list[ImageView]


def batch(store_id: int, locale: str, after: int) -> tuple[list[FeedItem], int | None]:
    """Some of what a store has published beyond the product ``after``, and where to go on. Four statements.

    Services are left out: feeds are for goods. So is what has no picture, which feeds must have.
    """
    rows = _products(store_id, locale, after, BATCH)
    more = rows[-1].id if len(rows) == BATCH else None
    return (_items(rows, locale) if rows else []), more


def _products(store_id: int, locale: str, after: int, size: int) -> Sequence[Any]:
    return db.session.execute(
        select(
            Product.id,
            Product.public_id,
            Product.slug,
            ProductTranslation.title,
            ProductTranslation.fact,
            ProductTranslation.lead,
            ProductTranslation.description_html,
            Brand.name.label("brand"),
            CategoryTranslation.name.label("category"),
        )
        .select_from(Product)
        .join(ProductTranslation, best(ProductTranslation, "product_id", Product.id, locale))
        .outerjoin(Brand, Brand.id == Product.brand_id)
        .outerjoin(
            CategoryTranslation,
            best(CategoryTranslation, "category_id", Product.category_id, locale),
        )
        .where(
            Product.store_id == store_id,
            Product.status == "published",
            Product.kind != "service",
            Product.id > after,
        )
        .order_by(Product.id)
        .limit(size)
    ).all()


def _items(rows: Sequence[Any], locale: str) -> list[FeedItem]:
    ids = [row.id for row in rows]
    variants: dict[int, list[Any]] = {}
    for row in db.session.execute(
        select(
            Variant.product_id,
            Variant.id,
            Variant.public_id,
            Variant.sku,
            Variant.barcode,
            Variant.price_minor,
            Variant.compare_at_minor,
            Variant.signature,
            Variant.image_id,
        )
        .where(Variant.product_id.in_(ids), Variant.archived_at.is_(None))
        .order_by(Variant.product_id, Variant.position, Variant.id)
    ):
        variants.setdefault(row.product_id, []).append(row)
    images: dict[int, list[tuple[int, ImageView]]] = {}
    for row in db.session.execute(
        select(Image.product_id, Image.id, *image_columns())
        .where(Image.product_id.in_(ids), Image.name.is_not(None))
        .order_by(Image.product_id, Image.position, Image.id)
    ):
        view = image_view(row, locale)
        if view is not None:
            images.setdefault(row.product_id, []).append((row.id, view))
    labels = {
        value_id: pick(texts, locale)
        for value_id, texts in db.session.execute(
            select(OptionValue.id, OptionValue.labels)
            .join(Option, Option.id == OptionValue.option_id)
            .where(Option.product_id.in_(ids))
        )
    }
    found = []
    for product in rows:
        shown = images.get(product.id, [])
        sold = variants.get(product.id, [])
        if not shown:
            continue
        names = codes([(variant.sku, variant.public_id) for variant in sold])
        for variant, code in zip(sold, names, strict=True):
            values = [labels.get(value, "") for value in value_ids(variant.signature)]
            own = [view for image_id, view in shown if image_id == variant.image_id]
            rest = [view for image_id, view in shown if image_id != variant.image_id]
            found.append(
                FeedItem(
                    variant_id=variant.id,
                    public_id=variant.public_id,
                    group=product.public_id if len(sold) > 1 else "",
                    slug=product.slug,
                    code=code,
                    title=" ".join([product.title, *([" / ".join(values)] if values else [])]),
                    description=plain(product.description_html)
                    or product.lead
                    or product.fact
                    or product.title,
                    brand=product.brand or "",
                    category=product.category or "",
                    barcode=variant.barcode,
                    sku=variant.sku,
                    price_minor=variant.price_minor,
                    compare_at_minor=variant.compare_at_minor,
                    images=own + rest,
                )
            )
    return found
