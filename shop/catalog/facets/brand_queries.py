"""Brands as lists are narrowed by them."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from sqlalchemy import ColumnElement, select

from shop.catalog.models import Brand
from shop.core.db import db

MOST = 5000
"""Of more brands not all are kept at hand."""


class BrandName(NamedTuple):
    """A brand as its box and its chip show it."""

    id: int
    slug: str
    name: str


class Brands:
    """The brands of lists: out of all there are, kept by whoever asks (``everyone``), or read anew when
    there are more than that."""

    def __init__(self, everyone: Mapping[int, BrandName] | None) -> None:
        self._everyone = everyone

    def of(self, ids: Collection[int]) -> list[BrandName]:
        """The brands of these ids. One statement at most."""
        if self._everyone is None:
            return _read(Brand.id.in_(ids)) if ids else []
        return [self._everyone[one] for one in ids if one in self._everyone]

    def called(self, slugs: Collection[str]) -> list[BrandName]:
        """The brands of these slugs. One statement at most."""
        if not slugs:
            return []
        if self._everyone is None:
            return _read(Brand.slug.in_(slugs))
        return [one for one in self._everyone.values() if one.slug in slugs]


def everyone() -> dict[int, BrandName] | None:
    """All brands by name; none when there are too many to keep. One statement."""
    found = db.session.execute(
        select(Brand.id, Brand.slug, Brand.name).order_by(Brand.name, Brand.id).limit(MOST + 1)
    ).all()
    if len(found) > MOST:
        return None
    return {row.id: BrandName(*row) for row in found}


def _read(wanted: ColumnElement[bool]) -> list[BrandName]:
    found = db.session.execute(
        select(Brand.id, Brand.slug, Brand.name).where(wanted).order_by(Brand.name, Brand.id)
    )
    return [BrandName(*row) for row in found]
