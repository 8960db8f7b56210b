"""What must hold of orders, whatever happened: for ``flask doctor`` and for tests."""

from sqlalchemy import case, func, select

from shop.core.db import db
from shop.inventory.models import Reservation
from shop.order import code_queries, tax_checks
from shop.order.handover_models import OrderLinePart
from shop.order.models import Adjustment, Checkout, Order, OrderLine, ShipmentLine
from shop.order.states import OrderState, ShippingState


def differences() -> list[str]:
    """Orders, lines and checkouts whose totals or quantities do not add up: a sentence each, with ids."""
    return [
        *_items(),
        *_discounts(),
        *_lines(),
        *_checkouts(),
        *_reservations(),
        *_shipments(),
        *_states(),
        *code_queries.differences(),
        *tax_checks.differences(),
    ]


def _items() -> list[str]:
    total = func.sum(OrderLine.unit_price_minor * OrderLine.quantity)
    rows = db.session.execute(
        select(Order.id, Order.number, Order.items_minor, func.coalesce(total, 0))
        .outerjoin(OrderLine, OrderLine.order_id == Order.id)
        .group_by(Order.id, Order.number, Order.items_minor)
        .having(Order.items_minor != func.coalesce(total, 0))
    )
    return [
        f"order {oid} ({number}): items {kept}, lines sum to {real}"
        for oid, number, kept, real in rows
    ]


def _discounts() -> list[str]:
    total = func.coalesce(func.sum(Adjustment.amount_minor), 0)
    rows = db.session.execute(
        select(Order.id, Order.number, Order.discount_minor, total)
        .outerjoin(Adjustment, Adjustment.order_id == Order.id)
        .group_by(Order.id, Order.number, Order.discount_minor)
        .having(Order.discount_minor != total)
    )
    return [
        f"order {oid} ({number}): discount {kept}, adjustments sum to {real}"
        for oid, number, kept, real in rows
    ]


def _lines() -> list[str]:
    total = func.coalesce(func.sum(Adjustment.amount_minor), 0)
    rows = db.session.execute(
        select(OrderLine.id, OrderLine.discount_minor, total)
        .outerjoin(Adjustment, Adjustment.line_id == OrderLine.id)
        .group_by(OrderLine.id, OrderLine.discount_minor)
        .having(OrderLine.discount_minor != total)
    )
    return [
        f"order_line {lid}: discount {kept}, adjustments sum to {real}" for lid, kept, real in rows
    ]


def _checkouts() -> list[str]:
    total = func.coalesce(func.sum(Order.total_minor), 0)
    rows = db.session.execute(
        select(Checkout.id, Checkout.total_minor, total)
        .outerjoin(Order, Order.checkout_id == Checkout.id)
        .group_by(Checkout.id, Checkout.total_minor)
        .having(Checkout.total_minor != total)
    )
    return [f"checkout {cid}: total {kept}, orders sum to {real}" for cid, kept, real in rows]


def _reservations() -> list[str]:
    """An open order's stocked lines hold exactly what is still to be shipped; others hold nothing."""
    held = func.coalesce(
        func.sum(case((Reservation.state == "open", Reservation.quantity), else_=0)), 0
    )
    units = func.coalesce(OrderLinePart.quantity, 1)  # of a bundle's part in each unit of the line
    left = (OrderLine.quantity - OrderLine.cancelled - OrderLine.shipped) * units
    rows = db.session.execute(
        select(OrderLine.id, left, held)
        .join(Reservation, Reservation.order_line_id == OrderLine.id)
        .outerjoin(
            OrderLinePart,
            (OrderLinePart.line_id == OrderLine.id)
            & (OrderLinePart.variant_id == Reservation.variant_id),
        )
        .group_by(
            OrderLine.id,
            Reservation.variant_id,
            OrderLine.quantity,
            OrderLine.cancelled,
            OrderLine.shipped,
            OrderLinePart.quantity,
        )
        .having(held != left)
    )
    return [
        f"order_line {lid}: {real} units reserved, {want} still to be shipped"
        for lid, want, real in rows
    ]


def _shipments() -> list[str]:
    sent = func.coalesce(func.sum(ShipmentLine.quantity), 0)
    rows = db.session.execute(
        select(OrderLine.id, OrderLine.shipped, sent)
        .outerjoin(ShipmentLine, ShipmentLine.line_id == OrderLine.id)
        .where(OrderLine.kind == "physical")
        .group_by(OrderLine.id, OrderLine.shipped)
        .having(OrderLine.shipped != sent)
    )
    return [
        f"order_line {lid}: shipped {kept}, shipments sum to {real}" for lid, kept, real in rows
    ]


def _states() -> list[str]:
    left = func.sum(OrderLine.quantity - OrderLine.cancelled - OrderLine.shipped)
    rows = db.session.execute(
        select(Order.id, Order.number, Order.state, Order.shipping_state, left)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .group_by(Order.id, Order.number, Order.state, Order.shipping_state)
    )
    wrong = []
    for oid, number, state, shipping, units in rows:
        whole = shipping in {ShippingState.SHIPPED, ShippingState.RECEIVED}
        if whole and units:
            wrong.append(
                f"order {oid} ({number}): {shipping}, yet {units} units are still to be shipped"
            )
        if state == OrderState.CANCELLED and units:
            wrong.append(f"order {oid} ({number}): cancelled, yet {units} units are not")
    return wrong
