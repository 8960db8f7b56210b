"""Purchase orders: written down, ordered from a supplier, received in parts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, func, select, update

from shop.catalog.models import Variant
from shop.core import clock
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound
from shop.inventory import stocked
from shop.inventory.costs import moving_average
from shop.inventory.flow_checks import PURCHASE_SOURCE
from shop.inventory.levels import MAX_QUANTITY, hold
from shop.inventory.models import StockLevel
from shop.inventory.services import receive_all
from shop.inventory.states import EXPECTED, PURCHASE, PurchaseState
from shop.inventory.supply_models import PurchaseLine, PurchaseOrder, Supplier

MOST_LINES = 500
MOST_COST = 10**12


@dataclass(frozen=True, slots=True)
class SupplierData:
    """How a supplier is called and reached."""

    name: str
    email: str = ""
    phone: str = ""
    note: str = ""


def save_supplier(store_id: int, public_id: str | None, data: SupplierData) -> str:
    """Write down a supplier, a new one without ``public_id``; returns its public id.

    Raises ``Invalid`` (``supplier-name-missing``, ``text-too-long``), ``Conflict("supplier-taken")``,
    ``NotFound``.
    """
    name = " ".join(data.name.split())
    if not name:
        raise Invalid("supplier-name-missing", field="name")
    for field, most in (("name", 120), ("email", 254), ("phone", 32), ("note", 2000)):
        if len(getattr(data, field)) > most:
            raise Invalid("text-too-long", field=field)
    row = Supplier(store_id=store_id, name=name) if public_id is None else None
    if row is None:
        row = _supplier(store_id, str(public_id))
    taken = select(Supplier.id).where(Supplier.store_id == store_id, Supplier.name == name)
    if db.session.scalar(taken) not in {None, row.id}:
        raise Conflict("supplier-taken", field="name")
    row.name, row.email, row.phone, row.note = name, data.email, data.phone, data.note
    db.session.add(row)
    db.session.flush()  # the caller names its public id
    return row.public_id


def draft(
    store_id: int,
    supplier: str,
    location_id: int,
    *,
    reference: str = "",
    expected_on: date | None = None,
    actor: str,
) -> str:
    """Begin a purchase order of a supplier (public id); returns its own. Raises ``NotFound``."""
    stocked.check_places(store_id, [location_id])
    row = PurchaseOrder(
        store_id=store_id,
        supplier_id=_supplier(store_id, supplier).id,
        location_id=location_id,
        reference=reference[:60],
        expected_on=expected_on,
        actor=actor,
    )
    db.session.add(row)
    db.session.flush()  # its lines name its id
    return row.public_id


def expect(store_id: int, public_id: str, expected_on: date | None, reference: str) -> None:
    """Another day, another number of the supplier's. Raises ``Conflict("purchase-ended")``."""
    row = _locked(store_id, public_id)
    if row.state not in {PurchaseState.DRAFT, *EXPECTED}:
        raise Conflict("purchase-ended")
    row.expected_on, row.reference = expected_on, reference[:60]


def set_line(
    store_id: int, public_id: str, variant_id: int, quantity: int, unit_cost_minor: int
) -> None:
    """Units of a variant and what one costs, in a draft; 0 units take it out.

    Raises ``Conflict("purchase-ordered")``, ``Invalid`` (``quantity-out-of-range``,
    ``amount-out-of-range``, ``lines-too-many``), ``NotFound``.
    """
    row = _locked(store_id, public_id)
    if row.state != PurchaseState.DRAFT:
        raise Conflict("purchase-ordered")
    if not 0 <= quantity <= MAX_QUANTITY:
        raise Invalid("quantity-out-of-range", field="quantity", maximum=MAX_QUANTITY)
    if not 0 <= unit_cost_minor <= MOST_COST:
        raise Invalid("amount-out-of-range", field="cost")
    stocked.check_variants(store_id, [variant_id])
    line = (PurchaseLine.purchase_id == row.id) & (PurchaseLine.variant_id == variant_id)
    if not quantity:
        db.session.execute(delete(PurchaseLine).where(line))
        return
    values = {"quantity": quantity, "unit_cost_minor": unit_cost_minor}
    changed = update(PurchaseLine).where(line).values(**values).returning(PurchaseLine.id)
    if db.session.scalar(changed) is None:
        if len(_lines(row.id)) >= MOST_LINES:
            raise Invalid("lines-too-many", field="code", maximum=MOST_LINES)
        db.session.add(PurchaseLine(purchase_id=row.id, variant_id=variant_id, **values))
        db.session.flush()  # a second change in the same transaction finds it


def add(store_id: int, public_id: str, variant_id: int) -> None:
    """One unit more, at the cost that is known: what a scan does. Raises as ``set_line``."""
    row = _locked(store_id, public_id)
    before = next((one for one in _lines(row.id) if one.variant_id == variant_id), None)
    if before is None:
        cost = db.session.scalar(select(Variant.cost_minor).where(Variant.id == variant_id)) or 0
        set_line(store_id, public_id, variant_id, 1, cost)
    else:
        set_line(store_id, public_id, variant_id, before.quantity + 1, before.unit_cost_minor)


def order(store_id: int, public_id: str) -> None:
    """It goes to the supplier. Raises ``Conflict("purchase-empty")``, ``IllegalTransition``."""
    row = _locked(store_id, public_id)
    PURCHASE.check(PurchaseState(row.state), PurchaseState.ORDERED)
    if not _lines(row.id):
        raise Conflict("purchase-empty")
    row.state = PurchaseState.ORDERED
    row.ordered_at = clock.now()


def receive_goods(store_id: int, public_id: str, arrived: Mapping[int, int], *, actor: str) -> bool:
    """Book what came (variant → units) and what a unit costs by now; returns whether that was all.

    Raises ``Conflict("purchase-not-ordered")``, ``Invalid`` (``purchase-too-many``, ``nothing-arrived``).
    """
    row = _locked(store_id, public_id)
    if row.state not in EXPECTED:
        raise Conflict("purchase-not-ordered")
    arrived = {variant_id: units for variant_id, units in arrived.items() if units}
    if not arrived:
        raise Invalid("nothing-arrived", field="received")
    hold(arrived)
    costs = {one.variant_id: one.unit_cost_minor for one in _lines(row.id)}
    for variant_id, units in sorted(arrived.items()):
        done = None
        if 0 < units <= MAX_QUANTITY:
            done = db.session.scalar(
                update(PurchaseLine)
                .where(
                    PurchaseLine.purchase_id == row.id,
                    PurchaseLine.variant_id == variant_id,
                    PurchaseLine.received + units <= PurchaseLine.quantity,
                )
                .values(received=PurchaseLine.received + units)
                .returning(PurchaseLine.id)
            )
        if done is None:
            raise Invalid("purchase-too-many", field="received", variant_id=variant_id)
        _average(variant_id, units, costs[variant_id])
    receive_all(
        arrived,
        row.location_id,
        actor=actor,
        source=PURCHASE_SOURCE + public_id,
        reason="received",
    )
    whole = all(one.received == one.quantity for one in _lines(row.id))
    _go(row, PurchaseState.RECEIVED if whole else PurchaseState.PARTLY_RECEIVED)
    return whole


def end(store_id: int, public_id: str) -> str:
    """Nothing more will come: cancelled, or received as far as it was. Returns the new state.

    Raises ``IllegalTransition`` for one that has ended.
    """
    row = _locked(store_id, public_id)
    partly = row.state == PurchaseState.PARTLY_RECEIVED
    _go(row, PurchaseState.RECEIVED if partly else PurchaseState.CANCELLED)
    return row.state


def _go(row: PurchaseOrder, new: PurchaseState) -> None:
    if row.state == new == PurchaseState.PARTLY_RECEIVED:
        return
    PURCHASE.check(PurchaseState(row.state), new)
    row.state = new
    if new in {PurchaseState.RECEIVED, PurchaseState.CANCELLED}:
        row.ended_at = clock.now()


def _average(variant_id: int, units: int, unit_cost_minor: int) -> None:
    """What a unit costs on average, before the units are booked. The variant's levels are held."""
    on_hand = db.session.scalar(
        select(func.coalesce(func.sum(StockLevel.on_hand), 0)).where(
            StockLevel.variant_id == variant_id
        )
    )
    old = db.session.scalar(
        select(Variant.cost_minor).where(Variant.id == variant_id).with_for_update()
    )
    cost = moving_average(old, int(on_hand or 0), units, unit_cost_minor)
    if cost != old:
        db.session.execute(update(Variant).where(Variant.id == variant_id).values(cost_minor=cost))


def _supplier(store_id: int, public_id: str) -> Supplier:
    row = db.session.scalar(
        select(Supplier).where(Supplier.store_id == store_id, Supplier.public_id == public_id)
    )
    if row is None:
        raise NotFound("supplier-unknown")
    return row


def _locked(store_id: int, public_id: str) -> PurchaseOrder:
    row = db.session.scalar(
        select(PurchaseOrder)
        .where(PurchaseOrder.store_id == store_id, PurchaseOrder.public_id == public_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound("purchase-unknown")
    return row


def _lines(purchase_id: int) -> list[PurchaseLine]:
    return list(
        db.session.scalars(
            select(PurchaseLine)
            .where(PurchaseLine.purchase_id == purchase_id)
            .order_by(PurchaseLine.variant_id)
            .execution_options(populate_existing=True)
        )
    )
