"""The verbs of stock at a place: receive, adjust, count, thresholds. All of them end in ``levels.change``."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import insert as sa_insert
from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from shop.catalog.models import Variant
from shop.core.db import db
from shop.core.errors import Invalid, NotFound
from shop.inventory import levels, location_queries, queries, shorts, watching
from shop.inventory.levels import MAX_QUANTITY, Step
from shop.inventory.models import Location, StockLevel, StockMovement


def create_location(store_id: int, name: str, priority: int = 0) -> Location:
    """A new place where ``store_id`` keeps goods."""
    location = Location(store_id=store_id, name=name, priority=priority)
    db.session.add(location)
    db.session.flush()  # callers need its id
    return location


def default_location(store_id: int) -> int:
    """The id of the store's first location, made when there is none."""
    found = db.session.scalar(
        select(Location.id)
        .where(Location.store_id == store_id, Location.archived_at.is_(None))
        .order_by(Location.priority, Location.id)
    )
    return found if found is not None else create_location(store_id, "Main").id


def receive(
    variant_id: int,
    location_id: int,
    quantity: int,
    *,
    actor: str,
    source: str = "",
    reason: str = "",
) -> None:
    """Goods arrive: ``quantity`` > 0 units more on hand."""
    receive_all({variant_id: quantity}, location_id, actor=actor, source=source, reason=reason)


def receive_all(
    units: Mapping[int, int], location_id: int, *, actor: str, source: str = "", reason: str = ""
) -> None:
    """Goods arrive at one place: variant → units more on hand, each > 0."""
    if any(quantity <= 0 for quantity in units.values()):
        raise Invalid("quantity-not-positive", field="quantity")
    steps = [Step(variant_id, location_id, quantity) for variant_id, quantity in units.items()]
    levels.change(steps, "received", actor=actor, source=source, reason=reason)


def adjust(variant_id: int, location_id: int, delta: int, *, reason: str, actor: str) -> None:
    """Correct what is on hand by ``delta``. Raises ``StockShort`` rather than go below what is reserved."""
    if delta == 0:
        raise Invalid("quantity-not-changed", field="quantity")
    if not reason.strip():
        raise Invalid("reason-missing", field="reason")
    step = Step(variant_id, location_id, delta)
    levels.change([step], "adjusted", actor=actor, reason=reason)


def set_on_hand(variant_id: int, location_id: int, on_hand: int, *, reason: str, actor: str) -> int:
    """A count: bring what is on hand to ``on_hand``; returns the difference booked.

    A count below what is promised is true all the same: the newest reservations become short.
    """
    if not 0 <= on_hand <= MAX_QUANTITY:
        raise Invalid("quantity-out-of-range", field="quantity", maximum=MAX_QUANTITY)
    levels.ensure([(variant_id, location_id)])
    levels.hold(
        [variant_id]
    )  # so that the difference is measured against what the update will find
    delta = on_hand - queries.on_hand(variant_id, location_id)
    if delta:
        book_count(variant_id, location_id, delta, reason=reason, actor=actor)
    return delta


def book_count(
    variant_id: int, location_id: int, delta: int, *, reason: str, actor: str, source: str = ""
) -> None:
    """So many units more or fewer were found than are written down. The variant is held already."""
    on_hand = queries.on_hand(variant_id, location_id) + delta
    short = shorts.make_room(variant_id, location_id, on_hand, actor=actor)
    step = Step(variant_id, location_id, delta)
    levels.change([step], "counted", actor=actor, source=source, reason=reason)
    if short:  # another location may have what this one has not
        for other in location_queries.beside(location_id):
            if shorts.serve(variant_id, other):
                watching.watch({(variant_id, other): 0})


def open_levels(
    product_id: int, counts: Mapping[int, int], location_id: int, *, reason: str, actor: str
) -> None:
    """A first count of new variants of a product: variant id → units (0 … ``MAX_QUANTITY``).

    What ``set_on_hand`` does for each, in three statements for all: for imports. A variant that has a
    level at the place by now is set as there. Raises ``Invalid("quantity-out-of-range")``, and
    ``NotFound("variant-untracked")``.
    """
    if not all(0 <= units <= MAX_QUANTITY for units in counts.values()):
        raise Invalid("quantity-out-of-range", field="quantity", maximum=MAX_QUANTITY)
    tracked = select(Variant.id).where(
        Variant.id.in_(counts), Variant.product_id == product_id, Variant.tracked.is_(True)
    )
    if set(db.session.scalars(tracked)) != set(counts):
        raise NotFound("variant-untracked")
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(StockLevel)
    same = {"location_id": location_id, "reserved": 0, "backorder_limit": 0}
    rows = [{"variant_id": key, "on_hand": units, **same} for key, units in sorted(counts.items())]
    opened = set(
        db.session.scalars(
            insert.on_conflict_do_nothing(index_elements=["variant_id", "location_id"]).returning(
                StockLevel.variant_id
            ),
            rows,
        )
    )
    about = {"location_id": location_id, "kind": "counted", "reason": reason[:200], "source": ""}
    moved = [
        {
            "variant_id": key,
            "quantity": counts[key],
            "balance": counts[key],
            "actor": actor,
            **about,
        }
        for key in sorted(opened)
        if counts[key]
    ]
    if moved:
        db.session.execute(sa_insert(StockMovement), moved)
    keep_available(product_id)
    for key in sorted(counts.keys() - opened):
        set_on_hand(key, location_id, counts[key], reason=reason, actor=actor)


def set_threshold(variant_id: int, location_id: int, threshold: int | None) -> None:
    """Alert the merchant when what is available falls to ``threshold`` or below (None: never)."""
    if threshold is not None and not 0 <= threshold <= MAX_QUANTITY:
        raise Invalid("quantity-out-of-range", field="threshold", maximum=MAX_QUANTITY)
    levels.ensure([(variant_id, location_id)])
    db.session.execute(
        update(StockLevel)
        .where(StockLevel.variant_id == variant_id, StockLevel.location_id == location_id)
        .values(threshold=threshold, alerted_at=None)
    )
    watching.watch({(variant_id, location_id): 0})


def put_back(steps: Sequence[Step], *, actor: str, source: str) -> None:
    """Returned units that can be sold again; those of a place that is out of use go to the first one."""
    used = location_queries.in_use({step.location_id for step in steps})
    moved = [
        replace(step, location_id=used.get(step.location_id, step.location_id)) for step in steps
    ]
    levels.change(moved, "returned", actor=actor, source=source)


def keep_available(product_id: int) -> None:
    """Write down, last in the transaction, whether some variant of the product can be bought."""
    watching.keep_available([product_id])
