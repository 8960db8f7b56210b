"""Tax by month, place and rate: what paid orders were charged, and what refunds gave back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, case, func, select

from shop.core.db import db
from shop.order.models import Order
from shop.order.tax_models import OrderTax
from shop.payment import ledger
from shop.payment.models import Refund
from shop.payment.tax_models import RefundTax

_Key = tuple[int, str, str, str, int]


@dataclass(frozen=True, slots=True)
class TaxRow:
    """One rate of one place in one month (1 to 12). Amounts in minor units, ``rate`` in hundred-thousandths.

    ``net_minor`` and ``tax_minor``: of orders paid in the month. ``back_minor``: tax in refunds of the month,
    whenever their orders were paid.
    """

    month: int
    country: str
    region: str
    name: str
    rate: int
    orders: int = 0
    net_minor: int = 0
    tax_minor: int = 0
    back_minor: int = 0

    @property
    def due_minor(self) -> int:
        """What is left of the tax after refunds; below nothing in a month of refunds."""
        return self.tax_minor - self.back_minor


def of_year(store_ids: Sequence[int], year: int, zone: ZoneInfo) -> list[TaxRow]:
    """Every month's rates, the newest month first, as the store's calendar has them. Two statements."""
    edges = [_edge(year, month, zone) for month in range(1, 14)]
    place = (OrderTax.country, OrderTax.region, OrderTax.name, OrderTax.rate)
    month = _month(Order.paid_at, edges)
    charged: dict[_Key, tuple[int, int, int]] = {
        _key(row): (int(row[5]), int(row[6]), int(row[7]))
        for row in db.session.execute(
            select(
                month.label("month"),
                *place,
                func.count(Order.id.distinct()),
                func.sum(OrderTax.net_minor),
                func.sum(OrderTax.tax_minor),
            )
            .join(Order, Order.id == OrderTax.order_id)
            .where(
                Order.store_id.in_(store_ids),
                Order.paid_at >= edges[0],
                Order.paid_at < edges[12],
            )
            .group_by("month", *place)
        )
    }
    moment = func.coalesce(Refund.done_at, Refund.created_at)
    returned = _month(moment, edges)
    back: dict[_Key, int] = {
        _key(row): int(row[5])
        for row in db.session.execute(
            select(returned.label("month"), *place, func.sum(RefundTax.tax_minor))
            .join(RefundTax, RefundTax.order_tax_id == OrderTax.id)
            .join(Refund, Refund.id == RefundTax.refund_id)
            .join(Order, Order.id == OrderTax.order_id)
            .where(
                Order.store_id.in_(store_ids),
                Refund.state.in_(ledger.RETURNED),
                moment >= edges[0],
                moment < edges[12],
            )
            .group_by("month", *place)
        )
    }
    return [
        TaxRow(*key, *charged.get(key, (0, 0, 0)), back.get(key, 0))
        for key in sorted(charged.keys() | back.keys(), key=lambda key: (-key[0], *key[1:]))
    ]


def _key(row: Any) -> _Key:
    return int(row[0]), row[1], row[2], row[3], int(row[4])


def _edge(year: int, month: int, zone: ZoneInfo) -> datetime:
    """When a month begins there; the 13th is the first of the next year."""
    return datetime(year + (month - 1) // 12, (month - 1) % 12 + 1, 1, tzinfo=zone).astimezone(UTC)


def _month(moment: Any, edges: Sequence[datetime]) -> ColumnElement[int]:
    ends = [(moment < edges[number], number) for number in range(1, 12)]
    return case(*ends, else_=12)
