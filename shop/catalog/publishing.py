"""Drafts that go on sale by themselves at an hour that staff chose."""

from datetime import datetime, timedelta

from sqlalchemy import select, update

from shop.catalog.models import Product
from shop.catalog.products import set_status
from shop.core import clock
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound

FURTHEST = timedelta(days=730)


def schedule(product_id: int, at: datetime) -> None:
    """Let a draft be published at ``at`` (aware), within two years.

    Raises ``NotFound``; ``Invalid``: "publish-at-past", "publish-at-far", "digital-file-missing";
    ``Conflict("not-a-draft")``.
    """
    now = clock.now()
    if at <= now:
        raise Invalid("publish-at-past", field="publish_at")
    if at > now + FURTHEST:
        raise Invalid("publish-at-far", field="publish_at")
    row = db.session.execute(
        select(Product.kind, Product.digital_name).where(Product.id == product_id)
    ).one_or_none()
    if row is None:
        raise NotFound("product-unknown")
    if row.kind == "digital" and not row.digital_name:
        raise Invalid("digital-file-missing", field="digital_name")
    _set(product_id, at)


def unschedule(product_id: int) -> None:
    """Leave a draft a draft. Raises ``Conflict("not-a-draft")`` once it is on sale."""
    _set(product_id, None)


def due(limit: int = 100) -> list[int]:
    """The drafts whose hour has come, the longest overdue first. One statement."""
    return list(
        db.session.scalars(
            select(Product.id)
            .where(Product.publish_at <= clock.now(), Product.status == "draft")
            .order_by(Product.publish_at, Product.id)
            .limit(limit)
        )
    )


def publish_due(product_id: int) -> bool:
    """Publish a draft whose hour has come; false when somebody was faster or put it off."""
    claimed = db.session.scalar(
        update(Product)
        .where(
            Product.id == product_id,
            Product.status == "draft",
            Product.publish_at <= clock.now(),
        )
        .values(publish_at=None)
        .returning(Product.id)
    )
    if claimed is None:
        return False
    set_status(product_id, "published")
    return True


def _set(product_id: int, at: datetime | None) -> None:
    changed = db.session.scalar(
        update(Product)
        .where(Product.id == product_id, Product.status == "draft")
        .values(publish_at=at)
        .returning(Product.id)
    )
    if changed is None:
        raise Conflict("not-a-draft")
