"""Reading suppliers and purchase orders."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import func, select

from shop.catalog.models import Variant
from shop.core.db import db
from shop.core.lookups import Lookup, askable, number
from shop.inventory.models import Location
from shop.inventory.newest import newest
from shop.inventory.states import EXPECTED
from shop.inventory.supply_models import PurchaseLine, PurchaseOrder, Supplier


@dataclass(frozen=True, slots=True)
class SupplierView:
    """A supplier, and how many purchase orders were made of it."""

    public_id: str
    name: str
    email: str
    phone: str
    note: str
    orders: int


def suppliers(store_ids: Sequence[int]) -> list[SupplierView]:
    """The suppliers of some stores, by name. One statement."""
    rows = db.session.execute(
        select(
            Supplier.public_id,
            Supplier.name,
            Supplier.email,
            Supplier.phone,
            Supplier.note,
            func.count(PurchaseOrder.id),
        )
        .outerjoin(PurchaseOrder, PurchaseOrder.supplier_id == Supplier.id)
        .where(Supplier.store_id.in_(store_ids))
        .group_by(Supplier.id)
        .order_by(Supplier.name, Supplier.id)
    )
    return [SupplierView(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class PurchaseLineView:
    """Units of a variant that were ordered at what one costs."""

    variant_id: int
    public_id: str
    quantity: int
    unit_cost_minor: int
    received: int

    @property
    def open(self) -> int:
        """Units that have not come."""
        return self.quantity - self.received

    @property
    def total_minor(self) -> int:
        """What the line costs."""
        return self.quantity * self.unit_cost_minor


@dataclass(frozen=True, slots=True)
class PurchaseView:
    """A purchase order; ``total_minor`` of all its lines."""

    id: int
    public_id: str
    state: str
    supplier: str
    supplier_email: str
    location: str
    reference: str
    expected_on: date | None
    actor: str
    created_at: datetime
    ordered_at: datetime | None
    ended_at: datetime | None
    units: int
    received: int
    total_minor: int
    lines: list[PurchaseLineView] = field(default_factory=list)

    @property
    def expected(self) -> bool:
        """Goods of it are still to come."""
        return self.state in EXPECTED


def purchases(
    store_ids: Sequence[int],
    *,
    states: Sequence[str] = (),
    due_before: date | None = None,
    before: int | None = None,
    public_id: str | None = None,
    limit: int = 50,
) -> list[PurchaseView]:
    """The purchase orders of some stores, newest first; ``due_before``: those overdue then. One statement."""
    amount = PurchaseLine.quantity * PurchaseLine.unit_cost_minor
    query = (
        select(
            PurchaseOrder,
            Supplier.name,
            Supplier.email,
            Location.name,
            func.coalesce(func.sum(PurchaseLine.quantity), 0),
            func.coalesce(func.sum(PurchaseLine.received), 0),
            func.coalesce(func.sum(amount), 0),
        )
        .join(Supplier, Supplier.id == PurchaseOrder.supplier_id)
        .join(Location, Location.id == PurchaseOrder.location_id)
        .outerjoin(PurchaseLine, PurchaseLine.purchase_id == PurchaseOrder.id)
        .where(PurchaseOrder.store_id.in_(store_ids))
        .group_by(PurchaseOrder.id, Supplier.name, Supplier.email, Location.name)
    )
    if states:
        query = query.where(PurchaseOrder.state.in_(states))
    if due_before is not None:
        query = query.where(
            PurchaseOrder.state.in_(EXPECTED), PurchaseOrder.expected_on < due_before
        )
    query = newest(query, PurchaseOrder, before, public_id, limit)
    return [
        PurchaseView(
            row.id,
            row.public_id,
            row.state,
            supplier,
            email,
            place,
            row.reference,
            row.expected_on,
            row.actor,
            row.created_at,
            row.ordered_at,
            row.ended_at,
            int(units),
            int(received),
            int(total),
        )
        for row, supplier, email, place, units, received, total in db.session.execute(query)
    ]


def purchase(store_ids: Sequence[int], public_id: str) -> PurchaseView | None:
    """One purchase order with its lines. Two statements."""
    found = purchases(store_ids, public_id=public_id, limit=1)
    if not found:
        return None
    rows = db.session.execute(
        select(
            PurchaseLine.variant_id,
            Variant.public_id,
            PurchaseLine.quantity,
            PurchaseLine.unit_cost_minor,
            PurchaseLine.received,
        )
        .join(Variant, Variant.id == PurchaseLine.variant_id)
        .where(PurchaseLine.purchase_id == found[0].id)
        .order_by(PurchaseLine.id)
    )
    found[0].lines.extend(PurchaseLineView(*row) for row in rows)
    return found[0]


@askable
def overdue_count(store_ids: Sequence[int], today: date) -> Lookup[int]:
    """Purchase orders whose goods should have come before today."""
    return Lookup(
        number,
        select(func.count().label("many")).where(
            PurchaseOrder.store_id.in_(store_ids),
            PurchaseOrder.state.in_(EXPECTED),
            PurchaseOrder.expected_on < today,
        ),
    )


def ordered(variant_ids: Sequence[int]) -> dict[tuple[int, int], int]:
    """(variant, location) → units that suppliers are still to bring. One statement."""
    left = func.sum(PurchaseLine.quantity - PurchaseLine.received)
    rows = db.session.execute(
        select(PurchaseLine.variant_id, PurchaseOrder.location_id, left)
        .join(PurchaseOrder, PurchaseOrder.id == PurchaseLine.purchase_id)
        .where(PurchaseOrder.state.in_(EXPECTED), PurchaseLine.variant_id.in_(variant_ids))
        .group_by(PurchaseLine.variant_id, PurchaseOrder.location_id)
    )
    return {(variant, place): int(units) for variant, place, units in rows if units}
