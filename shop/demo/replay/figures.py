"""What was sold in each month: as the file says, and as the shop says."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from shop.core.db import db
from shop.demo.replay.reading import ZONE, Invoice
from shop.order.models import Order
from shop.payment.models import Refund
from shop.payment.states import ACTIVE_REFUNDS

Months = Counter[str]
"""Month ("2010-12", of the seller's clock) → minor units, sales less what was taken back."""


def of_file(invoices: Iterable[Invoice]) -> Months:
    """A plain sum over the good lines."""
    months: Months = Counter()
    for invoice in invoices:
        amount = sum(line.price_minor * line.quantity for line in invoice.lines)
        months[_month(invoice.at)] += -amount if invoice.back else amount
    return months


def of_shop(store_id: int) -> Months:
    """What the store's orders cost, less their refunds, by the months in which either was."""
    months: Months = Counter()
    orders = select(Order.placed_at, Order.total_minor).where(Order.store_id == store_id)
    for at, amount in db.session.execute(orders):
        months[_month(at)] += amount
    back = (
        select(Refund.created_at, Refund.amount_minor)
        .join(Order, Order.id == Refund.order_id)
        .where(Order.store_id == store_id, Refund.state.in_(ACTIVE_REFUNDS))
    )
    for at, amount in db.session.execute(back):
        months[_month(at)] -= amount
    return months


def _month(at: datetime) -> str:
    return f"{at.astimezone(ZoneInfo(ZONE)):%Y-%m}"
