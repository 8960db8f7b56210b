"""The price of a variant, changed on its own."""

from sqlalchemy import update

from shop.catalog import checks
from shop.catalog.listing import refresh_listing
from shop.catalog.models import Product, Variant
from shop.core import clock
from shop.core.db import db
from shop.core.errors import NotFound


def set_price(variant_id: int, price_minor: int, compare_at_minor: int | None = None) -> None:
    """Set price and former price (None: no reduction), in minor units of the store's currency.

    The product's version moves on, so that an editor opened before is told. Raises ``NotFound`` and
    ``Invalid``: "amount-out-of-range", "compare-at-not-above-price".
    """
    checks.check_price(price_minor, compare_at_minor)
    product_id = db.session.scalar(
        update(Variant)
        .where(Variant.id == variant_id, Variant.archived_at.is_(None))
        .values(price_minor=price_minor, compare_at_minor=compare_at_minor)
        .returning(Variant.product_id)
    )
    if product_id is None:
        raise NotFound("variant-unknown")
    db.session.execute(
        update(Product)
        .where(Product.id == product_id)
        .values(version=Product.version + 1, updated_at=clock.now())
    )
    refresh_listing(product_id)
