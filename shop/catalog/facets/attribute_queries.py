"""Reading attributes: all of them for their page, and those a product of a category may have."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from shop.catalog.facets.models import (
    Attribute,
    AttributeValue,
    CategoryAttribute,
    ProductAttribute,
)
from shop.core.db import db


@dataclass(frozen=True, slots=True)
class ValueView:
    """A value in all its languages."""

    public_id: str
    labels: Mapping[str, Any]


@dataclass(slots=True)
class AttributeView:
    """An attribute in all its languages. ``category_ids``: those it was set for, without those below."""

    id: int
    public_id: str
    names: Mapping[str, Any]
    values: list[ValueView] = field(default_factory=list)
    category_ids: set[int] = field(default_factory=set)


def attributes(category_ids: Collection[int] | None = None) -> list[AttributeView]:
    """All attributes, or those of any of some categories. Three statements."""
    wanted = select(Attribute.id, Attribute.public_id, Attribute.names)
    if category_ids is not None:
        used = select(CategoryAttribute.attribute_id).where(
            CategoryAttribute.category_id.in_(category_ids)
        )
        wanted = wanted.where(Attribute.id.in_(used))
    found = {
        row.id: AttributeView(row.id, row.public_id, row.names)
        for row in db.session.execute(wanted.order_by(Attribute.position, Attribute.id))
    }
    for row in db.session.execute(
        select(AttributeValue.attribute_id, AttributeValue.public_id, AttributeValue.labels)
        .where(AttributeValue.attribute_id.in_(found))
        .order_by(AttributeValue.position, AttributeValue.id)
    ):
        found[row.attribute_id].values.append(ValueView(row.public_id, row.labels))
    for attribute_id, category_id in db.session.execute(
        select(CategoryAttribute.attribute_id, CategoryAttribute.category_id).where(
            CategoryAttribute.attribute_id.in_(found)
        )
    ):
        found[attribute_id].category_ids.add(category_id)
    return list(found.values())


def given(product_id: int) -> set[str]:
    """The public ids of the values that a product has."""
    return set(
        db.session.scalars(
            select(AttributeValue.public_id)
            .join(ProductAttribute, ProductAttribute.value_id == AttributeValue.id)
            .where(ProductAttribute.product_id == product_id)
        )
    )
