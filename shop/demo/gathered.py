"""The demo's collections, and what is said of its brands."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from shop.catalog import brand_queries, brands, collection_rules, stored_images
from shop.catalog import collection_services as collections
from shop.catalog.collection_services import CollectionData
from shop.catalog.models import Brand, Product
from shop.catalog.rendering import Rendered
from shop.core import money
from shop.core.db import db
from shop.demo import texts


def brand_of() -> dict[str, str]:
    """Product slug → the name of its brand."""
    found = texts.read("collections")["brand"]
    return {slug: brand["name"] for brand in found for slug in brand["products"]}


def describe_brands() -> None:
    """Say of every brand who it is."""
    for data in texts.read("collections")["brand"]:
        brand_id = brand_queries.ids_by_name([data["name"]])[data["name"].casefold()]
        slug = db.session.execute(select(Brand.slug).where(Brand.id == brand_id)).scalar_one()
        brands.update_brand(brand_id, name=data["name"], slug=slug, texts=data["text"])


def make_collections(store_ids: Mapping[str, int], pictures: Mapping[str, Rendered]) -> None:
    """Every collection with its goods."""
    rows = db.session.execute(select(Product.slug, Product.id))
    ids: dict[str, int] = {row.slug: row.id for row in rows}
    for data in reversed(texts.read("collections")["collection"]):  # the first is shown first
        made = collections.save(
            CollectionData(
                store_ids.get(data.get("store", "")),
                data["title"],
                data["text"],
                slug=data["slug"],
                rule=_rule(data["rule"]) if "rule" in data else None,
                published=True,
            )
        )
        if "picture" in data:
            collections.set_image(made, stored_images.as_data(pictures[data["picture"]]))
        for slug in data.get("picks", []):
            collections.pick(made, ids[slug])


def _rule(data: Mapping[str, Any]) -> collection_rules.Rule:
    conditions: list[dict[str, Any]] = [
        {"field": name} for name in ("stock", "offer") if data.get(name)
    ]
    if "price_to" in data:
        conditions.append({"field": "price", "from": None, "to": money.parse(data["price_to"])})
    return collection_rules.parse({"match": data["match"], "conditions": conditions})
