"""Our side of a reconciliation: the payments and refunds that a bill names, or should have named."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from sqlalchemy import select, union

from shop.core.db import db
from shop.payment.bills.base import BillKind, BillRow, bounds
from shop.payment.matching import OurPayment, OurRefund, number_of
from shop.payment.models import Payment, Refund
from shop.payment.reconcile_models import BillItem
from shop.payment.states import AttemptState, RefundState

_BATCH = 500


def merchants(gateway: str, day: date) -> set[str]:
    """Through whose accounts money of ours came in or went back on a day."""
    start, end = bounds(day)
    paid = select(Payment.merchant).where(
        Payment.gateway == gateway, Payment.paid_at >= start, Payment.paid_at < end
    )
    back = (
        select(Payment.merchant)
        .join(Refund, Refund.payment_id == Payment.id)
        .where(Payment.gateway == gateway, Refund.done_at >= start, Refund.done_at < end)
    )
    return {one for one in db.session.scalars(union(paid, back)) if one is not None}


def payments(gateway: str, day: date, rows: Sequence[BillRow]) -> dict[str, OurPayment]:
    """By number: those that the bill names, and those paid on its day that stand in no bill."""
    columns = select(Payment.id, Payment.attempt_no, Payment.amount_minor, Payment.state)
    found: dict[str, OurPayment] = {}
    for numbers in _batches({row.no for row in rows}):
        for pid, no, amount, state in db.session.execute(
            columns.where(Payment.gateway == gateway, Payment.attempt_no.in_(numbers))
        ):
            found[no] = OurPayment(pid, no, amount, state == AttemptState.PAID, False)
    start, end = bounds(day)
    told = select(BillItem.id).where(
        BillItem.payment_id == Payment.id, BillItem.kind == BillKind.PAYMENT
    )
    for pid, no, amount, _ in db.session.execute(
        columns.where(
            Payment.gateway == gateway,
            Payment.state == AttemptState.PAID,
            Payment.amount_minor > 0,
            Payment.paid_at >= start,
            Payment.paid_at < end,
            ~told.exists(),
        )
    ):
        # One of which the bill names a refund only is missing there, too.
        found[no] = OurPayment(pid, no, amount, True, True)
    return found


def refunds(gateway: str, day: date, rows: Sequence[BillRow]) -> list[OurRefund]:
    """Those that the bill names, by our number or the console's, and those done on its day that stand in
    no bill. What was given back by hand never went through the provider."""
    columns = select(
        Refund.id,
        Payment.attempt_no,
        Refund.refund_no,
        Refund.reference,
        Refund.amount_minor,
        Refund.state,
    ).join(Payment, Payment.id == Refund.payment_id)
    found: dict[int, OurRefund] = {}
    back = [row for row in rows if row.kind == BillKind.REFUND]
    for numbers in _batches({row.no for row in back}):
        for rid, no, refund_no, reference, amount, state in db.session.execute(
            columns.where(Payment.gateway == gateway, Payment.attempt_no.in_(numbers))
        ):
            done = state == RefundState.DONE
            found[rid] = OurRefund(no, reference or refund_no, amount, done, False)
    named = {(row.no, number_of(row)) for row in back}
    found = {rid: one for rid, one in found.items() if (one.no, one.number) in named}
    start, end = bounds(day)
    candidates = db.session.execute(
        columns.where(
            Payment.gateway == gateway,
            Refund.state == RefundState.DONE,
            Refund.done_at >= start,
            Refund.done_at < end,
        )
    ).all()
    told: set[tuple[str, str]] = set()
    for numbers in _batches({row.attempt_no for row in candidates}):
        told.update(
            (no, refund_no or provider or no)
            for no, refund_no, provider in db.session.execute(
                select(BillItem.no, BillItem.refund_no, BillItem.provider_refund_id).where(
                    BillItem.kind == BillKind.REFUND, BillItem.no.in_(numbers)
                )
            )
        )
    for rid, no, refund_no, reference, amount, _ in candidates:
        number = reference or refund_no
        if (no, number) not in told:
            found.setdefault(rid, OurRefund(no, number, amount, True, True))
    return list(found.values())


def unpaid(gateway: str, rows: Sequence[BillRow]) -> list[int]:
    """Attempts that the bill says were paid and that are not paid here: to be asked about once more."""
    numbers = {row.no for row in rows if row.kind == BillKind.PAYMENT}
    return [
        pid
        for batch in _batches(numbers)
        for pid in db.session.scalars(
            select(Payment.id).where(
                Payment.gateway == gateway,
                Payment.attempt_no.in_(batch),
                Payment.state != AttemptState.PAID,
            )
        )
    ]


def waiting(gateway: str, rows: Sequence[BillRow]) -> list[int]:
    """Refunds on their way that the bill says are done, for the same amount."""
    done = {
        row.refund_no: row.refunded_minor
        for row in rows
        if row.kind == BillKind.REFUND and row.moved and row.refund_no
    }
    states = [RefundState.SUBMITTED, RefundState.UNKNOWN, RefundState.PROCESSING]
    return [
        rid
        for batch in _batches(done)
        for rid, number, amount in db.session.execute(
            select(Refund.id, Refund.refund_no, Refund.amount_minor)
            .join(Payment, Payment.id == Refund.payment_id)
            .where(
                Payment.gateway == gateway,
                Refund.refund_no.in_(batch),
                Refund.state.in_(states),
            )
        )
        if done[number] == amount
    ]


def strangers(gateway: str, rows: Sequence[BillRow]) -> list[tuple[int, BillRow]]:
    """Refunds of the bill that are not ours yet, with the paid attempt they belong to."""
    back = [row for row in rows if row.kind == BillKind.REFUND and row.moved]
    ids: dict[str, int] = {}
    known: set[tuple[str, str]] = set()
    for batch in _batches({row.no for row in back}):
        mine = [Payment.gateway == gateway, Payment.attempt_no.in_(batch)]
        ids.update(
            (no, pid)
            for pid, no in db.session.execute(
                select(Payment.id, Payment.attempt_no).where(
                    *mine, Payment.state == AttemptState.PAID
                )
            )
        )
        for no, refund_no, reference in db.session.execute(
            select(Payment.attempt_no, Refund.refund_no, Refund.reference)
            .join(Payment, Payment.id == Refund.payment_id)
            .where(*mine)
        ):
            known.update({(no, refund_no), (no, reference)})
    return [
        (ids[row.no], row)
        for row in back
        if row.no in ids and (row.no, number_of(row)) not in known
    ]


def _batches(numbers: Iterable[str]) -> Iterator[list[str]]:
    every = sorted(numbers)
    for first in range(0, len(every), _BATCH):
        yield every[first : first + _BATCH]
