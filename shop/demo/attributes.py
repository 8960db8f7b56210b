"""Attributes of the demo's goods: what their lists are narrowed by."""

from collections.abc import Mapping

from sqlalchemy import select

from shop.catalog.facets import attributes
from shop.catalog.facets.attributes import ValueData
from shop.catalog.facets.models import Attribute, AttributeValue
from shop.core.db import db
from shop.demo import texts


def define(category_ids: Mapping[str, int]) -> dict[str, list[int]]:
    """Define them for their categories; slug of a product → ids of the values that it has."""
    found: dict[str, list[int]] = {}
    for data in texts.read("attributes")["attribute"]:
        public_id = attributes.create(
            data["name"],
            [ValueData(value["label"]) for value in data["value"]],
            [category_ids[slug] for slug in data["categories"]],
        )
        ids = db.session.scalars(
            select(AttributeValue.id)
            .join(Attribute, Attribute.id == AttributeValue.attribute_id)
            .where(Attribute.public_id == public_id)
            .order_by(AttributeValue.position)
        )
        for value_id, value in zip(ids, data["value"], strict=True):
            for slug in value["goods"]:
                found.setdefault(slug, []).append(value_id)
    return found
