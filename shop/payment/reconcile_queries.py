"""Reading what reconciliation kept: differences, and sums that ``flask doctor`` compares."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from shop.core.db import db
from shop.order.models import Order
from shop.payment.models import Payment, PaymentAllocation
from shop.payment.reconcile_models import BillDay, BillItem, Difference


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """A difference as pages show it; ``orders`` are the numbers of the orders that were paid."""

    public_id: str
    gateway: str
    day: date
    kind: str
    no: str
    refund_no: str
    here_minor: int
    there_minor: int
    state: str
    note: str
    resolved_by: str
    resolved_at: datetime | None
    orders: list[str]


@dataclass(frozen=True, slots=True)
class DifferencePage:
    """Some differences, how many there are in each state, and where the next ones begin."""

    rows: list[DifferenceRow]
    open: int
    resolved: int
    next: str


def days_read(days: Sequence[date]) -> set[tuple[str, date]]:
    """Which of these days were reconciled, by gateway."""
    found = db.session.execute(
        select(BillDay.gateway, BillDay.day).where(BillDay.day.in_(days), BillDay.digest != "")
    )
    return {(gateway, day) for gateway, day in found}


def differences(
    store_ids: Sequence[int] | None,
    *,
    state: str = "open",
    kind: str = "",
    after: str = "",
    limit: int = 50,
) -> DifferencePage:
    """Differences, the newest day first; of some stores' orders only, unless ``store_ids`` is None."""
    within = [] if store_ids is None else [_touches(store_ids)]
    if kind:
        within.append(Difference.kind == kind)
    counts = {
        str(name): int(many)
        for name, many in db.session.execute(
            select(Difference.state, func.count()).where(*within).group_by(Difference.state)
        )
    }
    asked = select(Difference).where(*within, Difference.state == state)
    if after:
        last = db.session.execute(
            select(Difference.day, Difference.id).where(Difference.public_id == after)
        ).one_or_none()
        if last is not None:
            older = and_(Difference.day == last.day, Difference.id < last.id)
            asked = asked.where(or_(Difference.day < last.day, older))
    rows = db.session.scalars(
        asked.order_by(Difference.day.desc(), Difference.id.desc()).limit(limit + 1)
    ).all()
    shown = rows[:limit]
    orders: dict[int, list[str]] = {}
    for payment_id, number in db.session.execute(
        select(PaymentAllocation.payment_id, Order.number)
        .join(Order, Order.id == PaymentAllocation.order_id)
        .where(
            PaymentAllocation.payment_id.in_([row.payment_id for row in shown if row.payment_id]),
            *([] if store_ids is None else [Order.store_id.in_(store_ids)]),
        )
        .order_by(Order.id)
    ):
        orders.setdefault(payment_id, []).append(number)
    return DifferencePage(
        [
            DifferenceRow(
                row.public_id,
                row.gateway,
                row.day,
                row.kind,
                row.no,
                row.refund_no,
                row.here_minor,
                row.there_minor,
                row.state,
                row.note,
                row.resolved_by,
                row.resolved_at,
                orders.get(row.payment_id or 0, []),
            )
            for row in shown
        ],
        counts.get("open", 0),
        counts.get("resolved", 0),
        shown[-1].public_id if len(rows) > limit else "",
    )


def _touches(store_ids: Sequence[int]) -> ColumnElement[bool]:
    return (
        select(PaymentAllocation.id)
        .join(Order, Order.id == PaymentAllocation.order_id)
        .where(PaymentAllocation.payment_id == Difference.payment_id, Order.store_id.in_(store_ids))
        .exists()
    )


def open_of(gateway: str, day: date) -> list[Difference]:
    """What is still open of a day."""
    return list(
        db.session.scalars(
            select(Difference)
            .where(Difference.gateway == gateway, Difference.day == day, Difference.state == "open")
            .order_by(Difference.id)
        )
    )


def sums_apart() -> list[str]:
    """For ``flask doctor``: days whose kept sums are not those of their rows, and rows whose payment is
    of another gateway or number; a sentence each, with ids."""
    moved = or_(BillItem.kind == "payment", BillItem.status.in_(["", "SUCCESS"]))
    paid = BillItem.kind == "payment"
    parts = (
        func.coalesce(func.sum(case((paid, 1), else_=0)), 0),
        func.coalesce(func.sum(case((paid, 0), (moved, 1), else_=0)), 0),
        func.coalesce(func.sum(BillItem.amount_minor), 0),
        func.coalesce(func.sum(case((moved, BillItem.refunded_minor), else_=0)), 0),
        func.coalesce(func.sum(case((moved, BillItem.fee_minor), else_=0)), 0),
    )
    wrong = []
    for row in db.session.execute(
        select(BillDay, *parts)
        .outerjoin(BillItem, BillItem.bill_day_id == BillDay.id)
        .group_by(BillDay.id)
    ):
        day: BillDay = row[0]
        kept = (day.payments, day.refunds, day.paid_minor, day.refunded_minor, day.fee_minor)
        real = tuple(int(value) for value in row[1:])
        if kept != real:
            wrong.append(
                f"bill_day {day.id} ({day.gateway} {day.day}): payments, refunds, paid, refunded, fees "
                f"{kept} are kept, its rows say {real}"
            )
    rows = db.session.execute(
        select(BillItem.id, BillItem.no, Payment.id)
        .join(BillDay, BillDay.id == BillItem.bill_day_id)
        .join(Payment, Payment.id == BillItem.payment_id)
        .where((Payment.attempt_no != BillItem.no) | (Payment.gateway != BillDay.gateway))
    )
    return wrong + [
        f"bill_item {bid}: {no} is tied to payment {pid}, which is another" for bid, no, pid in rows
    ]
