"""What a store sold: per day against the days before, and which goods."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import case, func, select

from shop.analytics.periods import Period
from shop.catalog.models import Image, Product, ProductTranslation
from shop.core.db import db
from shop.core.i18n import pick
from shop.core.lookups import Lookup, Rows, askable
from shop.order.models import Order, OrderLine


@dataclass(frozen=True, slots=True)
class Day:
    """One day: orders paid on it and what they came to, in minor units."""

    day: date
    orders: int
    sales_minor: int
    before_minor: int


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums of a period."""

    orders: int
    sales_minor: int

    @property
    def average_minor(self) -> int:
        """What an order came to in the mean; 0 without orders."""
        return round(self.sales_minor / self.orders) if self.orders else 0


@dataclass(frozen=True, slots=True)
class Sales:
    """A period day by day, and the period before it in sum."""

    days: list[Day]
    now: Totals
    before: Totals

    @property
    def highest(self) -> Day:
        """The best day."""
        return max(self.days, key=lambda day: day.sales_minor)


@askable
def per_day(store_ids: Sequence[int], period: Period) -> Lookup[Sales]:
    """Orders by the day they were paid (cash on delivery: received), before refunds. One statement."""
    first = -period.days
    ends = [
        (Order.paid_at < period.start_of(index + 1), index) for index in range(first, period.days)
    ]
    dated = (
        select(case(*ends, else_=period.days).label("place"), Order.total_minor)
        .where(
            Order.store_id.in_(store_ids),
            Order.paid_at >= period.start_of(first),
            Order.paid_at < period.start_of(period.days),
        )
        .subquery()
    )
    return Lookup(
        lambda rows: _sales(rows, period),
        select(
            dated.c.place,
            func.count().label("orders"),
            func.sum(dated.c.total_minor).label("total"),
        ).group_by(dated.c.place),
    )


def _sales(rows: Rows, period: Period) -> Sales:
    first = -period.days
    found = {int(place): (int(orders), int(total)) for place, orders, total in rows}

    def at(index: int) -> tuple[int, int]:
        return found.get(index, (0, 0))

    days = [
        Day(period.day(index), *at(index), before_minor=at(index - period.days)[1])
        for index in range(period.days)
    ]
    before = [at(index) for index in range(first, 0)]
    return Sales(
        days,
        Totals(sum(day.orders for day in days), sum(day.sales_minor for day in days)),
        Totals(sum(orders for orders, _ in before), sum(total for _, total in before)),
    )


@dataclass(frozen=True, slots=True)
class TopProduct:
    """A product by what it sold for in a period, after discounts."""

    public_id: str
    title: str
    image_name: str | None
    units: int
    sales_minor: int


def top_products(
    store_ids: Sequence[int], period: Period, locale: str, limit: int = 6
) -> list[TopProduct]:
    """The goods that brought most, of orders paid in the period. Two statements."""
    worth = func.sum(OrderLine.unit_price_minor * OrderLine.quantity + OrderLine.discount_minor)
    rows = db.session.execute(
        select(OrderLine.product_id, Product.public_id, func.sum(OrderLine.quantity), worth)
        .join(Order, Order.id == OrderLine.order_id)
        .join(Product, Product.id == OrderLine.product_id)
        .where(
            Order.store_id.in_(store_ids),
            Order.paid_at >= period.start_of(0),
            Order.paid_at < period.start_of(period.days),
        )
        .group_by(OrderLine.product_id, Product.public_id)
        .order_by(worth.desc(), OrderLine.product_id)
        .limit(limit)
    ).all()
    about = faces([row[0] for row in rows], locale)
    return [
        TopProduct(public_id, *about.get(product_id, ("", None)), int(units), int(total))
        for product_id, public_id, units, total in rows
    ]


@askable
def faces(product_ids: Sequence[int], locale: str) -> Lookup[dict[int, tuple[str, str | None]]]:
    """Title and first picture (its stem) of some products. One statement."""

    def read(texts: Rows, images: Rows) -> dict[int, tuple[str, str | None]]:
        titles: dict[int, dict[str, Any]] = {}
        for product_id, language, title in texts:
            titles.setdefault(product_id, {})[language] = title
        pictures = {product_id: name or "" for product_id, name in images}
        return {
            product_id: (pick(titles.get(product_id), locale), pictures.get(product_id))
            for product_id in product_ids
        }

    return Lookup(
        read,
        select(
            ProductTranslation.product_id, ProductTranslation.locale, ProductTranslation.title
        ).where(ProductTranslation.product_id.in_(product_ids)),
        select(Image.product_id, Image.name)
        .where(Image.product_id.in_(product_ids), Image.name.is_not(None))
        .order_by(Image.position.desc(), Image.id.desc()),
    )
