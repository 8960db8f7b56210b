"""Goods for tests, made through the services."""

import io
from dataclasses import dataclass
from itertools import count

from PIL import Image as Pillow
from sqlalchemy import select

from shop.catalog import categories, collection_services, images, products, rendering, slugs
from shop.catalog.collection_models import Collection
from shop.catalog.collection_services import CollectionData
from shop.catalog.data import OptionData, OptionValueData, ProductData, Text, VariantData
from shop.catalog.models import Brand, Product, Variant
from shop.core.db import db
from shop.core.transaction import transaction

_number = count(1)


@dataclass(frozen=True)
class Made:
    """A product that a test works with; ``variants`` in their order."""

    id: int
    public_id: str
    slug: str
    variants: list[int]


def product_data(store_id: int, title: str | None = None, **fields) -> ProductData:
    """A published product with one variant of 10.00; any field can be given."""
    title = title or f"Thing {next(_number)}"
    fields.setdefault("texts", {"en": Text(title), "zh": Text(f"{title}（中文）")})
    price = fields.pop("price_minor", 1000)
    fields.setdefault("variants", [VariantData(price_minor=price)])
    fields.setdefault("status", "published")
    return ProductData(store_id=store_id, **fields)


def options(**named: list[str]) -> list[OptionData]:
    """Options such as ``options(Size=["S", "M"])``; keys are the labels."""
    return [
        OptionData(
            {"en": name, "zh": name}, [OptionValueData(v, {"en": v, "zh": v}) for v in values]
        )
        for name, values in named.items()
    ]


def make_product(store_id: int, title: str | None = None, **fields) -> Made:
    """Save a product and return its ids. Fields as of ``ProductData``, and ``price_minor``."""
    with transaction():
        product_id = products.save_product(product_data(store_id, title, **fields)).id
    return made(product_id)


def made(product_id: int) -> Made:
    """The ids of a product as it is now."""
    product = db.session.execute(
        select(Product.public_id, Product.slug).where(Product.id == product_id)
    ).one()
    variants = db.session.scalars(
        select(Variant.id)
        .where(Variant.product_id == product_id, Variant.archived_at.is_(None))
        .order_by(Variant.position, Variant.id)
    )
    return Made(product_id, product.public_id, product.slug, list(variants))


def make_category(slug: str, name: str | None = None, parent_id: int | None = None) -> int:
    """Make a category and return its id."""
    name = name or slug.title()
    with transaction():
        return categories.create_category(
            slug, {"en": name, "zh": f"{name}类"}, parent_id=parent_id
        ).id


def gathered_of(store_id: int) -> dict[str, str]:
    """A collection of a store and a brand that it alone sells: their public ids."""
    name = f"Maker {next(_number)}"
    make_product(store_id, brand=name)
    with transaction():
        made = collection_services.save(
            CollectionData(
                store_id, {"en": "Shelf"}, {}, slugs.slugify(f"Shelf {name}"), published=True
            )
        )
    brand = db.session.scalars(select(Brand.public_id).where(Brand.name == name)).one()
    return {"collection": db.session.get_one(Collection, made).public_id, "brand": brand}


def picture(width: int = 400, height: int = 500, fmt: str = "PNG", **options) -> bytes:
    """A picture file with a gradient, so that no two sizes are alike."""
    target = io.BytesIO()
    Pillow.linear_gradient("L").resize((width, height)).convert("RGB").save(target, fmt, **options)
    return target.getvalue()


def make_image(product_id: int, raw: bytes | None = None, **alts: str) -> str:
    """Put a picture on a product (its files are not stored) and return its public id."""
    rendered = rendering.render(raw or picture())
    with transaction():
        return images.add_image(product_id, rendered, alts).public_id
