"""The verbs of stock at a place: receive, adjust, count, thresholds.

Every change of ``on_hand`` is one guarded UPDATE and one movement in the same transaction.
"""

from collections.abc import Collection, Mapping

from sqlalchemy import insert as sa_insert
from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from shop.catalog import listing
from shop.catalog.models import Variant
from shop.core import changes, clock, outbox
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound
from shop.core.transaction import at_end
from shop.inventory import location_queries, queries, shorts, waiting
from shop.inventory.models import Location, StockLevel, StockMovement

MAX_QUANTITY = 10_000_000


class StockShort(Conflict):
    """Fewer units are there than were asked for."""

    code = "stock-short"


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
    if quantity <= 0:
        raise Invalid("quantity-not-positive", field="quantity")
    move(variant_id, location_id, quantity, "received", actor=actor, source=source, reason=reason)


def adjust(variant_id: int, location_id: int, delta: int, *, reason: str, actor: str) -> None:
    """Correct what is on hand by ``delta``. Raises ``StockShort`` rather than go below what is reserved."""
    if delta == 0:
        raise Invalid("quantity-not-changed", field="quantity")
    if not reason.strip():
        raise Invalid("reason-missing", field="reason")
    move(variant_id, location_id, delta, "adjusted", actor=actor, reason=reason)


def set_on_hand(variant_id: int, location_id: int, on_hand: int, *, reason: str, actor: str) -> int:
    """A count: bring what is on hand to ``on_hand``; returns the difference booked.

    A count below what is promised is true all the same: the newest reservations become short.
    """
    if not 0 <= on_hand <= MAX_QUANTITY:
        raise Invalid("quantity-out-of-range", field="quantity", maximum=MAX_QUANTITY)
    ensure_level(variant_id, location_id)
    hold([variant_id])  # so that the difference is measured against what the update will find
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
    move(variant_id, location_id, delta, "counted", actor=actor, source=source, reason=reason)
    if short:  # another location may have what this one has not
        for other in location_queries.beside(location_id):
            if shorts.serve(variant_id, other):
                watch(variant_id, other)


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
    ensure_level(variant_id, location_id)
    db.session.execute(
        update(StockLevel)
        .where(StockLevel.variant_id == variant_id, StockLevel.location_id == location_id)
        .values(threshold=threshold, alerted_at=None)
    )
    watch(variant_id, location_id)


def take(variant_id: int, location_id: int, quantity: int, *, actor: str, source: str) -> None:
    """Reserved units leave the house: on hand and reserved fall together, one ``sold`` movement."""
    move(variant_id, location_id, -quantity, "sold", actor=actor, source=source, reserved=-quantity)


def put_back(variant_id: int, location_id: int, quantity: int, *, actor: str, source: str) -> None:
    """Returned units that can be sold again; those of a place that is out of use go to the first one."""
    location_id = location_queries.in_use(location_id) or location_id
    move(variant_id, location_id, quantity, "returned", actor=actor, source=source)


def move(
    variant_id: int,
    location_id: int,
    quantity: int,
    kind: str,
    *,
    actor: str,
    source: str = "",
    reason: str = "",
    reserved: int = 0,
    firm: bool = False,
) -> None:
    """The one way in which ``on_hand`` changes. Raises ``StockShort``, also below what is reserved.

    ``firm``: a back-order limit does not help: goods that are promised must stay.
    """
    if abs(quantity) > MAX_QUANTITY:
        raise Invalid("quantity-out-of-range", field="quantity", maximum=MAX_QUANTITY)
    if quantity > 0:
        ensure_level(variant_id, location_id)
    balance = db.session.execute(
        update(StockLevel)
        .where(
            StockLevel.variant_id == variant_id,
            StockLevel.location_id == location_id,
            StockLevel.on_hand + quantity >= 0,
            StockLevel.on_hand + quantity <= MAX_QUANTITY,
            StockLevel.reserved + reserved >= 0,
            StockLevel.reserved + reserved
            <= StockLevel.on_hand + quantity + (0 if firm else StockLevel.backorder_limit),
        )
        .values(on_hand=StockLevel.on_hand + quantity, reserved=StockLevel.reserved + reserved)
        .returning(StockLevel.on_hand)
    ).scalar()
    if balance is None:
        raise StockShort(variant_id=variant_id, minimum=queries.reserved(variant_id, location_id))
    db.session.add(
        StockMovement(
            variant_id=variant_id,
            location_id=location_id,
            kind=kind,
            quantity=quantity,
            balance=balance,
            reason=reason[:200],
            source=source,
            actor=actor,
        )
    )
    watch(variant_id, location_id, came=quantity - reserved)


def ensure_level(variant_id: int, location_id: int) -> None:
    """Make the row of a variant at a location if it is not there; several may try at once."""
    if not queries.is_tracked(variant_id):
        raise NotFound("variant-untracked")
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(StockLevel)
    db.session.execute(
        insert.values(
            variant_id=variant_id, location_id=location_id, on_hand=0, reserved=0, backorder_limit=0
        ).on_conflict_do_nothing(index_elements=["variant_id", "location_id"])
    )


def hold(variant_ids: Collection[int]) -> None:
    """Lock the levels of all these variants, in the one order of levels (variant, location): first
    thing in a verb that changes several, whatever the order of its lines."""
    db.session.execute(
        select(StockLevel.id)
        .where(StockLevel.variant_id.in_(variant_ids))
        .order_by(StockLevel.variant_id, StockLevel.location_id)
        .with_for_update()
    )


def watch(variant_id: int, location_id: int, came: int = 0) -> None:
    """After any change: alert once per crossing, and keep the listing's availability true, which is
    written last in the transaction. ``came``: how many units more than before can be sold; of those,
    the store's short units are promised first, and who waits for the rest is told."""
    if came > 0:
        came -= shorts.serve(variant_id, location_id)
    level = db.session.execute(
        select(
            StockLevel.on_hand, StockLevel.reserved, StockLevel.threshold, StockLevel.alerted_at
        ).where(StockLevel.variant_id == variant_id, StockLevel.location_id == location_id)
    ).one()
    free = level.on_hand - level.reserved
    if came > 0:
        waiting.came_back(variant_id, came)
    if level.threshold is not None:
        low = free <= level.threshold
        if low and level.alerted_at is None:
            _set_alerted(variant_id, location_id, True)
            outbox.record(
                "stock.low", variant_id=variant_id, location_id=location_id, available=free
            )
        elif not low and level.alerted_at is not None:
            _set_alerted(variant_id, location_id, False)
    for product_id in queries.products_of(variant_id):
        keep_available(product_id)


def keep_available(product_id: int) -> None:
    """Write down, last in the transaction, whether some variant of the product can be bought."""
    changes.note("stock", product_id)
    at_end(
        ("listing", product_id, "available"),
        lambda: listing.set_available(product_id, queries.product_available(product_id)),
    )


def _set_alerted(variant_id: int, location_id: int, alerted: bool) -> None:
    db.session.execute(
        update(StockLevel)
        .where(StockLevel.variant_id == variant_id, StockLevel.location_id == location_id)
        .values(alerted_at=clock.now() if alerted else None)
    )
