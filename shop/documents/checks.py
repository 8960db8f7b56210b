"""What must hold of invoices and credit notes: for ``flask doctor`` and for tests."""

from sqlalchemy import func, select

from shop.core.db import db
from shop.documents.bill_data import read
from shop.documents.models import Invoice, StoreCounter
from shop.payment.models import Refund


def differences() -> list[str]:
    """Gaps in the numbers and sums that do not add up: a sentence each, with ids."""
    return [*_gaps(), *_sums(), *_refunds(), *_credited()]


def _gaps() -> list[str]:
    counted = (
        select(
            Invoice.store_id,
            Invoice.series,
            func.count(Invoice.id).label("many"),
            func.max(Invoice.number).label("last"),
        )
        .group_by(Invoice.store_id, Invoice.series)
        .subquery()
    )
    both = (StoreCounter.store_id == counted.c.store_id) & (StoreCounter.series == counted.c.series)
    rows = db.session.execute(
        select(
            StoreCounter.store_id,
            StoreCounter.series,
            StoreCounter.last,
            func.coalesce(counted.c.many, 0),
            func.coalesce(counted.c.last, 0),
        ).outerjoin(counted, both)
    ).all()
    wrong = [
        f"store {store}: {many} papers of series {series} up to number {last}, counter at {kept}"
        for store, series, kept, many, last in rows
        if not many == last == kept
    ]
    uncounted = db.session.execute(
        select(counted.c.store_id, counted.c.series)
        .outerjoin(StoreCounter, both)
        .where(StoreCounter.store_id.is_(None))
    )
    return wrong + [f"store {store}: series {series} has no counter" for store, series in uncounted]


def _sums() -> list[str]:
    wrong = []
    for row in db.session.scalars(select(Invoice).execution_options(yield_per=500)):
        bill = read(row.snapshot, row.buyer)
        if not bill.sum_minor() == bill.total_minor == row.total_minor:
            wrong.append(
                f"invoice {row.id} ({row.label}): total {row.total_minor}, "
                f"its parts sum to {bill.sum_minor()}"
            )
    return wrong


def _refunds() -> list[str]:
    rows = db.session.execute(
        select(Invoice.id, Invoice.label, Invoice.total_minor, Refund.amount_minor)
        .join(Refund, Refund.id == Invoice.refund_id)
        .where(Invoice.total_minor != Refund.amount_minor)
    )
    return [
        f"invoice {iid} ({label}): credits {total}, its refund gave back {amount}"
        for iid, label, total, amount in rows
    ]


def _credited() -> list[str]:
    """No order is credited more than it was billed."""
    credits = (
        select(Invoice.order_id, func.sum(Invoice.total_minor).label("back"))
        .where(Invoice.series == "credit")
        .group_by(Invoice.order_id)
        .subquery()
    )
    billed = select(Invoice).where(Invoice.series == "invoice").subquery()
    rows = db.session.execute(
        select(credits.c.order_id, credits.c.back, func.coalesce(billed.c.total_minor, 0))
        .outerjoin(billed, billed.c.order_id == credits.c.order_id)
        .where(credits.c.back > func.coalesce(billed.c.total_minor, 0))
    )
    return [f"order {oid}: credited {back}, billed {total}" for oid, back, total in rows]
