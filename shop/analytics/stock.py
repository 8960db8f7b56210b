"""The stock matrix: every stocked variant of a store at each of its locations, with or without a level."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select

from shop.analytics import incoming
from shop.analytics.sales import faces
from shop.catalog.models import OptionValue, Product, ProductTranslation, Variant, VariantValue
from shop.core.db import db
from shop.core.i18n import pick
from shop.inventory.models import Location, StockLevel, StockMovement


@dataclass(frozen=True, slots=True)
class Place:
    """A location as a column."""

    id: int
    public_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A variant at a location."""

    on_hand: int = 0
    reserved: int = 0
    threshold: int | None = None
    incoming: int = 0

    @property
    def available(self) -> int:
        """What can still be sold from here."""
        return self.on_hand - self.reserved

    @property
    def low(self) -> bool:
        """At or below the alert."""
        return self.threshold is not None and self.available <= self.threshold


@dataclass(frozen=True, slots=True)
class Row:
    """A variant over all locations."""

    variant_id: int
    public_id: str
    product: str
    title: str
    options: str
    sku: str
    image_name: str | None
    cells: dict[int, Cell]

    @property
    def available(self) -> int:
        """What can still be sold from all locations."""
        return sum(cell.available for cell in self.cells.values())

    @property
    def low(self) -> bool:
        """Low anywhere."""
        return any(cell.low for cell in self.cells.values())


@dataclass(frozen=True, slots=True)
class Matrix:
    """Some rows, the columns, and where the next rows begin."""

    places: list[Place]
    rows: list[Row]
    next_offset: int | None


def places(store_ids: Collection[int]) -> list[Place]:
    """The locations of some stores, those taken from first before the others."""
    rows = db.session.execute(
        select(Location.id, Location.public_id, Location.name)
        .where(Location.store_id.in_(store_ids), Location.archived_at.is_(None))
        .order_by(Location.priority, Location.id)
    )
    return [Place(*row) for row in rows]


def place_ids(store_ids: Collection[int]) -> dict[str, int]:
    """The ids of the same locations by their public ids."""
    rows = db.session.execute(
        select(Location.public_id, Location.id).where(Location.store_id.in_(store_ids))
    )
    return dict(rows.all())


def _stocked(store_ids: Collection[int]) -> list[ColumnElement[bool]]:
    return [
        Product.store_id.in_(store_ids),
        Product.status != "archived",
        Variant.archived_at.is_(None),
        Variant.tracked.is_(True),
    ]


def _level(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(StockLevel.variant_id == Variant.id, *conditions)


VIEWS: dict[str, Any] = {
    "low": lambda: _level(StockLevel.on_hand - StockLevel.reserved <= StockLevel.threshold),
    "out": lambda: ~_level(StockLevel.on_hand > StockLevel.reserved),
    "reserved": lambda: _level(StockLevel.reserved > 0),
}


def view_counts(store_ids: Collection[int]) -> dict[str, int]:
    """How many variants are in each view, and in all (key ``""``). One statement."""
    columns = [func.count().filter(make()) for make in VIEWS.values()]
    row = db.session.execute(
        select(func.count(), *columns)
        .select_from(Variant)
        .join(Product, Product.id == Variant.product_id)
        .where(*_stocked(store_ids))
    ).one()
    return dict(zip(["", *VIEWS], (int(n) for n in row), strict=True))


def matrix(
    store_ids: Collection[int],
    locale: str,
    *,
    view: str = "",
    q: str = "",
    variant_ids: Collection[int] | None = None,
    offset: int = 0,
    limit: int = 50,
) -> Matrix:
    """Variants by title, with their levels and what is on its way. A fixed number of statements."""
    title = (
        select(ProductTranslation.title)
        .where(ProductTranslation.product_id == Product.id)
        .order_by((ProductTranslation.locale != locale), ProductTranslation.locale)
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(Variant.id, Variant.public_id, Product.id, Product.public_id, Variant.sku)
        .join(Product, Product.id == Variant.product_id)
        .where(*_stocked(store_ids))
        .order_by(title, Product.id, Variant.position, Variant.id)
        .offset(offset)
        .limit(limit + 1)
    )
    if view in VIEWS:
        query = query.where(VIEWS[view]())
    if q:
        escaped = q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        anywhere = f"%{escaped}%"
        query = query.where(
            or_(
                title.ilike(anywhere, escape="\\"),
                Variant.sku.ilike(anywhere, escape="\\"),
                Variant.barcode == q,
            )
        )
    if variant_ids is not None:
        query = query.where(Variant.id.in_(variant_ids))
    found = db.session.execute(query).all()
    columns = places(store_ids)
    return Matrix(
        columns,
        _rows(found[:limit], columns, locale),
        offset + limit if len(found) > limit else None,
    )


def _rows(
    found: Sequence[tuple[int, str, int, str, str]], columns: list[Place], locale: str
) -> list[Row]:
    ids = [row[0] for row in found]
    about = faces(list({row[2] for row in found}), locale)
    chosen = options(ids, locale)
    cells: dict[int, dict[int, Cell]] = {}
    coming = incoming.units(ids)
    for variant_id, location_id, on_hand, reserved, threshold in db.session.execute(
        select(
            StockLevel.variant_id,
            StockLevel.location_id,
            StockLevel.on_hand,
            StockLevel.reserved,
            StockLevel.threshold,
        ).where(StockLevel.variant_id.in_(ids))
    ):
        cells.setdefault(variant_id, {})[location_id] = Cell(
            on_hand, reserved, threshold, coming.pop((variant_id, location_id), 0)
        )
    for (variant_id, location_id), units in coming.items():  # where it never lay before
        cells.setdefault(variant_id, {})[location_id] = Cell(incoming=units)
    return [
        Row(
            variant_id,
            public_id,
            product,
            about[product_id][0],
            chosen.get(variant_id, ""),
            sku,
            about[product_id][1],
            {place.id: cells.get(variant_id, {}).get(place.id, Cell()) for place in columns},
        )
        for variant_id, public_id, product_id, product, sku in found
    ]


def options(variant_ids: Collection[int], locale: str) -> dict[int, str]:
    """What was chosen for each variant: ``Sky / M``. One statement."""
    found: dict[int, list[str]] = {}
    for variant_id, labels in db.session.execute(
        select(VariantValue.variant_id, OptionValue.labels)
        .join(OptionValue, OptionValue.id == VariantValue.value_id)
        .where(VariantValue.variant_id.in_(variant_ids))
        .order_by(VariantValue.option_id)
    ):
        found.setdefault(variant_id, []).append(pick(labels, locale))
    return {variant_id: " / ".join(parts) for variant_id, parts in found.items()}


def ledger_agrees(variant_id: int) -> tuple[int, bool]:
    """What is on hand of a variant by its levels, and whether its movements sum to the same."""
    on_hand = db.session.scalar(
        select(func.coalesce(func.sum(StockLevel.on_hand), 0)).where(
            StockLevel.variant_id == variant_id
        )
    )
    moved = db.session.scalar(
        select(func.coalesce(func.sum(StockMovement.quantity), 0)).where(
            StockMovement.variant_id == variant_id
        )
    )
    return int(on_hand or 0), on_hand == moved
