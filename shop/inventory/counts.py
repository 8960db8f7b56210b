"""Counting what lies at a location: scanned line by line, looked through, applied at once.

A line remembers what was on hand when its counting began; only the difference to that is applied, so that
what is sold, received or sent during the count does not become a difference.
"""

from collections.abc import Iterator

from sqlalchemy import delete, exists, select, update
from sqlalchemy import insert as sa_insert
from sqlalchemy.dialects import postgresql, sqlite

from shop.catalog.models import Variant
from shop.core import clock
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound
from shop.inventory import queries, stocked
from shop.inventory.flow_checks import COUNT_SOURCE
from shop.inventory.flow_models import StockCount, StockCountLine
from shop.inventory.levels import MAX_QUANTITY, ensure, hold
from shop.inventory.models import StockLevel
from shop.inventory.services import book_count
from shop.inventory.states import COUNT, CountState


def begin(store_id: int, location_id: int, *, actor: str) -> str:
    """Open a count; returns its public id. Raises ``NotFound``."""
    stocked.check_places(store_id, [location_id])
    row = StockCount(store_id=store_id, location_id=location_id, actor=actor)
    db.session.add(row)
    db.session.flush()  # the caller names its public id
    return row.public_id


def scan(store_id: int, public_id: str, code: str, units: int = 1) -> int:
    """A code was scanned: ``units`` more of it; returns the variant. Raises as ``stocked.by_code``, and
    ``Conflict("count-ended")``."""
    row = _open(store_id, public_id)
    variant_id = stocked.by_code(store_id, code)
    _add(row, variant_id, units)
    return variant_id


def _add(row: StockCount, variant_id: int, units: int) -> None:
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(StockCountLine)
    counted = db.session.scalar(
        insert.values(
            count_id=row.id,
            variant_id=variant_id,
            counted=units,
            expected=queries.on_hand(variant_id, row.location_id),
            scanned_at=clock.now(),
        )
        .on_conflict_do_update(
            index_elements=["count_id", "variant_id"],
            set_={"counted": StockCountLine.counted + units, "scanned_at": clock.now()},
        )
        .returning(StockCountLine.counted)
    )
    if not 0 <= (counted or 0) <= MAX_QUANTITY:
        raise Invalid("quantity-out-of-range", field="quantity", maximum=MAX_QUANTITY)


def set_counted(store_id: int, public_id: str, variant_id: int, counted: int | None) -> None:
    """So many were found (None: it was not counted at all). What is expected is looked up anew.

    Raises ``Conflict("count-ended")``, ``Invalid("quantity-out-of-range")``, ``NotFound``.
    """
    row = _open(store_id, public_id)
    line = (StockCountLine.count_id == row.id) & (StockCountLine.variant_id == variant_id)
    if counted is None:
        db.session.execute(delete(StockCountLine).where(line))
        return
    if not 0 <= counted <= MAX_QUANTITY:
        raise Invalid("quantity-out-of-range", field="quantity", maximum=MAX_QUANTITY)
    stocked.check_variants(store_id, [variant_id])
    expected = queries.on_hand(variant_id, row.location_id)
    values = {"counted": counted, "expected": expected, "scanned_at": clock.now()}
    changed = update(StockCountLine).where(line).values(**values).returning(StockCountLine.id)
    if db.session.scalar(changed) is None:
        db.session.add(StockCountLine(count_id=row.id, variant_id=variant_id, **values))
        db.session.flush()  # a second change in the same transaction finds it


def rest_is_gone(store_id: int, public_id: str) -> int:
    """What was not scanned is not there: count it as 0. Returns how many variants."""
    row = _open(store_id, public_id)
    missing = db.session.execute(
        select(StockLevel.variant_id, StockLevel.on_hand)
        .join(Variant, Variant.id == StockLevel.variant_id)
        .where(
            StockLevel.location_id == row.location_id,
            StockLevel.on_hand > 0,
            Variant.tracked.is_(True),
            ~exists().where(
                StockCountLine.count_id == row.id,
                StockCountLine.variant_id == StockLevel.variant_id,
            ),
        )
        .order_by(StockLevel.variant_id)
    ).all()
    now = clock.now()
    if missing:
        db.session.execute(
            sa_insert(StockCountLine),
            [
                {
                    "count_id": row.id,
                    "variant_id": variant_id,
                    "counted": 0,
                    "expected": on_hand,
                    "scanned_at": now,
                }
                for variant_id, on_hand in missing
            ],
        )
    return len(missing)


def apply(store_id: int, public_id: str, *, actor: str) -> int:
    """Book every difference; returns how many lines had one.

    Of goods that were counted and have left since, no more is taken away than is there.
    Raises ``IllegalTransition``, ``Conflict("count-empty")``.
    """
    row = _locked(store_id, public_id)
    COUNT.check(CountState(row.state), CountState.APPLIED)
    lines = list(_lines(row.id))
    if not lines:
        raise Conflict("count-empty")
    found = [line.variant_id for line in lines if line.counted != line.expected]
    ensure(
        [(variant_id, row.location_id) for variant_id in found]
    )  # also where it never lay before
    hold([line.variant_id for line in lines])
    booked = 0
    for line in lines:
        delta = line.counted - line.expected
        delta = max(delta, -queries.on_hand(line.variant_id, row.location_id))
        line.booked = delta
        if delta:
            booked += 1
            book_count(
                line.variant_id,
                row.location_id,
                delta,
                reason="counted",
                actor=actor,
                source=COUNT_SOURCE + public_id,
            )
    row.state = CountState.APPLIED
    row.ended_at = clock.now()
    return booked


def cancel(store_id: int, public_id: str) -> None:
    """Leave everything as it was. Raises ``IllegalTransition``."""
    row = _locked(store_id, public_id)
    COUNT.check(CountState(row.state), CountState.CANCELLED)
    row.state = CountState.CANCELLED
    row.ended_at = clock.now()


def _open(store_id: int, public_id: str) -> StockCount:
    row = _locked(store_id, public_id)
    if row.state != CountState.OPEN:
        raise Conflict("count-ended")
    return row


def _locked(store_id: int, public_id: str) -> StockCount:
    row = db.session.scalar(
        select(StockCount)
        .where(StockCount.store_id == store_id, StockCount.public_id == public_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound("count-unknown")
    return row


def _lines(count_id: int) -> Iterator[StockCountLine]:
    yield from db.session.scalars(
        select(StockCountLine)
        .where(StockCountLine.count_id == count_id)
        .order_by(StockCountLine.variant_id)
        .execution_options(populate_existing=True)
    )
