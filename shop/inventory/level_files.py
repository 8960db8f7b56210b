"""Stock by location as a file: written, read, compared with what is there, applied.

Columns: SKU, Location, On hand, Threshold, Back-order limit. An empty cell leaves the figure as it is, ``never``
as threshold: no alert.
"""

import csv
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select

from shop.catalog.imports.values import unguarded
from shop.catalog.models import Product, Variant
from shop.core.db import db
from shop.inventory import policies, services
from shop.inventory.levels import MAX_QUANTITY, hold
from shop.inventory.models import Location, StockLevel
from shop.inventory.supply_models import SellingPolicy

HEAD = ("SKU", "Location", "On hand", "Threshold", "Back-order limit")
NEVER = "never"


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that cannot be applied: where, which rule (a code), and what was written."""

    line: int
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Figures:
    """What a level keeps; None as a threshold: no alert."""

    on_hand: int = 0
    threshold: int | None = None
    limit: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """What a line of the file would change."""

    line: int
    variant_id: int
    location_id: int
    sku: str
    location: str
    old: Figures
    new: Figures


@dataclass(frozen=True, slots=True)
class Comparison:
    """A file beside what is there."""

    rows: int = 0
    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def seal(self) -> str:
        """The same as long as neither the file nor what is there changes."""
        told = [(c.variant_id, c.location_id, c.old, c.new) for c in self.changes]
        return hashlib.sha256(repr(told).encode()).hexdigest()[:32]


def rows(store_id: int) -> Iterator[Sequence[object]]:
    """The lines of a file, the head first; who writes them guards their cells. One statement."""
    yield HEAD
    for sku, name, on_hand, threshold, limit in db.session.execute(
        select(
            Variant.sku,
            Location.name,
            StockLevel.on_hand,
            StockLevel.threshold,
            StockLevel.backorder_limit,
        )
        .join(Variant, Variant.id == StockLevel.variant_id)
        .join(Product, Product.id == Variant.product_id)
        .join(Location, Location.id == StockLevel.location_id)
        .where(
            Location.store_id == store_id,
            Location.archived_at.is_(None),
            Variant.archived_at.is_(None),
            Variant.tracked.is_(True),
            Variant.sku != "",
            Product.status != "archived",
        )
        .order_by(Variant.sku, Variant.id, Location.priority, Location.id)
    ):
        alert = NEVER if threshold is None else threshold
        yield sku, name, on_hand, alert, limit


def compare(store_id: int, lines: Iterable[str]) -> Comparison:
    """Read a file and say what it would change. Four statements, however long it is."""
    found = Comparison()
    places: dict[str, int] = dict(
        db.session.execute(
            select(Location.name, Location.id).where(
                Location.store_id == store_id, Location.archived_at.is_(None)
            )
        ).all()
    )
    read = [
        (number, [cell.strip() for cell in row])
        for number, row in enumerate(csv.reader(lines), 1)
        if any(cell.strip() for cell in row)
    ]
    if read and read[0][1][0].lstrip("\ufeff").lower() == "sku":
        read = read[1:]
    variants = _variants(store_id)
    levels = _levels(store_id)
    sold_ahead = set(db.session.scalars(select(SellingPolicy.variant_id)))
    seen: set[tuple[int, int]] = set()
    for number, row in read:
        cells = [unguarded(cell) for cell in (row + [""] * 5)[:5]]
        change = _line(number, cells, variants, places, levels, sold_ahead)
        if isinstance(change, Problem):
            found.problems.append(change)
        elif (change.variant_id, change.location_id) in seen:
            found.problems.append(Problem(number, "line-twice", f"{cells[0]}, {cells[1]}"))
        else:
            seen.add((change.variant_id, change.location_id))
            if change.new != change.old:
                found.changes.append(change)
    return Comparison(len(read), found.changes, found.problems)


def apply(comparison: Comparison, *, actor: str) -> None:
    """Book every change. Raises what the verbs raise, such as ``Conflict("backorders-open")``."""
    changes = sorted(comparison.changes, key=lambda one: (one.variant_id, one.location_id))
    hold({one.variant_id for one in changes})
    for one in changes:
        at = (one.variant_id, one.location_id)
        if one.new.on_hand != one.old.on_hand:
            services.set_on_hand(*at, one.new.on_hand, reason="counted", actor=actor)
        if one.new.threshold != one.old.threshold:
            services.set_threshold(*at, one.new.threshold)
        if one.new.limit != one.old.limit:
            policies.set_limit(*at, one.new.limit, more=one.new.limit - one.old.limit)


def _line(
    number: int,
    cells: Sequence[str],
    variants: Mapping[str, list[int]],
    places: Mapping[str, int],
    levels: Mapping[tuple[int, int], Figures],
    sold_ahead: set[int],
) -> Change | Problem:
    sku, place, on_hand, threshold, limit = cells
    threshold = threshold.lower()
    ids = variants.get(sku.lower(), [])
    if len(ids) != 1:
        return Problem(number, "sku-twice" if ids else "sku-unknown", sku)
    if place not in places:
        return Problem(number, "place-unknown", place)
    at = (ids[0], places[place])
    old = levels.get(at, Figures())
    for text in (on_hand, "" if threshold == NEVER else threshold, limit):
        if text and not (
            text.isascii() and text.isdigit() and len(text) < 9 and int(text) <= MAX_QUANTITY
        ):
            return Problem(number, "number-unreadable", text)
    new = Figures(
        int(on_hand) if on_hand else old.on_hand,
        None if threshold == NEVER else int(threshold) if threshold else old.threshold,
        int(limit) if limit else old.limit,
    )
    if new.limit > old.limit and ids[0] not in sold_ahead:
        return Problem(number, "limit-without-day", sku)
    return Change(number, *at, sku, place, old, new)


def _variants(store_id: int) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for sku, variant_id in db.session.execute(
        select(func.lower(Variant.sku), Variant.id)
        .join(Product, Product.id == Variant.product_id)
        .where(
            Product.store_id == store_id,
            Product.status != "archived",
            Variant.archived_at.is_(None),
            Variant.tracked.is_(True),
            Variant.sku != "",
        )
        .order_by(Variant.id)
    ):
        found.setdefault(sku, []).append(variant_id)
    return found


def _levels(store_id: int) -> dict[tuple[int, int], Figures]:
    rows_ = db.session.execute(
        select(
            StockLevel.variant_id,
            StockLevel.location_id,
            StockLevel.on_hand,
            StockLevel.threshold,
            StockLevel.backorder_limit,
        )
        .join(Location, Location.id == StockLevel.location_id)
        .where(Location.store_id == store_id)
    )
    return {(vid, lid): Figures(have, alert, limit) for vid, lid, have, alert, limit in rows_}
