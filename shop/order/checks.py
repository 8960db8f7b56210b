"""What must hold of orders, whatever happened: for ``flask doctor`` and for tests."""

from sqlalchemy import case, func, select

from shop.campaigns.models import RedemptionShare
from shop.catalog.models import ListingRow
from shop.core.db import db
from shop.inventory.models import Reservation
from shop.order import code_queries, delivery, tax_checks, tracking_queries
from shop.order.handover_models import OrderLinePart
from shop.order.models import (
    Adjustment,
    Checkout,
    Order,
    OrderLine,
    ShipmentLine,
    TimelineEntry,
)
from shop.order.money import GOING
from shop.order.states import OrderState, ShippingState
from shop.order.sums import unequal


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
        *_sales(),
        *_coupons(),
        *code_queries.differences(),
        *delivery.differences(),
        *tracking_queries.differences(),
        *tax_checks.differences(),
    ]


def _items() -> list[str]:
    each = OrderLine.unit_price_minor * OrderLine.quantity
    mine = OrderLine.order_id == Order.id
    rows = unequal((Order.id, Order.number), Order.items_minor, each, OrderLine, mine)
    return [
        f"order {oid} ({number}): items {kept}, lines sum to {real}"
        for oid, number, kept, real in rows
    ]


def _discounts() -> list[str]:
    each, mine = Adjustment.amount_minor, Adjustment.order_id == Order.id
    rows = unequal((Order.id, Order.number), Order.discount_minor, each, Adjustment, mine)
    return [
        f"order {oid} ({number}): discount {kept}, adjustments sum to {real}"
        for oid, number, kept, real in rows
    ]


def _lines() -> list[str]:
    each, mine = Adjustment.amount_minor, Adjustment.line_id == OrderLine.id
    rows = unequal((OrderLine.id,), OrderLine.discount_minor, each, Adjustment, mine)
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
    """An open order's stocked lines hold exactly what is still to be shipped, or it is short; others hold
    nothing."""
    promised = Reservation.state.in_(("open", "short"))
    held = func.coalesce(func.sum(case((promised, Reservation.quantity), else_=0)), 0)
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
    sent = func.sum(OrderLine.shipped)
    rows = db.session.execute(
        select(Order.id, Order.number, Order.state, Order.shipping_state, left, sent)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .group_by(Order.id, Order.number, Order.state, Order.shipping_state)
    )
    wrong = []
    for oid, number, state, shipping, units, gone in rows:
        whole = shipping in {ShippingState.SHIPPED, ShippingState.RECEIVED}
        if whole and units:
            wrong.append(
                f"order {oid} ({number}): {shipping}, yet {units} units are still to be shipped"
            )
        if not whole and gone and (shipping == ShippingState.UNSHIPPED or not units):
            wrong.append(
                f"order {oid} ({number}): {shipping}, yet {gone} units were shipped and {units} are "
                "still to be"
            )
        if state == OrderState.CANCELLED and units:
            wrong.append(f"order {oid} ({number}): cancelled, yet {units} units are not")
    return wrong


def sales_apart() -> list[tuple[int, int, int]]:
    """Products whose kept count of sales is not what the orders that were set going bought of them: id, what
    is kept, what is right."""
    going = select(TimelineEntry.order_id).where(TimelineEntry.kind == GOING).distinct()
    sold = (
        select(OrderLine.product_id, func.sum(OrderLine.quantity).label("units"))
        .where(OrderLine.order_id.in_(going))
        .group_by(OrderLine.product_id)
        .subquery()
    )
    real = func.coalesce(sold.c.units, 0)
    rows = db.session.execute(
        select(ListingRow.product_id, ListingRow.sales, real)
        .outerjoin(sold, sold.c.product_id == ListingRow.product_id)
        .where(ListingRow.sales != real)
    )
    return [(pid, kept, int(units)) for pid, kept, units in rows]


def _sales() -> list[str]:
    return [
        f"listing_row of product {pid}: {kept} sold, paid orders say {real}"
        for pid, kept, real in sales_apart()
    ]


def _coupons() -> list[str]:
    """Cancelled orders that still hold a coupon, and others whose coupon was given back."""
    over = Order.state == OrderState.CANCELLED
    rows = db.session.execute(
        select(RedemptionShare.id, Order.id, Order.number, Order.state)
        .join(Order, Order.id == RedemptionShare.order_id)
        .where(over == RedemptionShare.released_at.is_(None))
    )
    return [
        f"order {oid} ({number}): {state}, yet its share {sid} of a coupon is "
        f"{'held' if state == OrderState.CANCELLED else 'given back'}"
        for sid, oid, number, state in rows
    ]
