"""Reading brands: the index from A to Z, one brand, and what staff see."""

from collections.abc import Collection as Several
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select

from shop.catalog.among import among
from shop.catalog.collection_models import BrandTranslation
from shop.catalog.folding import fold
from shop.catalog.localised import best
from shop.catalog.models import Brand, ListingRow, Product
from shop.catalog.search import analyser
from shop.catalog.stored_images import stored_image
from shop.catalog.views import ImageView
from shop.core.db import db

OTHER = "#"


@dataclass(frozen=True, slots=True)
class BrandView:
    """A brand with how many goods are on sale. ``texts``: locale → text; ``text``: the reader's."""

    id: int
    public_id: str
    slug: str
    name: str
    text: str
    image: ImageView | None
    count: int
    texts: dict[str, str]

    @property
    def letter(self) -> str:
        """Where it stands in the index: A to Z, Chinese names by their sound, all others under ``#``."""
        first = _sound(self.name)[:1].upper()
        return first if first.isascii() and first.isalpha() else OTHER


def brands(locale: str, counts: Mapping[int, int]) -> list[BrandView]:
    """Brands with goods on sale, from A to Z, then the others. One statement.

    ``counts``: how many goods on sale each has, by its id.
    """
    statement = _statement(locale, literal(0)).where(among(Brand.id, counts))
    found = [replace(one, count=counts[one.id]) for one in _read(statement)]
    return sorted(found, key=lambda one: (one.letter == OTHER, _sound(one.name), one.id))


def brand(slug: str, locale: str) -> BrandView | None:
    """The brand at this address, with or without goods, which are not counted. One statement."""
    found = _read(_statement(locale, literal(0)).where(Brand.slug == slug))
    return found[0] if found else None


def slug_of(brand_id: int) -> str | None:
    """The address of a brand."""
    return db.session.scalar(select(Brand.slug).where(Brand.id == brand_id))


def for_staff(
    locale: str, store_ids: Several[int] | None, search: str = "", limit: int = 200
) -> list[BrandView]:
    """Brands that goods of these stores carry (of all stores and of none, for None), by name. One statement."""
    statement = _of_stores(_counted(locale), store_ids)
    if search:
        statement = statement.where(
            func.lower(Brand.name).contains(search.lower(), autoescape=True)
        )
    return _read(statement.order_by(Brand.name, Brand.id).limit(limit))


def one_for_staff(public_id: str, locale: str, store_ids: Several[int] | None) -> BrandView | None:
    """A brand that goods of these stores carry, with its texts. Two statements."""
    found = _read(_of_stores(_counted(locale), store_ids).where(Brand.public_id == public_id))
    if not found:
        return None
    found[0].texts.update(
        (row.locale, row.text)
        for row in db.session.execute(
            select(BrandTranslation.locale, BrandTranslation.text).where(
                BrandTranslation.brand_id == found[0].id
            )
        )
    )
    return found[0]


def ids_by_name(names: Several[str]) -> dict[str, int]:
    """The brands of these names, whatever their case; folded name → id. One statement."""
    wanted = {fold(name) for name in names}
    rows = db.session.execute(select(Brand.id, Brand.name).order_by(Brand.id.desc()))
    return {fold(row.name): row.id for row in rows if fold(row.name) in wanted}


def names(brand_ids: Several[int]) -> list[str]:
    """The names of some brands."""
    found = select(Brand.name).where(Brand.id.in_(list(brand_ids))).order_by(Brand.name)
    return list(db.session.scalars(found))


_COUNTS = (
    select(Product.brand_id.label("brand_id"), func.count().label("products"))
    .join(ListingRow, ListingRow.product_id == Product.id)
    .where(ListingRow.published_at.is_not(None), Product.brand_id.is_not(None))
    .group_by(Product.brand_id)
    .subquery("counted")
)


def _counted(locale: str) -> Select[Any]:
    statement = _statement(locale, func.coalesce(_COUNTS.c.products, 0))
    return statement.outerjoin(_COUNTS, _COUNTS.c.brand_id == Brand.id)


def _statement(locale: str, count: ColumnElement[int]) -> Select[Any]:
    return (
        select(
            Brand.id,
            Brand.public_id,
            Brand.slug,
            Brand.name,
            Brand.image,
            BrandTranslation.text,
            count.label("products"),
        )
        .select_from(Brand)
        .outerjoin(BrandTranslation, best(BrandTranslation, "brand_id", Brand.id, locale))
    )


def _of_stores(statement: Select[Any], store_ids: Several[int] | None) -> Select[Any]:
    if store_ids is None:
        return statement
    carried = select(Product.brand_id).where(
        Product.store_id.in_(list(store_ids)), Product.brand_id.is_not(None)
    )
    return statement.where(Brand.id.in_(carried))


def _read(statement: Select[Any]) -> list[BrandView]:
    return [
        BrandView(
            row.id,
            row.public_id,
            row.slug,
            row.name,
            row.text or "",
            stored_image(row.image, row.name),
            row.products,
            {},
        )
        for row in db.session.execute(statement)
    ]


def _sound(name: str) -> str:
    plain = fold(name)
    return "".join(
        analyser.spoken(character) if analyser.is_han(character) else character
        for character in plain
    )
