"""What must hold of the tax that orders were charged."""

from sqlalchemy import case, select

from shop.core.db import db
from shop.order.models import Order, OrderLine
from shop.order.sums import unequal
from shop.order.tax_models import OrderTax


def differences() -> list[str]:
    """Lines and orders whose tax is not the sum of its shares, or that do not add up: with ids."""
    return [*_lines(), *_orders(), *_totals()]


def _lines() -> list[str]:
    each, mine = OrderTax.tax_minor, OrderTax.line_id == OrderLine.id
    rows = unequal((OrderLine.id,), OrderLine.tax_minor, each, OrderTax, mine)
    return [f"order_line {lid}: tax {kept}, its shares sum to {real}" for lid, kept, real in rows]


def _orders() -> list[str]:
    each, mine = OrderTax.tax_minor, OrderTax.order_id == Order.id
    rows = unequal((Order.id, Order.number), Order.tax_minor, each, OrderTax, mine)
    return [
        f"order {oid} ({number}): tax {kept}, of lines and delivery {real}"
        for oid, number, kept, real in rows
    ]


def _totals() -> list[str]:
    """The database keeps this rule as well; a copy of it that lost its constraints is found here."""
    added = case((Order.prices_include_tax, 0), else_=Order.tax_minor)
    real = Order.items_minor + Order.discount_minor + Order.delivery_minor + added
    rows = db.session.execute(
        select(Order.id, Order.number, Order.total_minor, real).where(Order.total_minor != real)
    )
    return [
        f"order {oid} ({number}): total {kept}, goods, offers, delivery and added tax are {due}"
        for oid, number, kept, due in rows
    ]
