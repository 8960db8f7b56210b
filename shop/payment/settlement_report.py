"""What a store is owed of a month: payments, refunds and fees by Beijing day and gateway."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from shop.core.db import db
from shop.core.money import split
from shop.order.models import Order
from shop.payment import cards, ledger
from shop.payment.bills.base import bounds, day_of
from shop.payment.models import Payment, PaymentAllocation, Refund
from shop.payment.reconcile_models import BillItem
from shop.payment.states import AttemptState


@dataclass(slots=True)
class SettlementRow:
    """A day of a gateway; amounts in minor units of the store's currency."""

    day: date
    gateway: str
    payments: int = 0
    paid_minor: int = 0
    refunds: int = 0
    refunded_minor: int = 0
    fee_minor: int = 0

    @property
    def net_minor(self) -> int:
        """What is left for the store."""
        return self.paid_minor - self.refunded_minor - self.fee_minor


def of_month(store_ids: Sequence[int], first: date) -> list[SettlementRow]:
    """The month that begins on ``first``. Surplus payments count, and so do the refunds they end in;
    what gift cards pay moves no money, since the store had it when it issued them.

    Fees are those of the bills that were reconciled, shared among the stores of a payment by amount.
    """
    start, end = _bounds(first)
    rows: dict[tuple[date, str], SettlementRow] = {}

    def row(at: datetime | None, gateway: str) -> SettlementRow:
        key = (day_of(at or start), gateway)  # the query asks for rows with a time only
        return rows.setdefault(key, SettlementRow(*key))

    for at, gateway, amount in db.session.execute(
        select(Payment.paid_at, Payment.gateway, PaymentAllocation.amount_minor)
        .join(PaymentAllocation, PaymentAllocation.payment_id == Payment.id)
        .join(Order, Order.id == PaymentAllocation.order_id)
        .where(
            Order.store_id.in_(store_ids),
            Payment.state == AttemptState.PAID,
            Payment.amount_minor > 0,
            Payment.gateway != cards.GATEWAY,
            Payment.paid_at >= start,
            Payment.paid_at < end,
        )
    ):
        one = row(at, gateway)
        one.payments += 1
        one.paid_minor += amount
    for at, gateway, amount in db.session.execute(
        select(Refund.done_at, Payment.gateway, Refund.amount_minor)
        .join(Payment, Payment.id == Refund.payment_id)
        .join(Order, Order.id == Refund.order_id)
        .where(
            Order.store_id.in_(store_ids),
            Refund.state.in_(ledger.RETURNED),
            Payment.gateway != cards.GATEWAY,
            Refund.done_at >= start,
            Refund.done_at < end,
        )
    ):
        one = row(at, gateway)
        one.refunds += 1
        one.refunded_minor += amount
    for at, gateway, fee in _fees(store_ids, start, end):
        row(at, gateway).fee_minor += fee
    return sorted(rows.values(), key=lambda one: (one.day, one.gateway), reverse=True)


def _fees(
    store_ids: Sequence[int], start: datetime, end: datetime
) -> list[tuple[datetime, str, int]]:
    items = db.session.execute(
        select(
            BillItem.id,
            BillItem.at,
            BillItem.fee_minor,
            Payment.gateway,
            PaymentAllocation.amount_minor,
            Order.store_id,
        )
        .join(Payment, Payment.id == BillItem.payment_id)
        .join(PaymentAllocation, PaymentAllocation.payment_id == Payment.id)
        .join(Order, Order.id == PaymentAllocation.order_id)
        .where(
            BillItem.at >= start,
            BillItem.at < end,
            BillItem.fee_minor != 0,
            BillItem.status.in_(["", "SUCCESS"]),
            select(Order.id)
            .join(PaymentAllocation, PaymentAllocation.order_id == Order.id)
            .where(
                PaymentAllocation.payment_id == BillItem.payment_id, Order.store_id.in_(store_ids)
            )
            .correlate(BillItem)
            .exists(),
        )
        .order_by(BillItem.id, PaymentAllocation.id)
    ).all()
    shares: dict[int, list[tuple[datetime, str, int, int, int]]] = {}
    for item_id, at, fee, gateway, amount, store_id in items:
        shares.setdefault(item_id, []).append((at, gateway, fee, amount, store_id))
    return [
        (at, gateway, part)
        for parts in shares.values()
        for (at, gateway, _, _, store_id), part in zip(
            parts, split(parts[0][2], [part[3] for part in parts]), strict=True
        )
        if store_id in store_ids
    ]


def _bounds(first: date) -> tuple[datetime, datetime]:
    following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    return bounds(first)[0], bounds(following)[0]
