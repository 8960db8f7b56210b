"""Taking an order for a change: first lock of every verb (order, then stock, then coupon)."""

from sqlalchemy import select

from shop.core.db import db
from shop.core.errors import NotFound
from shop.order.models import Order, OrderLine


def order(order_id: int) -> Order:
    """The order, locked until the transaction ends and freshly read. Raises ``NotFound``."""
    row = db.session.scalar(
        select(Order)
        .where(Order.id == order_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound("order-missing")
    return row


def lines(order_id: int) -> list[OrderLine]:
    """The lines of an order that is locked already, freshly read."""
    return list(
        db.session.scalars(
            select(OrderLine)
            .where(OrderLine.order_id == order_id)
            .order_by(OrderLine.id)
            .execution_options(populate_existing=True)
        )
    )
