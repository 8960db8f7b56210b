"""The tax of a bill: what the order was charged, or what of it a refund gave back."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from shop.core.db import db
from shop.documents.bill_data import TaxShare
from shop.order.tax_models import OrderTax
from shop.payment.tax_models import RefundTax


@dataclass(frozen=True, slots=True)
class Taxed:
    """``shares`` by rate; ``by_line``: the tax of each line (None: of the delivery), in minor units."""

    shares: tuple[TaxShare, ...] = ()
    by_line: dict[int | None, int] = field(default_factory=dict)


def of_order(order_id: int) -> Taxed:
    """What an order was charged. One statement."""
    rows = db.session.execute(
        select(
            OrderTax.line_id, OrderTax.name, OrderTax.rate, OrderTax.net_minor, OrderTax.tax_minor
        )
        .where(OrderTax.order_id == order_id)
        .order_by(OrderTax.id)
    )
    return _summed(rows)


def of_refund(refund_id: int) -> Taxed:
    """What of it a refund gave back. One statement."""
    rows = db.session.execute(
        select(
            OrderTax.line_id,
            OrderTax.name,
            OrderTax.rate,
            func.sum(RefundTax.net_minor),
            func.sum(RefundTax.tax_minor),
        )
        .join(OrderTax, OrderTax.id == RefundTax.order_tax_id)
        .where(RefundTax.refund_id == refund_id)
        .group_by(OrderTax.id, OrderTax.line_id, OrderTax.name, OrderTax.rate)
        .order_by(OrderTax.id)
    )
    return _summed(rows)


def _summed(rows: Iterable[Any]) -> Taxed:
    rates: dict[tuple[str, int], tuple[int, int]] = {}
    by_line: dict[int | None, int] = {}
    for line_id, name, rate, net, tax in rows:
        before = rates.get((name, rate), (0, 0))
        rates[name, rate] = before[0] + int(net), before[1] + int(tax)
        by_line[line_id] = by_line.get(line_id, 0) + int(tax)
    shares = tuple(TaxShare(rate, name, *sums) for (name, rate), sums in rates.items())
    return Taxed(shares, by_line)
