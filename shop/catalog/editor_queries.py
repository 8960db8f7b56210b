"""Reading one product for its editor, within the stores of the person who asks."""

from collections.abc import Collection

from sqlalchemy import select

from shop.catalog.admin_views import AdminImage, AdminProduct, AdminVariant
from shop.catalog.data import OptionData, OptionValueData, ProductData, Spec, Text, VariantData
from shop.catalog.fetching import waiting
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
from shop.catalog.page_queries import value_ids
from shop.catalog.rows import image_view
from shop.core.db import db


def admin_product(
    public_id: str, store_ids: Collection[int], locale: str = "en"
) -> AdminProduct | None:
    """A product of one of these stores with all that its editor changes. Six statements."""
    row = db.session.execute(
        select(Product, ListingRow.currency, Brand.name)
        .outerjoin(ListingRow, ListingRow.product_id == Product.id)
        .outerjoin(Brand, Brand.id == Product.brand_id)
        .where(Product.public_id == public_id, Product.store_id.in_(list(store_ids)))
    ).one_or_none()
    if row is None:
        return None
    product: Product = row.Product
    images = _images(product.id, locale)
    options, keys = _options(product.id)
    variants = _variants(product.id, keys, {image.id: image.public_id for image in images})
    specs: dict[str, list[Spec]] = {}
    for spec in db.session.execute(
        select(Specification.locale, Specification.name, Specification.value)
        .where(Specification.product_id == product.id)
        .order_by(Specification.locale, Specification.position)
    ):
        specs.setdefault(spec.locale, []).append(Spec(spec.name, spec.value))
    texts = {
        text.locale: Text(
            text.title,
            text.fact,
            text.lead,
            text.description_html,
            text.seo_title,
            text.seo_description,
        )
        for text in db.session.scalars(
            select(ProductTranslation).where(ProductTranslation.product_id == product.id)
        )
    }
    data = ProductData(
        store_id=product.store_id,
        texts=texts,
        variants=[variant.data for variant in variants if not variant.archived],
        options=options,
        specs=specs,
        kind=product.kind,
        status=product.status,
        category_id=product.category_id,
        brand=row.name or "",
        tags=[tag for tag in product.tags.split(", ") if tag],
        featured=product.featured,
        digital_name=product.digital_name,
        validity_days=product.validity_days,
        tax_class=product.tax_class,
    )
    return AdminProduct(
        product.id,
        product.public_id,
        product.slug,
        product.version,
        row.currency or "",
        product.published_at,
        product.updated_at,
        data,
        variants,
        images,
        product.publish_at,
    )


def _images(product_id: int, locale: str) -> list[AdminImage]:
    rows = db.session.scalars(
        select(Image).where(Image.product_id == product_id).order_by(Image.position, Image.id)
    ).all()
    absent = any(row.name is None for row in rows)
    errors = waiting.errors(product_id) if absent else {}
    return [
        AdminImage(
            row.id,
            row.public_id,
            {key: str(text) for key, text in row.alts.items()},
            row.source_url,
            image_view(row, locale),
            *errors.get(row.id, ("", False)),
        )
        for row in rows
    ]


def _options(product_id: int) -> tuple[list[OptionData], dict[int, str]]:
    keys: dict[int, str] = {}
    found: dict[int, tuple[dict[str, str], list[OptionValueData]]] = {}
    for row in db.session.execute(
        select(
            Option.id.label("option_id"),
            Option.names,
            OptionValue.id,
            OptionValue.key,
            OptionValue.labels,
            OptionValue.swatch,
        )
        .join(OptionValue, OptionValue.option_id == Option.id)
        .where(Option.product_id == product_id)
        .order_by(Option.position, OptionValue.position, OptionValue.id)
    ):
        keys[row.id] = row.key
        found.setdefault(row.option_id, (row.names, []))[1].append(
            OptionValueData(row.key, row.labels, row.swatch)
        )
    return [OptionData(names, values) for names, values in found.values()], keys


def _variants(
    product_id: int, keys: dict[int, str], pictures: dict[int, str]
) -> list[AdminVariant]:
    rows = db.session.scalars(
        select(Variant)
        .where(Variant.product_id == product_id)
        .order_by(Variant.archived_at.is_not(None), Variant.position, Variant.id)
    )
    found = []
    for row in rows:
        archived = row.archived_at is not None
        values = () if archived else tuple(keys[value] for value in value_ids(row.signature))
        found.append(
            AdminVariant(
                row.id,
                row.public_id,
                values,
                VariantData(
                    price_minor=row.price_minor,
                    values=values,
                    sku=row.sku,
                    barcode=row.barcode,
                    compare_at_minor=row.compare_at_minor,
                    cost_minor=row.cost_minor,
                    weight_grams=row.weight_grams,
                    tracked=row.tracked,
                    image=pictures.get(row.image_id) if row.image_id else None,
                ),
                archived,
            )
        )
    return found
