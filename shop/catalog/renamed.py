"""What an address of the catalogue that shows nothing any more leads to."""

from dataclasses import dataclass

from sqlalchemy import select

from shop.catalog import brand_queries, collection_queries
from shop.catalog.models import Category, Product
from shop.core import renames
from shop.core.db import db


@dataclass(frozen=True, slots=True)
class Gone:
    """A product that was put away: its successors are of the same category."""

    product_id: int
    category_id: int | None


def product(slug: str) -> str | Gone | None:
    """For a slug without a published product: the slug it has now, what is gone for good, or nothing.

    A draft is nothing: it may come, or come back. At most three statements.
    """
    owner_id = db.session.scalar(select(Product.id).where(Product.slug == slug))
    if owner_id is None:
        owner_id = renames.owner_id("product", slug)
    if owner_id is None:
        return None
    row = db.session.execute(
        select(Product.slug, Product.status, Product.category_id).where(Product.id == owner_id)
    ).one()
    if row.status == "archived":
        return Gone(owner_id, row.category_id)
    return str(row.slug) if row.status == "published" and row.slug != slug else None


def collection(slug: str) -> str | None:
    """The slug that a renamed collection has now."""
    owner_id = renames.owner_id("collection", slug)
    return collection_queries.slug_of(owner_id) if owner_id is not None else None


def brand(slug: str) -> str | None:
    """The slug that a renamed brand has now, or the brand that it was merged into."""
    owner_id = renames.owner_id("brand", slug)
    return brand_queries.slug_of(owner_id) if owner_id is not None else None


def category(slug: str) -> str | None:
    """The slug that a renamed category has now."""
    owner_id = renames.owner_id("category", slug)
    if owner_id is None:
        return None
    return db.session.scalar(select(Category.slug).where(Category.id == owner_id))
