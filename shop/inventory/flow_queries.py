"""Reading transfers and counts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from shop.catalog.models import Variant
from shop.core.db import db
from shop.inventory.flow_models import StockCount, StockCountLine, Transfer, TransferLine
from shop.inventory.models import Location, StockLevel
from shop.inventory.newest import newest


@dataclass(frozen=True, slots=True)
class TransferLineView:
    """Units of a variant on their way. ``free``: what the source could still give."""

    variant_id: int
    public_id: str
    quantity: int
    received: int
    lost: int
    free: int

    @property
    def open(self) -> int:
        """Units that are neither received nor given up."""
        return self.quantity - self.received - self.lost


@dataclass(frozen=True, slots=True)
class TransferView:
    """A transfer: between which places, how many units, how many of them still on their way."""

    id: int
    public_id: str
    state: str
    source: str
    target: str
    note: str
    actor: str
    created_at: datetime
    sent_at: datetime | None
    done_at: datetime | None
    units: int
    open: int
    lines: list[TransferLineView] = field(default_factory=list)


def transfers(
    store_ids: Sequence[int], *, state: str = "", before: int | None = None, limit: int = 50
) -> list[TransferView]:
    """The transfers of some stores, newest first. One statement."""
    return _transfers(store_ids, state=state, before=before, limit=limit)


def _transfers(
    store_ids: Sequence[int],
    *,
    state: str = "",
    before: int | None = None,
    public_id: str | None = None,
    limit: int = 1,
) -> list[TransferView]:
    source, target = aliased(Location), aliased(Location)
    left = TransferLine.quantity - TransferLine.received - TransferLine.lost
    query = (
        select(
            Transfer,
            source.name,
            target.name,
            func.coalesce(func.sum(TransferLine.quantity), 0),
            func.coalesce(func.sum(left), 0),
        )
        .join(source, source.id == Transfer.source_id)
        .join(target, target.id == Transfer.target_id)
        .outerjoin(TransferLine, TransferLine.transfer_id == Transfer.id)
        .where(Transfer.store_id.in_(store_ids))
        .group_by(Transfer.id, source.name, target.name)
    )
    if state:
        query = query.where(Transfer.state == state)
    query = newest(query, Transfer, before, public_id, limit)
    return [
        TransferView(
            row.id,
            row.public_id,
            row.state,
            from_,
            to,
            row.note,
            row.actor,
            row.created_at,
            row.sent_at,
            row.done_at,
            int(units),
            int(open_units) if row.state == "sent" else 0,
        )
        for row, from_, to, units, open_units in db.session.execute(query)
    ]


def transfer(store_ids: Sequence[int], public_id: str) -> TransferView | None:
    """One transfer with its lines. Two statements."""
    found = _transfers(store_ids, public_id=public_id)
    if not found:
        return None
    free = func.coalesce(StockLevel.on_hand - StockLevel.reserved, 0)
    rows = db.session.execute(
        select(
            TransferLine.variant_id,
            Variant.public_id,
            TransferLine.quantity,
            TransferLine.received,
            TransferLine.lost,
            free,
        )
        .join(Transfer, Transfer.id == TransferLine.transfer_id)
        .join(Variant, Variant.id == TransferLine.variant_id)
        .outerjoin(
            StockLevel,
            (StockLevel.variant_id == TransferLine.variant_id)
            & (StockLevel.location_id == Transfer.source_id),
        )
        .where(TransferLine.transfer_id == found[0].id)
        .order_by(TransferLine.id)
    )
    found[0].lines.extend(TransferLineView(*row) for row in rows)
    return found[0]


@dataclass(frozen=True, slots=True)
class CountLineView:
    """What was found of a variant. ``cost_minor``: of a unit, if it is known."""

    variant_id: int
    public_id: str
    counted: int
    expected: int
    booked: int | None
    cost_minor: int | None

    @property
    def difference(self) -> int:
        """Units found more (or fewer) than were written down."""
        return self.booked if self.booked is not None else self.counted - self.expected


@dataclass(frozen=True, slots=True)
class CountView:
    """A count with its lines, what was scanned last first."""

    id: int
    public_id: str
    location_id: int
    location: str
    state: str
    actor: str
    created_at: datetime
    ended_at: datetime | None
    variants: int
    units: int
    different: int
    lines: list[CountLineView] = field(default_factory=list)

    @property
    def difference(self) -> int:
        """Units found more (or fewer) in all."""
        return sum(line.difference for line in self.lines)

    @property
    def value_minor(self) -> int:
        """What the difference is worth at cost, of goods whose cost is known."""
        return sum(line.difference * (line.cost_minor or 0) for line in self.lines)

    @property
    def without_cost(self) -> int:
        """Lines with a difference whose cost nobody wrote down."""
        return sum(1 for line in self.lines if line.difference and line.cost_minor is None)


def counts(
    store_ids: Sequence[int], *, before: int | None = None, limit: int = 50
) -> list[CountView]:
    """The counts of some stores, newest first. One statement."""
    return _counts(store_ids, before=before, limit=limit)


def _counts(
    store_ids: Sequence[int],
    *,
    before: int | None = None,
    public_id: str | None = None,
    limit: int = 1,
) -> list[CountView]:
    differs = StockCountLine.counted != StockCountLine.expected
    query = (
        select(
            StockCount,
            Location.name,
            func.count(StockCountLine.id),
            func.coalesce(func.sum(StockCountLine.counted), 0),
            func.count(StockCountLine.id).filter(differs),
        )
        .join(Location, Location.id == StockCount.location_id)
        .outerjoin(StockCountLine, StockCountLine.count_id == StockCount.id)
        .where(StockCount.store_id.in_(store_ids))
        .group_by(StockCount.id, Location.name)
    )
    query = newest(query, StockCount, before, public_id, limit)
    return [
        CountView(
            row.id,
            row.public_id,
            row.location_id,
            name,
            row.state,
            row.actor,
            row.created_at,
            row.ended_at,
            variants,
            int(units),
            different,
        )
        for row, name, variants, units, different in db.session.execute(query)
    ]


def count(store_ids: Sequence[int], public_id: str) -> CountView | None:
    """One count with its lines. Two statements."""
    found = _counts(store_ids, public_id=public_id)
    if not found:
        return None
    rows = db.session.execute(
        select(
            StockCountLine.variant_id,
            Variant.public_id,
            StockCountLine.counted,
            StockCountLine.expected,
            StockCountLine.booked,
            Variant.cost_minor,
        )
        .join(Variant, Variant.id == StockCountLine.variant_id)
        .where(StockCountLine.count_id == found[0].id)
        .order_by(StockCountLine.scanned_at.desc(), StockCountLine.id.desc())
    )
    found[0].lines.extend(CountLineView(*row) for row in rows)
    return found[0]


def not_scanned(count_id: int, location_id: int) -> int:
    """How many variants are said to lie at a location that a count has no line of."""
    scanned = select(StockCountLine.variant_id).where(StockCountLine.count_id == count_id)
    return (
        db.session.scalar(
            select(func.count())
            .select_from(StockLevel)
            .join(Variant, Variant.id == StockLevel.variant_id)
            .where(
                StockLevel.location_id == location_id,
                StockLevel.on_hand > 0,
                Variant.tracked.is_(True),
                StockLevel.variant_id.not_in(scanned),
            )
        )
        or 0
    )


def in_transit(variant_ids: Sequence[int]) -> dict[tuple[int, int], int]:
    """(variant, target) → units on their way there. One statement."""
    left = func.sum(TransferLine.quantity - TransferLine.received - TransferLine.lost)
    rows = db.session.execute(
        select(TransferLine.variant_id, Transfer.target_id, left)
        .join(Transfer, Transfer.id == TransferLine.transfer_id)
        .where(Transfer.state == "sent", TransferLine.variant_id.in_(variant_ids))
        .group_by(TransferLine.variant_id, Transfer.target_id)
    )
    return {(variant, target): int(units) for variant, target, units in rows}
