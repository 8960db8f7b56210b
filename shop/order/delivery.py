"""How an order comes to its buyer: what was promised at the checkout, its slot, and the way over the counter."""

import secrets
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from shop.cart.delivery import StoreDelivery
from shop.core import clock, outbox
from shop.core.db import db
from shop.core.errors import Conflict, Invalid
from shop.order import goods, lock, shipping, timeline
from shop.order.delivery_models import OrderDelivery
from shop.order.delivery_states import PICKUP, PickupState
from shop.order.models import Order, Shipment, ShipmentLine
from shop.order.states import ShippingState
from shop.order.tax_models import OrderTax
from shop.store import delivery_queries
from shop.store import delivery_services as slots
from shop.store.delivery_models import DeliverySlotDay
from shop.store.places import Destination, same_province

COUNTER = "PICKUP"
"""Carrier of what is handed over at the counter."""


def check(deliveries: Mapping[int, StoreDelivery]) -> None:
    """Refuse what is not offered: ``Invalid("delivery-uncovered")`` at the country, ``Conflict`` with
    "slot-taken" or "delivery-changed" where a choice of before is gone."""
    for one in deliveries.values():
        if one.chosen is None:
            field = "province" if one.destination.province else "country"
            raise Invalid("delivery-uncovered", field=field)
        if not one.asked:
            raise Conflict("slot-taken" if one.window is not None else "delivery-changed")


def same_there(order: Order, place: Destination) -> bool:
    """Whether an order could go to ``place`` for what it was charged: its method is offered there, and no
    tax of a region is in it that another region would not ask."""
    row = db.session.get(OrderDelivery, order.id)
    if row is not None:
        offered = delivery_queries.plans([order.store_id])[order.store_id].methods(place)
        if row.method_id not in {one.id for one in offered}:
            return False
    regions = select(OrderTax.region).where(OrderTax.order_id == order.id, OrderTax.region != "")
    return all(
        same_province(place.country, region) == place.region
        for region in db.session.scalars(regions)
    )


def keep(orders: Mapping[int, StoreDelivery | None]) -> None:
    """Write down what orders (by id) were promised, and take their slots; nothing for goods that do not
    travel. Raises ``Conflict("slot-taken")``; the transaction must then be rolled back."""
    held = {
        order_id: slots.take_slot(one.window.slot.id, one.window.day)
        for order_id, one in sorted(orders.items(), key=_by_slot)
        if one is not None and one.window is not None
    }
    for order_id, one in orders.items():
        if one is None or one.chosen is None:
            continue
        method, promised, window = one.chosen.method, one.chosen.promise, one.window
        fetched = method.kind == "pickup"
        ship_by = window.day if window else promised.ship_by
        db.session.add(
            OrderDelivery(
                order_id=order_id,
                method_id=method.id,
                kind=method.kind,
                names=dict(method.names),
                notes=dict(method.notes),
                ship_by=ship_by,
                late_at=datetime.combine(
                    ship_by + timedelta(days=1), time(), ZoneInfo(one.timezone)
                ),
                promised_from=window.day if window else promised.first,
                promised_until=window.day if window else promised.last,
                location_id=method.location_id,
                slot_day_id=held.get(order_id),
                slot_held=order_id in held,
                slot_from=window.slot.from_minute if window else None,
                slot_until=window.slot.until_minute if window else None,
                pickup_state=PickupState.WAITING if fetched else None,
                pickup_code=f"{secrets.randbelow(1_000_000):06d}" if fetched else "",
            )
        )


def places(deliveries: Mapping[int, StoreDelivery]) -> dict[int, int]:
    """Store → where the buyer comes for the goods: there they are taken from, if they can be."""
    return {
        store_id: one.chosen.method.location_id
        for store_id, one in deliveries.items()
        if one.chosen is not None and one.fetched and one.chosen.method.location_id is not None
    }


def fetch_again(old_id: int, new_id: int) -> None:
    """An order that replaces goods of one that was fetched is fetched at the same place, by the next day."""
    old = db.session.get(OrderDelivery, old_id)
    if old is None or old.pickup_state is None:
        return
    at = clock.now() + timedelta(days=1)
    db.session.add(
        OrderDelivery(
            order_id=new_id,
            method_id=old.method_id,
            kind=old.kind,
            names=dict(old.names),
            notes=dict(old.notes),
            ship_by=at.date(),
            late_at=at + timedelta(days=1),
            location_id=old.location_id,
            pickup_state=PickupState.WAITING,
            pickup_code=f"{secrets.randbelow(1_000_000):06d}",
        )
    )


def _by_slot(entry: tuple[int, StoreDelivery | None]) -> int:
    # Locks in one order: two checkouts over two stores must not wait for each other.
    one = entry[1]
    return one.window.slot.id if one is not None and one.window is not None else 0


def release(order_id: int) -> None:
    """A cancelled order gives its slot back. Harmless when repeated."""
    row = db.session.get(OrderDelivery, order_id, populate_existing=True)
    if row is not None and row.slot_held and row.slot_day_id is not None:
        row.slot_held = False
        slots.free_slot(row.slot_day_id)


def reclaim(order_id: int) -> None:
    """An order that comes back to life takes its slot again; where that is full it keeps its day, and the
    timeline says that the time is to be agreed."""
    row = db.session.get(OrderDelivery, order_id, populate_existing=True)
    if row is None or row.slot_held or row.slot_day_id is None:
        return
    day = db.session.get_one(DeliverySlotDay, row.slot_day_id)
    try:
        slots.take_slot(day.slot_id, day.day)
    except Conflict:
        timeline.note(order_id, "slot_lost", actor="system")
        return
    row.slot_held = True


def ready(order_id: int, *, actor: str) -> None:
    """The goods of a pick-up lie ready; the buyer is told.

    Raises ``Conflict``: "order-not-shippable", "not-a-pickup"; ``IllegalTransition`` when repeated.
    """
    order = lock.order(order_id)
    row = _pickup(order_id)
    if not shipping.may_ship(order):
        raise Conflict("order-not-shippable", number=order.number)
    PICKUP.check(PickupState(str(row.pickup_state)), PickupState.READY)
    row.pickup_state = PickupState.READY
    row.ready_at = clock.now()
    timeline.note(order_id, "ready", actor=actor)
    outbox.record("order.ready", order_id=order_id)


def hand_over(order_id: int, *, actor: str, code: str = "", seen: bool = False) -> None:
    """The buyer has everything: shipped and received at once. They say the ``code`` of the order, or staff
    have ``seen`` a paper with the name of the order.

    Raises ``Invalid("pickup-code")``, ``Conflict`` as ``ready`` does, "nothing-to-ship".
    """
    order = lock.order(order_id)
    row = _pickup(order_id)
    if not shipping.may_ship(order):
        raise Conflict("order-not-shippable", number=order.number)
    typed = "".join(char for char in code if char.isdigit())
    if not seen and not secrets.compare_digest(typed, row.pickup_code):
        raise Invalid("pickup-code", field="code")
    PICKUP.check(PickupState(str(row.pickup_state)), PickupState.COLLECTED)
    lines = lock.lines(order_id)
    left = [(line, n) for line in lines if (n := line.quantity - line.cancelled - line.shipped) > 0]
    if not left:
        raise Conflict("nothing-to-ship")
    goods.hold([line for line, _ in left])
    shipment = Shipment(order_id=order_id, carrier=COUNTER, shipped_at=clock.now())
    db.session.add(shipment)
    db.session.flush()  # its lines name its id
    goods.consume(left, actor=actor, source=f"order {order.number}")
    for line, units in left:
        line.shipped += units
        db.session.add(ShipmentLine(shipment_id=shipment.id, line_id=line.id, quantity=units))
    shipping.follow(order, lines)
    row.pickup_state = PickupState.COLLECTED
    row.collected_at = clock.now()
    timeline.note(order_id, "collected", actor=actor, by="name" if seen else "code")
    if order.shipping_state == ShippingState.SHIPPED:
        shipping.receive(order_id, actor=actor)


def _pickup(order_id: int) -> OrderDelivery:
    row = db.session.get(OrderDelivery, order_id, with_for_update=True, populate_existing=True)
    if row is None or row.pickup_state is None:
        raise Conflict("not-a-pickup")
    return row


def differences() -> list[str]:
    """Days of slots that count other orders than those that hold them: a sentence each, with ids."""
    holding = func.count(OrderDelivery.order_id)
    rows = db.session.execute(
        select(DeliverySlotDay.id, DeliverySlotDay.taken, holding)
        .outerjoin(
            OrderDelivery,
            (OrderDelivery.slot_day_id == DeliverySlotDay.id) & OrderDelivery.slot_held,
        )
        .group_by(DeliverySlotDay.id, DeliverySlotDay.taken)
        .having(DeliverySlotDay.taken != holding)
    )
    return [
        f"delivery_slot_day {day}: {kept} orders counted, {real} hold it"
        for day, kept, real in rows
    ]
