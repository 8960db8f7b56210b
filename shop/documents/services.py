"""Issuing invoices and credit notes: numbered without gaps, and never changed afterwards."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from shop.core import clock
from shop.core.db import db
from shop.core.errors import Conflict
from shop.documents import bills
from shop.documents.bill_data import Bill
from shop.documents.models import Invoice, StoreCounter
from shop.order import lock, timeline
from shop.order import money as order_money
from shop.order.models import Order
from shop.payment import ledger
from shop.payment.models import Payment, Refund


def issue(order_id: int, *, actor: str) -> Invoice:
    """The invoice of an order, issued now unless it was before; with it the credit note of every refund
    that is done and has none.

    Raises ``NotFound`` and ``Conflict("invoice-too-early")``: only what was paid is billed.
    """
    order = lock.order(order_id)  # before the counter: locks are taken in one order everywhere
    invoice = invoice_of(order_id)
    if invoice is None:
        if order.paid_at is None or not order_money.went_going(order_id):
            raise Conflict("invoice-too-early")
        invoice = _keep(order, bills.of_order(order), None)
        timeline.note(order_id, "invoiced", actor=actor, label=invoice.label)
    for refund in _uncredited(order_id):
        bill = bills.of_refund(order, refund, invoice)
        note = _keep(order, bill, refund.id)
        timeline.note(
            order_id, "credited", actor=actor, label=note.label, amount_minor=note.total_minor
        )
    return invoice


def _uncredited(order_id: int) -> Sequence[Refund]:
    """Refunds of billed money that are done; money that was paid twice was never billed."""
    return db.session.scalars(
        select(Refund)
        .join(Payment, Payment.id == Refund.payment_id)
        .outerjoin(Invoice, Invoice.refund_id == Refund.id)
        .where(
            Refund.order_id == order_id,
            Refund.state.in_(ledger.RETURNED),
            Payment.flag != ledger.SURPLUS,
            Invoice.id.is_(None),
        )
        .order_by(Refund.id)
        .execution_options(populate_existing=True)
    ).all()


def invoice_of(order_id: int) -> Invoice | None:
    """The invoice of an order, when it was issued."""
    return db.session.scalar(
        select(Invoice).where(Invoice.order_id == order_id, Invoice.series == "invoice")
    )


def _keep(order: Order, draft: Bill, refund_id: int | None) -> Invoice:
    number = _next(order.store_id, draft.series)
    moment = clock.now()
    bill = bills.numbered(draft, order.store_id, number, moment)
    snapshot, buyer = bill.kept()
    row = Invoice(
        store_id=order.store_id,
        series=bill.series,
        number=number,
        label=bill.label,
        order_id=order.id,
        refund_id=refund_id,
        issued_at=moment,
        currency=bill.currency,
        total_minor=bill.total_minor,
        snapshot=snapshot,
        buyer=buyer,
    )
    db.session.add(row)
    db.session.flush()  # the unique numbers decide here, while the caller can still be told
    return row


def _next(store_id: int, series: str) -> int:
    """The next number: whoever comes later waits for this transaction, and a rollback gives it back."""
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(StoreCounter)
    number = db.session.scalar(
        insert.values(store_id=store_id, series=series, last=1)
        .on_conflict_do_update(
            index_elements=["store_id", "series"], set_={"last": StoreCounter.last + 1}
        )
        .returning(StoreCounter.last)
    )
    return int(number or 0)
