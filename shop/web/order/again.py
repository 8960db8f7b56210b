"""What an order was made of, to be bought once more."""

from sqlalchemy import select

from shop.core.db import db
from shop.order.models import OrderLine


def variants(order_id: int) -> list[tuple[int, int]]:
    """Variant and quantity of each line of an order, in their order."""
    return [
        (variant_id, quantity)
        for variant_id, quantity in db.session.execute(
            select(OrderLine.variant_id, OrderLine.quantity)
            .where(OrderLine.order_id == order_id)
            .order_by(OrderLine.id)
        ).tuples()
    ]
