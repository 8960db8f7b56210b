"""Shipments and receipt."""

from collections.abc import Mapping, Sequence

from sqlalchemy import insert, update

from shop.core import clock, outbox
from shop.core.db import db
from shop.core.errors import Conflict, Invalid
from shop.order import goods, lock, receipt_dates, timeline
from shop.order.carriers.data import CARRIERS
from shop.order.models import Order, OrderLine, Shipment, ShipmentLine
from shop.order.states import AWAITING, ORDER, SHIPPING, OrderState, PaymentState, ShippingState

_READY = {PaymentState.PAID, PaymentState.PARTLY_REFUNDED}


def may_ship(row: Order) -> bool:
    """Whether goods may leave: an open order that is paid, or is to be paid at the door."""
    return row.state == OrderState.OPEN and (row.payment_state in _READY or row.method == "cod")


def ship(
    order_id: int,
    *,
    carrier: str,
    tracking_number: str,
    actor: str,
    quantities: Mapping[str, int] | None = None,
) -> Shipment:
    """Send ``quantities`` (line public id → units; None: everything left) in one parcel.

    Raises ``Conflict("order-not-shippable")`` for an order that is closed or not paid,
    ``Conflict("nothing-to-ship")``, ``Conflict("units-not-there")`` for goods that are short or on
    back-order, ``Invalid`` for an unknown carrier or a quantity above what is left.
    """
    tracking_number = tracking_number.strip()
    if carrier not in CARRIERS:
        raise Invalid("carrier-unknown", field="carrier")
    if len(tracking_number) > 60:
        raise Invalid("tracking-too-long", field="tracking_number")
    row = lock.order(order_id)
    if not may_ship(row):
        raise Conflict("order-not-shippable", number=row.number)
    lines = lock.lines(order_id)
    chosen = _choose(lines, quantities)
    goods.hold([line for line, _ in chosen])
    there = goods.ready(chosen)
    for line, quantity in chosen:
        if there[line.id] < quantity:
            raise Conflict("units-not-there", sku=line.sku, ready=there[line.id], units=quantity)
    shipment = Shipment(
        order_id=row.id,
        carrier=carrier,
        tracking_number=tracking_number,
        shipped_at=clock.now(),
        poll_at=clock.now() if tracking_number else None,
    )
    db.session.add(shipment)
    db.session.flush()  # its lines name its id
    goods.consume(chosen, actor=actor, source=f"order {row.number}")
    for line, quantity in chosen:
        line.shipped += quantity
    db.session.execute(
        insert(ShipmentLine),
        [
            {"shipment_id": shipment.id, "line_id": line.id, "quantity": quantity}
            for line, quantity in chosen
        ],
    )
    follow(row, lines)
    row.shipped_at = clock.now()
    timeline.note(
        row.id,
        "shipped",
        actor=actor,
        carrier=carrier,
        tracking_number=tracking_number,
        shipment=shipment.public_id,
        units=sum(n for _, n in chosen),
    )
    outbox.record("order.shipped", order_id=row.id, shipment_id=shipment.id)
    return shipment


def follow(row: Order, lines: Sequence[OrderLine]) -> None:
    """Bring the shipping state forward to what the quantities of the lines say; it never goes back."""
    if not any(line.shipped for line in lines):
        return
    whole = all(line.shipped + line.cancelled >= line.quantity for line in lines)
    new = ShippingState.SHIPPED if whole else ShippingState.PARTLY_SHIPPED
    if SHIPPING.allows(ShippingState(row.shipping_state), new):
        row.shipping_state = new
        row.shipped_at = row.shipped_at or clock.now()
        if whole and any(line.kind == "physical" and line.shipped for line in lines):
            receipt_dates.shipped(row)


def _choose(
    lines: list[OrderLine], quantities: Mapping[str, int] | None
) -> list[tuple[OrderLine, int]]:
    left = {line.public_id: line.quantity - line.cancelled - line.shipped for line in lines}
    if quantities is None:
        quantities = {key: n for key, n in left.items() if n > 0}
    chosen = []
    for line in lines:
        quantity = quantities.get(line.public_id, 0)
        if not 0 <= quantity <= left[line.public_id]:
            raise Invalid("quantity-out-of-range", field="quantity", maximum=left[line.public_id])
        if quantity:
            chosen.append((line, quantity))
    if not chosen:
        raise Conflict("nothing-to-ship")
    return chosen


def receive(order_id: int, *, actor: str, automatic: bool = False) -> None:
    """The shopper has everything, or (``automatic``) has not said otherwise in time: the order is
    received, and completed once it is paid.

    Raises ``IllegalTransition`` unless it is shipped whole. Repeating is refused as any illegal move.
    """
    row = lock.order(order_id)
    if row.state != OrderState.OPEN:
        raise Conflict("order-closed", number=row.number)
    SHIPPING.check(ShippingState(row.shipping_state), ShippingState.RECEIVED)
    row.shipping_state = ShippingState.RECEIVED
    row.received_at = clock.now()
    # Nobody needs to be asked any more where its parcels are.
    db.session.execute(
        update(Shipment)
        .where(Shipment.order_id == order_id)
        .values(poll_at=None)
        .execution_options(synchronize_session=False)
    )
    timeline.note(row.id, "received", actor=actor, **({"reason": "in-time"} if automatic else {}))
    outbox.record("order.received", order_id=row.id)
    complete_if_done(row)


def complete_if_done(row: Order) -> None:
    """Received and paid: the order is completed."""
    if (
        row.state == OrderState.OPEN
        and row.shipping_state == ShippingState.RECEIVED
        and row.payment_state not in AWAITING
    ):
        ORDER.check(OrderState(row.state), OrderState.COMPLETED)
        row.state = OrderState.COMPLETED
