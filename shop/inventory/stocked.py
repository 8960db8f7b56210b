"""Which goods and places of a store a verb of stock may name."""

from collections.abc import Collection

from sqlalchemy import func, or_, select

from shop.catalog.models import Product, Variant
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound
from shop.inventory.models import Location


def by_code(store_id: int, code: str) -> int:
    """The stocked variant that a scanned or typed code means: its barcode, else its SKU whatever its case.

    Raises ``Invalid("code-missing")``, ``Invalid("scan-unknown")``, ``Conflict("scan-ambiguous")``.
    """
    code = code.strip()[:255]
    if not code:
        raise Invalid("code-missing", field="code")
    rows = db.session.execute(
        select(Variant.id, Variant.barcode)
        .join(Product, Product.id == Variant.product_id)
        .where(
            Product.store_id == store_id,
            Product.status != "archived",
            Variant.archived_at.is_(None),
            Variant.tracked.is_(True),
            or_(
                Variant.barcode == code,
                Variant.sku == code,
                func.lower(Variant.sku) == code.lower(),
            ),
        )
        .order_by(Variant.id)
    ).all()
    found = [row.id for row in rows if row.barcode == code] or [row.id for row in rows]
    if not found:
        raise Invalid("scan-unknown", field="code", code=code)
    if len(found) > 1:
        raise Conflict("scan-ambiguous", field="code", code=code, count=len(found))
    return int(found[0])


def check_variants(store_id: int, variant_ids: Collection[int]) -> None:
    """Raise ``NotFound("variant-untracked")`` unless the store keeps stock of all of these."""
    known = select(func.count()).where(
        Variant.id.in_(variant_ids),
        Variant.tracked.is_(True),
        Variant.product_id.in_(select(Product.id).where(Product.store_id == store_id)),
    )
    if db.session.scalar(known) != len(set(variant_ids)):
        raise NotFound("variant-untracked")


def check_places(store_id: int, location_ids: Collection[int]) -> None:
    """Raise ``NotFound("location-unknown")`` unless these are places of the store that are in use."""
    known = select(func.count()).where(
        Location.id.in_(location_ids),
        Location.store_id == store_id,
        Location.archived_at.is_(None),
    )
    if db.session.scalar(known) != len(set(location_ids)):
        raise NotFound("location-unknown")


def sku(variant_id: int) -> str:
    """The SKU of a variant, for a sentence."""
    return db.session.scalar(select(Variant.sku).where(Variant.id == variant_id)) or ""
