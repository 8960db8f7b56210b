"""Whole products for a file, read a batch at a time: seven statements a batch, whatever its goods, and at
most seven more for what stands beside them."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from shop.catalog.data import (
    ImageSource,
    OptionData,
    OptionValueData,
    ProductData,
    Spec,
    Text,
    VariantData,
)
from shop.catalog.exports.extras import NONE, UNNAMED, Extras, extras
from shop.catalog.models import (
    Brand,
    Category,
    Image,
    Option,
    OptionValue,
    Product,
    ProductTranslation,
    Specification,
    Variant,
)
from shop.catalog.page_queries import value_ids
from shop.core.db import db

BATCH = 200
MEDIA = "media:"
"""Before the stored name of a picture that was uploaded, and so has no address elsewhere."""


@dataclass(frozen=True, slots=True)
class Goods:
    """A product as a file tells it. ``data.images`` holds all its pictures in order, an uploaded one as
    ``media:`` and its name; variants name theirs by the same address. ``files``: address → largest
    stored file, of pictures that have one. ``variant_ids`` in the order of ``data.variants``.
    """

    id: int
    handle: str
    slug: str
    category: str
    data: ProductData
    variant_ids: Sequence[int]
    files: Mapping[str, str]
    extras: Extras = NONE


def goods(store_id: int, product_ids: Collection[int] | None = None) -> Iterator[Goods]:
    """The products of a store by id (only these, if given), in batches of ``BATCH``."""
    of_store = select(Product.id).where(Product.store_id == store_id).order_by(Product.id)
    if product_ids is not None:
        named = sorted(product_ids)
        for start in range(0, len(named), BATCH):  # a statement takes only so many values
            some = Product.id.in_(named[start : start + BATCH])
            yield from _batch(list(db.session.scalars(of_store.where(some))))
        return
    last = 0
    while True:
        ids = list(db.session.scalars(of_store.where(Product.id > last).limit(BATCH)))
        if not ids:
            return
        yield from _batch(ids)
        last = ids[-1]
        if len(ids) < BATCH:
            return


def _batch(ids: list[int]) -> Iterator[Goods]:
    products = db.session.execute(
        select(
            *(getattr(Product, name) for name in _PRODUCT),
            Brand.name.label("brand"),
            Category.slug.label("category"),
        )
        .outerjoin(Brand, Brand.id == Product.brand_id)
        .outerjoin(Category, Category.id == Product.category_id)
        .where(Product.id.in_(ids))
        .order_by(Product.id)
    ).all()
    texts = _by_product(ProductTranslation, ids, _TEXT, "id")
    specs = _by_product(Specification, ids, ("locale", "name", "value"), "position")
    images = _by_product(Image, ids, _IMAGE, "position", "id")
    variants = _by_product(Variant, ids, _VARIANT, "position", "id", live=True)
    options = _options(ids)
    beside = extras(ids)
    for row in products:
        pictures = {image.id: _address(image) for image in images[row.id]}
        named, keys = options.get(row.id, ([], {}))
        yield Goods(
            row.id,
            row.import_handle or UNNAMED + row.public_id,
            row.slug,
            row.category or "",
            ProductData(
                store_id=row.store_id,
                texts={
                    text.locale: Text(*(getattr(text, name) for name in _TEXT[1:]))
                    for text in texts[row.id]
                },
                variants=[_variant(one, keys, pictures) for one in variants[row.id]],
                options=named,
                specs=_specs(specs[row.id]),
                kind=row.kind,
                status=row.status,
                category_id=row.category_id,
                brand=row.brand or "",
                tags=[tag for tag in row.tags.split(", ") if tag],
                featured=row.featured,
                slug=row.slug,
                published_at=row.published_at,
                digital_name=row.digital_name,
                validity_days=row.validity_days,
                tax_class=row.tax_class,
                images=list(
                    {
                        pictures[image.id]: ImageSource(pictures[image.id], filled(image.alts))
                        for image in images[row.id]
                    }.values()
                ),
            ),
            [one.id for one in variants[row.id]],
            {pictures[image.id]: _largest(image) for image in images[row.id] if image.name},
            beside[row.id],
        )


_PRODUCT = (
    "id",
    "public_id",
    "store_id",
    "import_handle",
    "slug",
    "kind",
    "status",
    "category_id",
    "tags",
    "featured",
    "published_at",
    "digital_name",
    "validity_days",
    "tax_class",
)
_TEXT = (
    "locale",
    "title",
    "fact",
    "lead",
    "description_html",
    "seo_title",
    "seo_description",
)
_IMAGE = ("id", "public_id", "name", "widths", "alts", "source_url")
_VARIANT = (
    "id",
    "signature",
    "sku",
    "barcode",
    "price_minor",
    "compare_at_minor",
    "cost_minor",
    "weight_grams",
    "tracked",
    "image_id",
)


def _by_product(
    model: Any, ids: list[int], columns: Sequence[str], *order: str, live: bool = False
) -> dict[int, list[Any]]:
    statement = select(model.product_id, *(getattr(model, name) for name in columns)).where(
        model.product_id.in_(ids)
    )
    if live:
        statement = statement.where(model.archived_at.is_(None))
    found: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(statement.order_by(*(getattr(model, name) for name in order))):
        found[row.product_id].append(row)
    return found


def _options(ids: list[int]) -> dict[int, tuple[list[OptionData], dict[int, str]]]:
    """Product → its options, and the keys of their values by id."""
    named: dict[int, dict[int, tuple[Any, list[OptionValueData]]]] = defaultdict(dict)
    keys: dict[int, dict[int, str]] = defaultdict(dict)
    for row in db.session.execute(
        select(
            Option.product_id,
            Option.id.label("option_id"),
            Option.names,
            OptionValue.id,
            OptionValue.key,
            OptionValue.labels,
            OptionValue.swatch,
        )
        .join(OptionValue, OptionValue.option_id == Option.id)
        .where(Option.product_id.in_(ids))
        .order_by(Option.product_id, Option.position, OptionValue.position, OptionValue.id)
    ):
        keys[row.product_id][row.id] = row.key
        named[row.product_id].setdefault(row.option_id, (row.names, []))[1].append(
            OptionValueData(row.key, filled(row.labels), row.swatch)
        )
    return {
        product_id: (
            [OptionData(filled(names), values) for names, values in found.values()],
            keys[product_id],
        )
        for product_id, found in named.items()
    }


def filled(words: Mapping[str, Any]) -> dict[str, str]:
    """The languages that have a word."""
    return {locale: str(word) for locale, word in words.items() if word}


def _specs(rows: Sequence[Any]) -> dict[str, list[Spec]]:
    found: dict[str, list[Spec]] = {}
    for row in rows:
        found.setdefault(row.locale, []).append(Spec(row.name, row.value))
    return found


def _variant(row: Any, keys: Mapping[int, str], pictures: Mapping[int, str]) -> VariantData:
    return VariantData(
        price_minor=row.price_minor,
        values=tuple(keys[value] for value in value_ids(row.signature)),
        sku=row.sku,
        barcode=row.barcode,
        compare_at_minor=row.compare_at_minor,
        cost_minor=row.cost_minor,
        weight_grams=row.weight_grams,
        tracked=row.tracked,
        image=pictures.get(row.image_id) if row.image_id else None,
    )


def _address(image: Any) -> str:
    return image.source_url or f"{MEDIA}{image.name}"


def _largest(image: Any) -> str:
    return f"{image.name}-{image.widths.split()[-1]}.jpg"
