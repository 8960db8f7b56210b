"""What stands beside products in tables of their own, as a file tells it: terms, attributes, what is shown
with them, parts of bundles. One statement that says what there is, and one more for each that is there;
two or three for parts."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased

from shop.catalog.bundle_models import BundlePart
from shop.catalog.facets.models import Attribute, AttributeValue, ProductAttribute
from shop.catalog.imports import own_references
from shop.catalog.models import OptionValue, Product, Variant
from shop.catalog.page_queries import value_ids
from shop.catalog.related_models import RelatedProduct
from shop.catalog.terms import USUAL, Terms
from shop.catalog.terms_models import GoodsTerms
from shop.core.db import db

UNNAMED = own_references.BY_ID
"""Before the public id of a product that no import has given a handle."""


@dataclass(frozen=True, slots=True)
class Extras:
    """What goes with a product. ``attributes``: value id → keys of attribute and value; ``related``: id
    of a pinned product → its handle, in order; ``parts``: variant → variant of a part → units and how the
    file names it.
    """

    terms: Terms = USUAL
    attributes: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    related: Mapping[int, str] = field(default_factory=dict)
    parts: Mapping[int, Mapping[int, tuple[int, str]]] = field(default_factory=dict)


NONE = Extras()


def extras(product_ids: Collection[int]) -> Mapping[int, Extras]:
    """What goes with each of some products."""
    has = _present(product_ids)
    terms = {}
    if has.terms:
        terms = {
            row.product_id: Terms(row.uses, row.remind_days, row.downloads, row.download_days)
            for row in db.session.execute(
                select(*GoodsTerms.__table__.columns).where(GoodsTerms.product_id.in_(product_ids))
            )
        }
    attributes = _attributes(product_ids) if has.attributes else {}
    related = _related(product_ids) if has.related else {}
    parts = _parts(product_ids) if has.parts else {}
    return {
        one: Extras(
            terms.get(one, USUAL),
            attributes.get(one, {}),
            related.get(one, {}),
            parts.get(one, {}),
        )
        for one in product_ids
    }


def _present(product_ids: Collection[int]) -> Any:
    """Which of it there is at all: most goods have nothing of it, and an import reads one by one."""
    variants = select(Variant.id).where(Variant.product_id.in_(product_ids))
    pinned = RelatedProduct.product_id.in_(product_ids) & (RelatedProduct.kind == "pinned")
    return db.session.execute(
        select(
            exists().where(GoodsTerms.product_id.in_(product_ids)).label("terms"),
            exists().where(ProductAttribute.product_id.in_(product_ids)).label("attributes"),
            exists().where(pinned).label("related"),
            exists().where(BundlePart.bundle_id.in_(variants)).label("parts"),
        )
    ).one()


def _attributes(product_ids: Collection[int]) -> dict[int, dict[int, tuple[str, str]]]:
    found: dict[int, dict[int, tuple[str, str]]] = defaultdict(dict)
    for row in db.session.execute(
        select(
            ProductAttribute.product_id,
            ProductAttribute.value_id,
            Attribute.key.label("attribute"),
            AttributeValue.key,
        )
        .join(AttributeValue, AttributeValue.id == ProductAttribute.value_id)
        .join(Attribute, Attribute.id == AttributeValue.attribute_id)
        .where(ProductAttribute.product_id.in_(product_ids))
        .order_by(Attribute.key, AttributeValue.key)
    ):
        found[row.product_id][row.value_id] = (row.attribute, row.key)
    return found


def _related(product_ids: Collection[int]) -> dict[int, dict[int, str]]:
    """Another store's product goes by its public id: handles are a store's own."""
    of = aliased(Product)
    found: dict[int, dict[int, str]] = defaultdict(dict)
    for row in db.session.execute(
        select(
            RelatedProduct.product_id,
            Product.id,
            Product.public_id,
            Product.import_handle,
            (Product.store_id == of.store_id).label("ours"),
        )
        .join(Product, Product.id == RelatedProduct.other_id)
        .join(of, of.id == RelatedProduct.product_id)
        .where(RelatedProduct.product_id.in_(product_ids), RelatedProduct.kind == "pinned")
        .order_by(RelatedProduct.product_id, RelatedProduct.position, Product.id)
    ):
        handle = row.import_handle if row.ours else None
        found[row.product_id][row.id] = handle or UNNAMED + row.public_id
    return found


def _parts(product_ids: Collection[int]) -> dict[int, dict[int, dict[int, tuple[int, str]]]]:
    bundle = aliased(Variant)
    rows = db.session.execute(
        select(
            bundle.product_id,
            BundlePart.bundle_id,
            BundlePart.part_id,
            BundlePart.quantity,
            Variant.sku,
            Variant.public_id,
            Variant.signature,
            Variant.archived_at,
            Product.store_id,
            Product.import_handle,
            Product.public_id.label("product"),
        )
        .join(bundle, bundle.id == BundlePart.bundle_id)
        .join(Variant, Variant.id == BundlePart.part_id)
        .join(Product, Product.id == Variant.product_id)
        .where(bundle.product_id.in_(product_ids))
        .order_by(BundlePart.bundle_id, BundlePart.id)
    ).all()
    found: dict[int, dict[int, dict[int, tuple[int, str]]]] = defaultdict(dict)
    if not rows:
        return found
    counts = _counts(rows)
    unclear = [row for row in rows if row.archived_at is None and not _is_clear(row, counts)]
    keys = _keys({value for row in unclear for value in value_ids(row.signature)})
    for row in rows:
        if row.archived_at is not None:
            reference = own_references.BY_ID + row.public_id
        elif _is_clear(row, counts):
            reference = row.sku
        else:
            handle = row.import_handle or UNNAMED + row.product
            values = [keys[value] for value in value_ids(row.signature)]
            reference = own_references.by_values(handle, values)
        of_product = found[row.product_id].setdefault(row.bundle_id, {})
        of_product[row.part_id] = (row.quantity, reference)
    return found


def _counts(rows: Sequence[Any]) -> dict[tuple[int, str], int]:
    """How many variants on sale in a store have the SKU of a part."""
    counted = db.session.execute(
        select(Product.store_id, Variant.sku, func.count())
        .join(Product, Product.id == Variant.product_id)
        .where(
            Variant.sku.in_({row.sku for row in rows}),
            Product.store_id.in_({row.store_id for row in rows}),
            Variant.archived_at.is_(None),
        )
        .group_by(Product.store_id, Variant.sku)
    )
    return {(store_id, sku): number for store_id, sku, number in counted}


def _is_clear(row: Any, counts: Mapping[tuple[int, str], int]) -> bool:
    return own_references.is_plain(row.sku) and counts.get((row.store_id, row.sku)) == 1


def _keys(ids: Collection[int]) -> dict[int, str]:
    if not ids:
        return {}
    rows = db.session.execute(
        select(OptionValue.id, OptionValue.key).where(OptionValue.id.in_(ids))
    )
    return {row.id: row.key for row in rows}
