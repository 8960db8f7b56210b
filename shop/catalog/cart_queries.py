"""Reading variants for the cart and the order."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import func, select

from shop.catalog.models import (
    Image,
    ListingRow,
    Option,
    OptionValue,
    Product,
    ProductTranslation,
    Variant,
    VariantValue,
)
from shop.catalog.options_text import options_of
from shop.catalog.rows import image_columns, image_view
from shop.catalog.views import ImageView, VariantInfo
from shop.core.db import db
from shop.core.i18n import pick
from shop.store.models import Store


def variants_for_cart(variant_ids: Collection[int], locale: str) -> dict[int, VariantInfo]:
    """What cart and order need of some variants, archived and unpublished ones too. Four statements."""
    wanted = set(variant_ids)
    if not wanted:
        return {}
    rows = db.session.execute(
        select(
            Variant.id,
            Variant.public_id,
            Variant.product_id,
            Variant.sku,
            Variant.price_minor,
            Variant.compare_at_minor,
            Variant.tracked,
            Variant.weight_grams,
            Variant.archived_at,
            Variant.image_id,
            ListingRow.image_id.label("main_image_id"),
            Product.slug,
            Product.kind,
            Product.status,
            Product.category_id,
            Product.store_id,
            Product.digital_name,
            Product.validity_days,
            Product.tax_class,
            Store.currency,
        )
        .join(Product, Product.id == Variant.product_id)
        .join(Store, Store.id == Product.store_id)
        .outerjoin(ListingRow, ListingRow.product_id == Product.id)
        .where(Variant.id.in_(wanted))
    ).all()
    titles: dict[int, dict[str, str]] = {}
    for text in db.session.execute(
        select(
            ProductTranslation.product_id, ProductTranslation.locale, ProductTranslation.title
        ).where(ProductTranslation.product_id.in_({row.product_id for row in rows}))
    ):
        titles.setdefault(text.product_id, {})[text.locale] = text.title
    options = options_of(wanted)
    images = _images(rows, locale)
    found: dict[int, VariantInfo] = {}
    for row in rows:
        image = images.get(row.image_id or 0) or images.get(row.main_image_id or 0)
        texts = options.get(row.id, {})
        found[row.id] = VariantInfo(
            variant_id=row.id,
            public_id=row.public_id,
            product_id=row.product_id,
            product_slug=row.slug,
            category_id=row.category_id,
            kind=row.kind,
            store_id=row.store_id,
            currency=row.currency,
            title=pick(titles.get(row.product_id), locale),
            titles=titles.get(row.product_id, {}),
            options_text=pick(texts, locale),
            options=texts,
            sku=row.sku,
            code=row.public_id,
            price_minor=row.price_minor,
            compare_at_minor=row.compare_at_minor,
            image=image,
            image_name=image.name if image else None,
            tracked=row.tracked,
            sellable=row.status == "published" and row.archived_at is None,
            weight_grams=row.weight_grams,
            digital_name=row.digital_name,
            validity_days=row.validity_days,
            tax_class=row.tax_class,
        )
    return found


def variant_id(public_id: str) -> int | None:
    """The id of the variant that a form or an address names."""
    return db.session.scalar(select(Variant.id).where(Variant.public_id == public_id))


def variant_of(slug: str, values: Collection[str]) -> str | None:
    """The public id of the variant of a published product that has exactly these values (public ids), one
    of every option; None where that is not so. One statement."""
    options = select(func.count(Option.id)).where(Option.product_id == Product.id).scalar_subquery()
    found = db.session.scalars(
        select(Variant.public_id)
        .join(Product, Product.id == Variant.product_id)
        .join(VariantValue, VariantValue.variant_id == Variant.id)
        .join(OptionValue, OptionValue.id == VariantValue.value_id)
        .where(
            Product.slug == slug,
            Product.status == "published",
            Variant.archived_at.is_(None),
            OptionValue.public_id.in_(values),
        )
        .group_by(Variant.id, Variant.public_id, Product.id)
        .having(func.count() == options)
    ).all()
    return found[0] if len(found) == 1 else None


def product_id(public_id: str) -> int | None:
    """The id of the product that a form or an address names."""
    return db.session.scalar(select(Product.id).where(Product.public_id == public_id))


def _images(rows: Any, locale: str) -> dict[int, ImageView]:
    wanted = {row.image_id for row in rows} | {row.main_image_id for row in rows}
    found: dict[int, ImageView] = {}
    for row in db.session.execute(
        select(Image.id, *image_columns()).where(Image.id.in_(wanted - {None}))
    ):
        view = image_view(row, locale)
        if view is not None:
            found[row.id] = view
    return found
