"""A tea house that buys by the dozen: enough of one thing that its page can say how much comes back."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select

from shop.core import clock
from shop.core.db import db
from shop.core.transaction import transaction
from shop.demo import history, returning, texts
from shop.demo.plan import Purchase
from shop.order.models import Order, OrderLine

PRODUCT = "linen-runner"
DOZENS = 24
"""Units of an order that is one of these; nobody else in the demo buys so many."""
_DAYS_AGO = (96, 84)


def purchases(now: datetime) -> Iterator[Purchase]:
    """Two large orders of long ago."""
    skus = [
        variant["sku"]
        for _, product in texts.products()
        if product["slug"] == PRODUCT
        for variant in product["variants"]
    ]
    for days, sku in zip(_DAYS_AGO, skus, strict=False):
        yield Purchase("wangyue", now - timedelta(days=days), {sku: DOZENS}, "received")


def give_back() -> None:
    """Of each some were too short for the tables."""
    rows = db.session.execute(
        select(OrderLine.order_id, OrderLine.public_id, Order.received_at, Order.user_id)
        .join(Order, Order.id == OrderLine.order_id)
        .where(OrderLine.quantity == DOZENS, Order.received_at.is_not(None))
        .order_by(OrderLine.id)
    ).all()
    for row in rows:
        returning.go_back(
            row.order_id, row.public_id, 2, "size", row.received_at, f"u:{row.user_id}"
        )
        with clock.at(row.received_at + timedelta(days=5)), transaction():
            history.settle_refunds(row.order_id)
