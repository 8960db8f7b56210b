"""What a sitemap lists of the catalogue: slugs and when they changed, in portions of a fixed size.

A portion is a range of ids and not of places in a list: a product stays in its own, whatever comes and
goes around it, and no portion needs the ones before it counted.
"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select

from shop.catalog.collection_models import Collection, CollectionProduct
from shop.catalog.models import Brand, Category, ListingRow, Product
from shop.core.db import db

PORTION = 10_000


class Entry(NamedTuple):
    """A page and when what it shows was changed last."""

    slug: str
    changed_at: datetime | None


def product_portions() -> list[tuple[int, datetime]]:
    """The numbers of the portions with published products, and the last change in each. One statement."""
    listed = (
        select(((Product.id - 1) // PORTION).label("number"), Product.updated_at)
        .where(Product.status == "published")
        .subquery()
    )
    rows = db.session.execute(
        select(listed.c.number, func.max(listed.c.updated_at))
        .group_by(listed.c.number)
        .order_by(listed.c.number)
    )
    return [(int(portion), changed_at) for portion, changed_at in rows]


def products(portion: int) -> list[Entry]:
    """The published products of a portion, at most ``PORTION``. One statement."""
    rows = db.session.execute(
        select(Product.slug, Product.updated_at)
        .where(
            Product.id > portion * PORTION,
            Product.id <= (portion + 1) * PORTION,
            Product.status == "published",
        )
        .order_by(Product.id)
    )
    return [Entry(*row) for row in rows]


def collections() -> list[Entry]:
    """The collections that shoppers see and that hold something. One statement."""
    rows = db.session.execute(
        select(Collection.slug, Collection.updated_at)
        .where(
            Collection.published.is_(True),
            select(CollectionProduct.product_id)
            .join(ListingRow, ListingRow.product_id == CollectionProduct.product_id)
            .where(
                CollectionProduct.collection_id == Collection.id,
                ListingRow.published_at.is_not(None),
            )
            .exists(),
        )
        .order_by(Collection.id)
    )
    return [Entry(*row) for row in rows]


def brands() -> list[Entry]:
    """The brands with goods on sale. One statement."""
    rows = db.session.execute(
        select(Brand.slug, func.max(Product.updated_at))
        .join(Product, Product.brand_id == Brand.id)
        .where(Product.status == "published")
        .group_by(Brand.id, Brand.slug)
        .order_by(Brand.id)
    )
    return [Entry(*row) for row in rows]


def categories() -> list[Entry]:
    """The categories that hold published products, themselves or below them. One statement."""
    rows = db.session.execute(
        select(Category.id, Category.parent_id, Category.slug, func.max(Product.updated_at))
        .outerjoin(Product, (Product.category_id == Category.id) & (Product.status == "published"))
        .group_by(Category.id, Category.parent_id, Category.slug)
        .order_by(Category.id)
    ).all()
    above = {row.id: row.parent_id for row in rows}
    changed: dict[int, datetime] = {}
    for row in rows:
        step: int | None = row.id
        when: datetime | None = row[3]
        seen: set[int] = set()
        while when is not None and step is not None and step not in seen:
            seen.add(step)
            changed[step] = max(when, changed.get(step, when))
            step = above.get(step)
    return [Entry(row.slug, changed[row.id]) for row in rows if row.id in changed]
