"""What the lists ask of stock: which products a variant belongs to, and which can be bought."""

from collections.abc import Collection

from sqlalchemy import select, union

from shop.catalog.bundle_models import BundlePart
from shop.catalog.models import Variant
from shop.core.db import db
from shop.inventory import queries
from shop.inventory.models import StockLevel


def products_of(variant_ids: Collection[int]) -> list[int]:
    """The products of variants, and those whose bundles contain them, by id. One statement."""
    own = select(Variant.product_id).where(Variant.id.in_(variant_ids))
    containing = (
        select(Variant.product_id)
        .join(BundlePart, BundlePart.bundle_id == Variant.id)
        .where(BundlePart.part_id.in_(variant_ids))
    )
    return sorted(db.session.scalars(union(own, containing)))


def available(product_ids: Collection[int]) -> set[int]:
    """Those of the products of which at least one variant can be bought. At most three statements."""
    bundles = db.session.execute(
        select(BundlePart.bundle_id, Variant.product_id)
        .distinct()
        .join(Variant, Variant.id == BundlePart.bundle_id)
        .where(Variant.product_id.in_(product_ids), Variant.archived_at.is_(None))
    )
    owner = {row.bundle_id: row.product_id for row in bundles}
    found = {
        owner[bundle_id]
        for bundle_id, left in queries.of_bundles(owner).items()
        if left is None or left > 0
    }
    sold = Variant.product_id.in_(product_ids) & Variant.archived_at.is_(None)
    untracked = select(Variant.product_id).where(
        sold, Variant.tracked.is_(False), Variant.id.not_in(owner)
    )
    stocked = (
        select(Variant.product_id)
        .join(StockLevel, StockLevel.variant_id == Variant.id)
        .where(sold, queries.FREE > 0)
    )
    return found | set(db.session.scalars(union(untracked, stocked)))
