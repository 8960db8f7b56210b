"""Composing bundles, and how many of them their parts allow."""

from collections.abc import Mapping

from sqlalchemy import delete, func, select, update

from shop.catalog import listing_ends
from shop.catalog.bundle_models import BundlePart
from shop.catalog.bundles import MOST_PARTS
from shop.catalog.models import Product, Variant
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound
from shop.inventory import product_queries, queries
from shop.inventory.models import StockLevel


def set_part(bundle_id: int, part_id: int, quantity: int) -> None:
    """Put ``quantity`` units of a part into each unit of a bundle; 0 takes the part out.

    The first part makes the variant a bundle, which keeps no stock of its own; the last one that is
    taken out makes it a variant whose stock is counted again, from nothing.
    Raises ``NotFound("part-unknown")``; ``Invalid`` with ``bundle-quantity``, ``bundle-itself``,
    ``bundle-in-bundle``, ``bundle-kind``, ``bundle-full``, ``part-archived``; ``Conflict("bundle-has-stock")``.
    """
    if not 0 <= quantity <= 999:
        raise Invalid("bundle-quantity", field="quantity")
    if bundle_id == part_id:
        raise Invalid("bundle-itself", field="part")
    bundle, part = _held(bundle_id, part_id)
    if quantity == 0:
        db.session.execute(
            delete(BundlePart).where(
                BundlePart.bundle_id == bundle_id, BundlePart.part_id == part_id
            )
        )
        if not queries.is_bundle(bundle_id):
            bundle.tracked = True
    else:
        _put(bundle, part, quantity)
    db.session.flush()  # availability is read by statement
    follow(bundle.product_id)


def compose(bundle_id: int, parts: Mapping[int, int]) -> None:
    """Make a bundle of exactly these parts (variant id → units); with none it is no bundle any more.

    Raises as ``set_part``.
    """
    before = {
        row.part_id: row.quantity
        for row in db.session.execute(
            select(BundlePart.part_id, BundlePart.quantity).where(BundlePart.bundle_id == bundle_id)
        )
    }
    for part_id in before.keys() - parts.keys():
        set_part(bundle_id, part_id, 0)
    for part_id, units in parts.items():
        if before.get(part_id) != units:
            set_part(bundle_id, part_id, units)


def _held(bundle_id: int, part_id: int) -> tuple[Variant, Variant]:
    """Both variants of one store, locked in one order, so that two edits never make a ring."""
    rows = {
        row.id: row
        for row in db.session.scalars(
            select(Variant)
            .where(Variant.id.in_([bundle_id, part_id]))
            .order_by(Variant.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    }
    stores = db.session.scalars(
        select(Product.store_id)
        .join(Variant, Variant.product_id == Product.id)
        .where(Variant.id.in_([bundle_id, part_id]))
    ).all()
    if len(rows) < 2 or len(set(stores)) != 1:
        raise NotFound("part-unknown")
    return rows[bundle_id], rows[part_id]


def _put(bundle: Variant, part: Variant, quantity: int) -> None:
    changed = db.session.scalar(
        update(BundlePart)
        .where(BundlePart.bundle_id == bundle.id, BundlePart.part_id == part.id)
        .values(quantity=quantity)
        .returning(BundlePart.id)
    )
    if changed is not None:
        return
    products = {
        row.id: row
        for row in db.session.scalars(
            select(Product).where(Product.id.in_([bundle.product_id, part.product_id]))
        )
    }
    if any(product.kind != "physical" for product in products.values()):
        raise Invalid("bundle-kind", field="part")
    if part.archived_at is not None or products[part.product_id].status == "archived":
        raise Invalid("part-archived", field="part")
    inside = select(BundlePart.id).where(BundlePart.part_id == bundle.id)
    if queries.is_bundle(part.id) or db.session.scalar(inside.limit(1)) is not None:
        raise Invalid("bundle-in-bundle", field="part")
    count = select(func.count()).where(BundlePart.bundle_id == bundle.id)
    if (db.session.scalar(count) or 0) >= MOST_PARTS:
        raise Invalid("bundle-full", field="part", maximum=MOST_PARTS)
    own = select(StockLevel.id).where(
        StockLevel.variant_id == bundle.id,
        (StockLevel.on_hand != 0) | (StockLevel.reserved != 0),
    )
    if db.session.scalar(own.limit(1)) is not None:
        raise Conflict("bundle-has-stock")
    bundle.tracked = False
    db.session.add(BundlePart(bundle_id=bundle.id, part_id=part.id, quantity=quantity))


def follow(product_id: int) -> None:
    """Keep the listing's word on a product true, written last in the transaction."""
    listing_ends.follow_stock([product_id], product_queries.available)
