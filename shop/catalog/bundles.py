"""Bundles: which parts a variant consists of. Changing them is a verb of ``inventory.bundles``, since a
bundle is available as far as its parts are."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import exists, or_, select

from shop.catalog.bundle_models import BundlePart
from shop.catalog.models import Product, ProductTranslation, Variant
from shop.catalog.options_text import options_of
from shop.core.db import db
from shop.core.i18n import pick

MOST_PARTS = 20


@dataclass(frozen=True, slots=True)
class Part:
    """What one unit of a bundle takes of a variant. ``titles``/``options``: locale → text."""

    variant_id: int
    public_id: str
    product: str
    quantity: int
    sku: str
    titles: dict[str, str]
    options: dict[str, str]
    tracked: bool
    archived: bool

    def title(self, locale: str) -> str:
        """Its name in a language."""
        return pick(self.titles, locale)

    def option(self, locale: str) -> str:
        """What was chosen of it, in a language."""
        return pick(self.options, locale)


def parts_of(bundle_ids: Collection[int]) -> dict[int, list[Part]]:
    """The parts of those variants that are bundles, in the order of the part's id: the order in which
    stock is locked. One statement when there are none, else three."""
    if not bundle_ids:
        return {}
    rows = db.session.execute(
        select(
            BundlePart.bundle_id,
            BundlePart.quantity,
            Variant.id,
            Variant.public_id,
            Variant.sku,
            Variant.tracked,
            Variant.archived_at,
            Variant.product_id,
            Product.public_id.label("product"),
            Product.status,
        )
        .join(Variant, Variant.id == BundlePart.part_id)
        .join(Product, Product.id == Variant.product_id)
        .where(BundlePart.bundle_id.in_(bundle_ids))
        .order_by(BundlePart.bundle_id, BundlePart.part_id)
    ).all()
    titles = _titles({row.product_id for row in rows})
    options = options_of({row.id for row in rows}) if rows else {}
    found: dict[int, list[Part]] = {}
    for row in rows:
        found.setdefault(row.bundle_id, []).append(
            Part(
                row.id,
                row.public_id,
                row.product,
                row.quantity,
                row.sku,
                titles.get(row.product_id, {}),
                options.get(row.id, {}),
                row.tracked,
                row.archived_at is not None or row.status == "archived",
            )
        )
    return found


def are_bundles(variant_ids: Collection[int]) -> set[int]:
    """Which of these variants are bundles."""
    return set(
        db.session.scalars(
            select(BundlePart.bundle_id).where(BundlePart.bundle_id.in_(variant_ids)).distinct()
        )
    )


def candidates(store_id: int, bundle_id: int, q: str, limit: int = 20) -> list[Part]:
    """Variants of a store that could be a part of a bundle, by words in their title or SKU."""
    pattern = "%" + q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    named = exists().where(
        ProductTranslation.product_id == Product.id,
        ProductTranslation.title.ilike(pattern, escape="\\"),
    )
    taken = select(BundlePart.part_id).where(BundlePart.bundle_id == bundle_id)
    rows = db.session.execute(
        select(Variant, Product.public_id)
        .join(Product, Product.id == Variant.product_id)
        .where(
            Product.store_id == store_id,
            Product.kind == "physical",
            Product.status != "archived",
            Variant.archived_at.is_(None),
            Variant.id != bundle_id,
            Variant.id.not_in(taken),
            ~exists().where(BundlePart.bundle_id == Variant.id),
            or_(named, Variant.sku.ilike(pattern, escape="\\")),
        )
        .order_by(Variant.product_id.desc(), Variant.position, Variant.id)
        .limit(limit)
    ).all()
    titles = _titles({row.product_id for row, _ in rows})
    options = options_of({row.id for row, _ in rows}) if rows else {}
    return [
        Part(
            row.id,
            row.public_id,
            product,
            1,
            row.sku,
            titles.get(row.product_id, {}),
            options.get(row.id, {}),
            row.tracked,
            False,
        )
        for row, product in rows
    ]


def _titles(product_ids: Collection[int]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    if not product_ids:
        return found
    rows = db.session.execute(
        select(
            ProductTranslation.product_id, ProductTranslation.locale, ProductTranslation.title
        ).where(ProductTranslation.product_id.in_(product_ids))
    ).all()
    for product_id, locale, title in rows:
        found.setdefault(product_id, {})[locale] = title
    return found
