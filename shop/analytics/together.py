"""What is bought together, worked out of paid orders.

For two products a and b, ``n_a`` and ``n_b`` are how many orders of the window hold each, ``n_ab`` how
many hold both. The score of b beside a is

    n_ab / sqrt(n_a * n_b)  *  n_ab / (n_ab + SHRINK)

The first factor is the cosine of the two columns "this order holds it": it does not simply name what
everybody buys. The second one shrinks what rests on few orders: a single chance meeting of two rare
goods, whose cosine is 1, would otherwise lead. Pairs seen in fewer than ``LEAST`` orders are no habit
and do not count; neither do orders of more than ``MOST_LINES`` lines, which join everything to everything.

The work goes product by product in batches, each aggregated by the database; in memory lie the counts of
products sold (a number each) and one batch.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from heapq import nlargest
from math import sqrt
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from shop.catalog.models import Product
from shop.catalog.related import Tie
from shop.core.db import db
from shop.order.models import Order, OrderLine
from shop.order.states import OrderState, PaymentState

WINDOW = timedelta(days=180)
BATCH = 500
KEPT = 12
SHRINK = 5
LEAST = 2
MOST_LINES = 40


def batch_after(product_id: int) -> list[int]:
    """The next products, by id."""
    return list(
        db.session.scalars(
            select(Product.id).where(Product.id > product_id).order_by(Product.id).limit(BATCH)
        )
    )


def sold(since: datetime) -> dict[int, int]:
    """How many orders hold each product that was sold since. One statement."""
    line = aliased(OrderLine)
    rows = db.session.execute(
        _paid(select(line.product_id, func.count(line.order_id.distinct())), line, since).group_by(
            line.product_id
        )
    )
    return {product_id: int(count) for product_id, count in rows}


def ties(
    product_ids: Collection[int], since: datetime, counts: Mapping[int, int]
) -> dict[int, list[Tie]]:
    """What is bought together with each of some products, strongest first, at most ``KEPT`` of each;
    an empty list where nothing is. One statement. ``counts``: what ``sold`` gave."""
    found: dict[int, list[Tie]] = {product_id: [] for product_id in product_ids}
    asked = [product_id for product_id in product_ids if counts.get(product_id, 0) >= LEAST]
    if not asked:
        return found
    one, other = aliased(OrderLine), aliased(OrderLine)
    both = func.count(one.order_id.distinct())
    statement = (
        _paid(
            select(one.product_id, other.product_id.label("other_id"), both.label("n")), one, since
        )
        .join(
            other,
            (other.order_id == one.order_id)
            & (other.product_id != one.product_id)
            & (other.cancelled < other.quantity),
        )
        .where(one.product_id.in_(asked))
        .group_by(one.product_id, other.product_id)
        .having(both >= LEAST)
    )
    for row in db.session.execute(statement):
        # An order may have come in since the counts were taken.
        n_a, n_b = max(counts[row.product_id], row.n), max(counts.get(row.other_id, 0), row.n)
        score = row.n / sqrt(n_a * n_b) * row.n / (row.n + SHRINK)
        found[row.product_id].append(Tie(row.other_id, round(score * 1_000_000)))
    return {
        product_id: nlargest(KEPT, some, key=lambda tie: (tie.score, -tie.other_id))
        for product_id, some in found.items()
    }


def _paid(statement: Any, line: Any, since: datetime) -> Any:
    """Lines that were paid for since, and not taken back as a whole."""
    beside = aliased(OrderLine)
    lines = (
        select(func.count())
        .select_from(beside)
        .where(beside.order_id == line.order_id)
        .correlate(line)
        .scalar_subquery()
    )
    return (
        statement.select_from(line)
        .join(Order, Order.id == line.order_id)
        .where(
            Order.paid_at >= since,
            Order.state != OrderState.CANCELLED,
            Order.payment_state.in_([PaymentState.PAID, PaymentState.PARTLY_REFUNDED]),
            line.cancelled < line.quantity,
            lines <= MOST_LINES,
        )
    )
