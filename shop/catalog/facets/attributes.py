"""Attributes: defined by operators for categories, given to products by merchants."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from shop.catalog.facets import derive
from shop.catalog.facets.models import (
    Attribute,
    AttributeValue,
    CategoryAttribute,
    Facet,
    FacetValue,
    ProductAttribute,
)
from shop.catalog.folding import fold
from shop.core import changes
from shop.core.db import db
from shop.core.errors import Invalid, NotFound
from shop.core.i18n import pick

MAX_VALUES = 200
MAX_LABEL = 80


@dataclass(frozen=True, slots=True)
class ValueData:
    """A value as its form has it: an id for one that is there, labels by language."""

    labels: Mapping[str, str]
    public_id: str = ""


def create(
    names: Mapping[str, str], values: Sequence[ValueData], category_ids: Collection[int]
) -> str:
    """Define an attribute; returns its public id.

    Raises ``Invalid``: "attribute-name-missing", "attribute-name-taken", "attribute-values-missing",
    "attribute-values-too-many", "attribute-value-repeated", "text-too-long".
    """
    names, values = _checked(names, values)
    last = db.session.scalar(select(func.max(Attribute.position)))
    attribute = Attribute(
        key=fold(pick(names, "en"))[:MAX_LABEL],
        names=names,
        position=0 if last is None else last + 1,
    )
    try:
        with db.session.begin_nested():
            db.session.add(attribute)
            db.session.flush()  # the unique key decides here
    except IntegrityError:
        raise Invalid("attribute-name-taken", field="name-en") from None
    _write_values(attribute.id, attribute.key, values)
    _write_categories(attribute.id, category_ids)
    changes.note(derive.TOPIC)
    return attribute.public_id


def change(
    public_id: str,
    names: Mapping[str, str],
    values: Sequence[ValueData],
    category_ids: Collection[int],
) -> None:
    """Other names, values and categories; a value that is not named any more is taken from products.

    Raises as ``create``, and ``NotFound``.
    """
    names, values = _checked(names, values)
    attribute = _claim(public_id)
    attribute.names = names
    facet = derive.ATTRIBUTE + attribute.key
    db.session.execute(update(Facet).where(Facet.key == facet).values(names=names))
    _write_values(attribute.id, attribute.key, values)
    _write_categories(attribute.id, category_ids)
    changes.note(derive.TOPIC)


def remove(public_id: str) -> None:
    """Forget an attribute, its values and who has them. Raises ``NotFound``."""
    attribute = _claim(public_id)
    db.session.execute(delete(Facet).where(Facet.key == derive.ATTRIBUTE + attribute.key))
    db.session.execute(delete(Attribute).where(Attribute.id == attribute.id))
    changes.note(derive.TOPIC)


def give(product_id: int, value_ids: Collection[str], offered: Collection[str]) -> None:
    """Give a product values (their public ids); of those ``offered`` what is not named is taken away.

    Values of attributes that were not offered (another category's) stay. What names no value counts as
    not chosen.
    """
    ids = dict(
        db.session.execute(
            select(AttributeValue.public_id, AttributeValue.id).where(
                AttributeValue.public_id.in_(offered)
            )
        ).all()
    )
    wanted = {ids[one] for one in value_ids if one in ids}
    others = select(ProductAttribute.value_id).where(
        ProductAttribute.product_id == product_id,
        ProductAttribute.value_id.not_in(ids.values()),
    )
    give_exactly(product_id, wanted.union(db.session.scalars(others)))


def give_exactly(product_id: int, value_ids: Collection[int]) -> None:
    """Give a product these values and no others; ids as of the rows."""
    wanted = set(value_ids)
    has = set(
        db.session.scalars(
            select(ProductAttribute.value_id).where(ProductAttribute.product_id == product_id)
        )
    )
    if wanted == has:
        return
    db.session.execute(
        delete(ProductAttribute).where(
            ProductAttribute.product_id == product_id, ProductAttribute.value_id.in_(has - wanted)
        )
    )
    db.session.add_all(
        ProductAttribute(product_id=product_id, value_id=one) for one in sorted(wanted - has)
    )
    db.session.flush()  # the facets are derived by statement
    derive.refresh(product_id)
    changes.note("product", product_id)


def copy(from_id: int, to_id: int) -> None:
    """Give a product the values of another."""
    ids = db.session.scalars(
        select(ProductAttribute.value_id).where(ProductAttribute.product_id == from_id)
    ).all()
    db.session.add_all(ProductAttribute(product_id=to_id, value_id=one) for one in ids)
    db.session.flush()  # the facets are derived by statement
    derive.refresh(to_id)
    changes.note("product", to_id)


def _claim(public_id: str) -> Attribute:
    found = db.session.scalar(
        select(Attribute)
        .where(Attribute.public_id == public_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound("attribute-unknown")
    return found


def _checked(
    names: Mapping[str, str], values: Sequence[ValueData]
) -> tuple[dict[str, str], list[ValueData]]:
    said = {locale: name.strip() for locale, name in names.items() if name.strip()}
    if not said or not fold(pick(said, "en")):
        raise Invalid("attribute-name-missing", field="name-en")
    texts = [*said.values(), *(label for value in values for label in value.labels.values())]
    if any(len(text.strip()) > MAX_LABEL for text in texts):
        raise Invalid("text-too-long", field="values", limit=MAX_LABEL)
    filled = []
    for value in values:
        labels = {locale: one.strip() for locale, one in value.labels.items() if one.strip()}
        if labels and fold(pick(labels, "en")):
            filled.append(ValueData(labels, value.public_id))
    if not filled:
        raise Invalid("attribute-values-missing", field="values")
    if len(filled) > MAX_VALUES:
        raise Invalid("attribute-values-too-many", field="values", limit=MAX_VALUES)
    keys = [derive.value_key(value.labels) for value in filled]
    if len(set(keys)) < len(keys):
        raise Invalid("attribute-value-repeated", field="values")
    return said, filled


def _write_values(attribute_id: int, key: str, values: Sequence[ValueData]) -> None:
    """Write the values in their order. One that is there keeps its key: addresses carry it."""
    known = {
        row.public_id: row
        for row in db.session.execute(
            select(AttributeValue.id, AttributeValue.public_id, AttributeValue.key).where(
                AttributeValue.attribute_id == attribute_id
            )
        )
    }
    kept = {value.public_id for value in values if value.public_id in known}
    gone = [row for public_id, row in known.items() if public_id not in kept]
    facet_ids = select(Facet.id).where(Facet.key == derive.ATTRIBUTE + key)
    if gone:
        db.session.execute(
            delete(AttributeValue).where(AttributeValue.id.in_(row.id for row in gone))
        )
        db.session.execute(
            delete(FacetValue)
            .where(
                FacetValue.facet_id.in_(facet_ids), FacetValue.key.in_({row.key for row in gone})
            )
            .execution_options(synchronize_session=False)
        )
    taken = {known[public_id].key for public_id in kept}
    for position, value in enumerate(values):
        if value.public_id in kept:
            row = known[value.public_id]
            db.session.execute(
                update(AttributeValue)
                .where(AttributeValue.id == row.id)
                .values(labels=dict(value.labels), position=position)
            )
            db.session.execute(
                update(FacetValue)
                .where(FacetValue.facet_id.in_(facet_ids), FacetValue.key == row.key)
                .values(labels=dict(value.labels))
                .execution_options(synchronize_session=False)
            )
            continue
        own = derive.value_key(value.labels)
        while own in taken:  # a value of another name was called so once
            own = f"{own[: MAX_LABEL - 2]}-2"
            if own in taken:
                raise Invalid("attribute-value-repeated", field="values")
        taken.add(own)
        db.session.add(
            AttributeValue(
                attribute_id=attribute_id, key=own, position=position, labels=dict(value.labels)
            )
        )
    db.session.flush()  # the unique keys are decided here


def _write_categories(attribute_id: int, category_ids: Collection[int]) -> None:
    db.session.execute(
        delete(CategoryAttribute).where(CategoryAttribute.attribute_id == attribute_id)
    )
    db.session.add_all(
        CategoryAttribute(category_id=one, attribute_id=attribute_id)
        for one in sorted(set(category_ids))
    )
    db.session.flush()  # a delete and inserts of the same key: keep their order
