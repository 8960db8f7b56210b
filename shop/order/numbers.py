"""Numbers of new orders."""

from datetime import datetime

from sqlalchemy import select

from shop.core import ids
from shop.core.db import db
from shop.order.models import Order


def new_number(day: datetime) -> str:
    """A number that nobody has, dated in the zone of its store; the unique constraint stands behind the
    look."""
    while True:
        number = ids.order_number(day)
        if db.session.scalar(select(Order.id).where(Order.number == number)) is None:
            return number
