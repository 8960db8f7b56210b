"""Writing down what a product is narrowed by, in the transaction that changes it.

Options are brought together by their folded names over all products: "Colour" of one and "colour" of
another are one facet, "Blue" and "blue" one value of it. Names and labels are those of the product that
came first; languages that it lacks are taken from others.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from shop.catalog.facets.models import (
    Attribute,
    AttributeValue,
    Facet,
    FacetValue,
    ProductAttribute,
    ProductFacet,
)
from shop.catalog.folding import fold
from shop.catalog.models import Option, OptionValue, Product, Variant, VariantValue
from shop.core import changes
from shop.core.db import db
from shop.core.i18n import pick

OPTION, ATTRIBUTE = "o.", "a."
TOPIC = "facets"
"""What is noted in ``core.changes`` when names or values are not what they were."""
_LONGEST = 80

Key = tuple[str, str]


@dataclass
class _Wanted:
    """What a product has: the names of facets, and the labels and swatches of values by key."""

    names: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    values: dict[Key, tuple[Mapping[str, Any], str | None]] = field(default_factory=dict)

    def add(
        self, key: Key, names: Mapping[str, Any], labels: Mapping[str, Any], swatch: str | None
    ) -> None:
        """One more value; of two that fold alike the first counts."""
        self.names.setdefault(key[0], names)
        self.values.setdefault(key, (labels, swatch))


def refresh(product_id: int) -> None:
    """Write the facet values of a product again; only what differs is written."""
    wanted = _of_product(product_id)
    known = _known(wanted)
    missing = sorted(wanted.values.keys() - known.keys())
    if missing:
        _make(wanted, missing)
        known = _known(wanted)
    now = set(known.values())
    before = set(
        db.session.scalars(
            select(ProductFacet.value_id).where(ProductFacet.product_id == product_id)
        )
    )
    if before - now:
        db.session.execute(
            delete(ProductFacet).where(
                ProductFacet.product_id == product_id, ProductFacet.value_id.in_(before - now)
            )
        )
    if now - before:
        _insert(
            ProductFacet,
            ({"product_id": product_id, "value_id": value_id} for value_id in sorted(now - before)),
        )


def option_key(names: Mapping[str, Any]) -> str:
    """The facet that an option of these names belongs to; empty for a name without letters."""
    folded = fold(pick(names, "en"))[:_LONGEST]
    return OPTION + folded if folded else ""


def value_key(labels: Mapping[str, Any]) -> str:
    """How a value of these labels is called in addresses."""
    return fold(pick(labels, "en"))[:_LONGEST]


def _of_product(product_id: int) -> _Wanted:
    wanted = _Wanted()
    sold = db.session.execute(
        select(Option.names, OptionValue.labels, OptionValue.swatch)
        .join(OptionValue, OptionValue.option_id == Option.id)
        .where(
            Option.product_id == product_id,
            select(VariantValue.variant_id)
            .join(Variant, Variant.id == VariantValue.variant_id)
            .where(VariantValue.value_id == OptionValue.id, Variant.archived_at.is_(None))
            .exists(),
        )
        .order_by(Option.position, OptionValue.position, OptionValue.id)
    )
    for names, labels, swatch in sold:
        key = option_key(names), value_key(labels)
        if all(key):
            wanted.add(key, names, labels, swatch)
    given = db.session.execute(
        select(Attribute.key, Attribute.names, AttributeValue.key, AttributeValue.labels)
        .join(AttributeValue, AttributeValue.attribute_id == Attribute.id)
        .join(ProductAttribute, ProductAttribute.value_id == AttributeValue.id)
        .where(ProductAttribute.product_id == product_id)
    )
    for attribute, names, value, labels in given:
        wanted.add((ATTRIBUTE + attribute, value), names, labels, None)
    return wanted


def _known(wanted: _Wanted) -> dict[Key, int]:
    """The ids of the values that are written down; languages they lack are added."""
    if not wanted.values:
        return {}
    rows = db.session.execute(
        select(
            Facet.id.label("facet_id"),
            Facet.key.label("facet"),
            Facet.names,
            FacetValue.id,
            FacetValue.key,
            FacetValue.labels,
            FacetValue.swatch,
        )
        .join(FacetValue, FacetValue.facet_id == Facet.id)
        .where(
            Facet.key.in_(wanted.names),
            FacetValue.key.in_({value for _, value in wanted.values}),
        )
    ).all()
    found = {}
    for row in rows:
        key = row.facet, row.key
        if key not in wanted.values:
            continue
        found[key] = int(row.id)
        labels, swatch = wanted.values[key]
        _complete(Facet, row.facet_id, "names", row.names, wanted.names[row.facet])
        _complete(FacetValue, row.id, "labels", row.labels, labels)
        if swatch and not row.swatch:
            db.session.execute(
                update(FacetValue).where(FacetValue.id == row.id).values(swatch=swatch)
            )
            changes.note(TOPIC)
    return found


def _complete(
    model: Any, row_id: int, column: str, has: Mapping[str, Any], offered: Mapping[str, Any]
) -> None:
    whole = {**_said(offered), **_said(has)}
    if whole.keys() != _said(has).keys():
        db.session.execute(update(model).where(model.id == row_id).values({column: whole}))
        changes.note(TOPIC)


def _said(texts: Mapping[str, Any]) -> dict[str, Any]:
    return {locale: text for locale, text in texts.items() if text}


def _make(wanted: _Wanted, missing: Iterable[Key]) -> None:
    """New facets and values, in the order of their keys: two who make the same wait once, not crosswise."""
    missing = list(missing)
    keys = sorted({facet for facet, _ in missing})
    _insert(Facet, ({"key": key, "names": _said(wanted.names[key])} for key in keys))
    ids = dict(db.session.execute(select(Facet.key, Facet.id).where(Facet.key.in_(keys))).all())
    _insert(
        FacetValue,
        (
            {
                "facet_id": ids[facet],
                "key": value,
                "labels": _said(wanted.values[facet, value][0]),
                "swatch": wanted.values[facet, value][1],
            }
            for facet, value in missing
        ),
    )
    changes.note(TOPIC)


def _insert(model: Any, rows: Iterable[dict[str, Any]]) -> None:
    """Insert what is not there yet: another transaction may have been faster."""
    dialect = sqlite if db.engine.dialect.name == "sqlite" else postgresql
    db.session.execute(dialect.insert(model).on_conflict_do_nothing(), list(rows))


def missing(after: int = 0, limit: int | None = None) -> list[int]:
    """Products beyond ``after`` that have options on sale, or attributes, and no facet value: those of
    before there were any. (Not told: one that has some of its values, and not all.)"""
    has = select(ProductFacet.product_id).where(ProductFacet.product_id == Product.id).exists()
    sold = (
        select(VariantValue.variant_id)
        .join(Variant, Variant.id == VariantValue.variant_id)
        .where(Variant.product_id == Product.id, Variant.archived_at.is_(None))
        .exists()
    )
    given = select(ProductAttribute.value_id).where(ProductAttribute.product_id == Product.id)
    found = select(Product.id).where(Product.id > after, ~has, sold | given.exists())
    return list(db.session.scalars(found.order_by(Product.id).limit(limit)))


def differences() -> list[str]:
    """Products whose facet values are not what they have on sale: for ``flask doctor``."""
    sold = (
        select(Variant.product_id)
        .join(VariantValue, VariantValue.variant_id == Variant.id)
        .where(Variant.product_id == ProductFacet.product_id, Variant.archived_at.is_(None))
    )
    given = select(ProductAttribute.value_id).where(
        ProductAttribute.product_id == ProductFacet.product_id
    )
    beyond = db.session.scalars(
        select(ProductFacet.product_id).distinct().where(~sold.exists(), ~given.exists())
    )
    return [
        *(
            f"product {one}: its options are missing; run flask catalog reindex"
            for one in missing()
        ),
        *(f"product {one}: has facet values, but nothing they are of" for one in beyond),
    ]


def sweep() -> None:
    """Forget values and facets that no product has; for ``flask catalog reindex``."""
    db.session.execute(
        delete(FacetValue)
        .where(FacetValue.id.not_in(select(ProductFacet.value_id)))
        .execution_options(synchronize_session=False)
    )
    db.session.execute(
        delete(Facet)
        .where(Facet.id.not_in(select(FacetValue.facet_id)))
        .execution_options(synchronize_session=False)
    )
    changes.note(TOPIC)
