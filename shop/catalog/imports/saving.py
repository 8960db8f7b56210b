"""Saving one product of an import: new, changed or as it was. Runs inside the edge's transaction."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import select

from shop.catalog import products
from shop.catalog.editor_queries import admin_product
from shop.catalog.facets.models import Attribute, AttributeValue
from shop.catalog.folding import fold
from shop.catalog.imports import own_saving
from shop.catalog.imports.contexts import Context, Draft
from shop.catalog.imports.merging import merged
from shop.catalog.imports.own_links import OnParts
from shop.catalog.imports.own_lookup import combinations, find
from shop.catalog.imports.problems import Problem
from shop.catalog.models import (
    Category,
    CategoryTranslation,
    Product,
)
from shop.core.db import db
from shop.core.errors import NotFound
from shop.store.models import Store

OnStock = Callable[[int, int, bool], None]
"""Called with (variant id, units, whether the variant is new): stock belongs to a higher package."""
OnPlace = Callable[[int, str, int, bool], None]
"""The same with the name of the place before the units."""


class Outcome(StrEnum):
    """What became of a product of the file."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


def context(store_id: int, locale: str, *, trial: bool = False) -> Context:
    """What the rows of an import are read with; ``trial``: nothing will be kept. Raises ``NotFound``."""
    currency = db.session.scalar(select(Store.currency).where(Store.id == store_id))
    if currency is None:
        raise NotFound("store-unknown")
    categories: dict[str, int] = {}
    slugs: dict[str, int] = {}
    for row in db.session.execute(
        select(Category.id, Category.slug, CategoryTranslation.name).outerjoin(
            CategoryTranslation, CategoryTranslation.category_id == Category.id
        )
    ):
        for name in (row.slug.replace("-", " "), row.slug, row.name or ""):
            if name:
                categories.setdefault(fold(name), row.id)
        slugs[row.slug] = row.id
    return Context(store_id, currency, locale, categories, slugs, _attributes(), trial)


def _attributes() -> dict[tuple[str, str], int]:
    """Attribute and value → id of the value, by their keys and by their names in all languages."""
    rows = db.session.execute(
        select(
            Attribute.key.label("attribute"),
            Attribute.names,
            AttributeValue.key,
            AttributeValue.labels,
            AttributeValue.id,
        )
        .join(AttributeValue, AttributeValue.attribute_id == Attribute.id)
        .order_by(Attribute.position, AttributeValue.position, AttributeValue.id)
    ).all()
    found = {(row.attribute, row.key): row.id for row in rows}
    for row in rows:
        for name in (row.attribute, *map(fold, row.names.values())):
            for label in (row.key, *map(fold, row.labels.values())):
                found.setdefault((name, label), row.id)
    return found


@dataclass(frozen=True, slots=True)
class Saved:
    """Which product it was, what became of it, and what had to be left out. ``later``: it is to be shown
    with goods further down in the file, so that it should be saved again after them."""

    product_id: int
    outcome: Outcome
    problems: list[Problem] = field(default_factory=list)
    later: bool = False


def save(
    draft: Draft,
    *,
    set_stock: bool,
    on_stock: OnStock,
    on_parts: OnParts,
    on_place: OnPlace | None = None,
) -> Saved:
    """Bring one product in line with the file.

    A product that was imported with the same content before is left alone, also where the merchant
    changed it since; a complete draft makes it what the file says. ``on_stock`` (``on_place`` where
    the file counts by place) is called for new variants, and for all with ``set_stock``; ``on_parts``
    for bundles that change. Raises ``Invalid`` as ``products.save_product`` and ``own_saving.bring``;
    ``Later``.
    """
    if draft.complete:
        return _save_complete(draft, set_stock, on_place, on_parts)
    data = draft.data
    existing = db.session.execute(
        select(Product.id, Product.public_id, Product.import_hash).where(
            Product.store_id == data.store_id, Product.import_handle == data.import_handle
        )
    ).one_or_none()
    if existing is not None and existing.import_hash == data.import_hash:
        if set_stock:
            _set_stock(existing.id, draft, set(), on_stock)
        return Saved(existing.id, Outcome.UNCHANGED)
    before = set(combinations(existing.id).values()) if existing is not None else set()
    product_id = existing.id if existing is not None else None
    if existing is not None:
        current = admin_product(existing.public_id, [data.store_id])
        if current is not None:
            data = merged(data, current.data)
    product_id = products.save_product(data, product_id=product_id).id
    _set_stock(product_id, draft, before if not set_stock else set(), on_stock, known=before)
    return Saved(product_id, Outcome.CREATED if existing is None else Outcome.UPDATED)


def _save_complete(
    draft: Draft, set_stock: bool, on_place: OnPlace | None, on_parts: OnParts
) -> Saved:
    existing = find(draft.data.store_id, draft.data.import_handle or "")
    before = set(combinations(existing).values()) if existing is not None else set()
    product_id, changed, problems, later = own_saving.bring(draft, existing, on_parts)
    if on_place is not None and draft.places and (changed or set_stock):
        for combination, variant_id in combinations(product_id).items():
            new = variant_id not in before
            if new or set_stock:
                for place, units in draft.places.get(combination, {}).items():
                    on_place(variant_id, place, units, new)
    if existing is None:
        return Saved(product_id, Outcome.CREATED, problems, later)
    return Saved(product_id, Outcome.UPDATED if changed else Outcome.UNCHANGED, problems, later)


def _set_stock(
    product_id: int,
    draft: Draft,
    skipped: set[int],
    on_stock: OnStock,
    known: set[int] | None = None,
) -> None:
    for combination, variant_id in combinations(product_id).items():
        units = draft.quantities.get(combination)
        if units is not None and variant_id not in skipped:
            on_stock(variant_id, units, known is not None and variant_id not in known)
