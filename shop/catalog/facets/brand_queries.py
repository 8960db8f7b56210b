"""Brands as lists are narrowed by them."""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import select

from shop.catalog.models import Brand
from shop.core.db import db


class BrandName(NamedTuple):
    """A brand as its box and its chip show it."""

    id: int
    slug: str
    name: str


def brands(ids: Collection[int], slugs: Collection[str]) -> list[BrandName]:
    """The brands of these ids, or else of these slugs, by name. One statement; none for nothing."""
    if not ids and not slugs:
        return []
    wanted = Brand.id.in_(ids) if ids else Brand.slug.in_(slugs)
    found = db.session.execute(
        select(Brand.id, Brand.slug, Brand.name).where(wanted).order_by(Brand.name, Brand.id)
    )
    return [BrandName(*row) for row in found]
