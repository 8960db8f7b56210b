"""A provider's bill of a day is kept, and what does not agree with our books becomes an open difference."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from shop.core import audit, clock, outbox
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound
from shop.payment import reconcile_books
from shop.payment.bills.base import BillRow, bounds, totals
from shop.payment.matching import Found, OurPayment, compare
from shop.payment.reconcile_models import BillDay, BillItem, Difference
from shop.payment.reconcile_states import DIFFERENCE, DifferenceState

BATCH = 500


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run found: ``new`` differences, those that ``closed`` by themselves, and all still ``open``."""

    new: int
    closed: int
    open: int


def check_day(rows: Iterable[BillRow], day: date) -> None:
    """Raise ``Invalid("bill-other-day")`` for a bill of another Beijing day."""
    start, end = bounds(day)
    for row in rows:
        if not start <= row.at < end:
            raise Invalid("bill-other-day", day=day.isoformat(), no=row.no)


def settle(
    gateway: str, day: date, rows: Sequence[BillRow], fee_basis_points: int | None
) -> Outcome:
    """Keep the bill and bring the differences of the day to what it says; a second time changes nothing.

    An open one that is no longer found closes by itself; what somebody resolved stays resolved.
    """
    kept = _day(gateway, day)
    payments = reconcile_books.payments(gateway, day, rows)
    _keep(kept, rows, payments)
    db.session.flush()  # what is in no bill now is asked for next
    payments = reconcile_books.payments(gateway, day, rows)
    refunds = reconcile_books.refunds(gateway, day, rows)
    found = {one.key: one for one in compare(rows, payments, refunds, fee_basis_points)}
    outcome = _differences(gateway, day, found, payments)
    if outcome.new:
        outbox.record(
            "reconciliation.differed", gateway=gateway, day=day.isoformat(), many=outcome.new
        )
    return outcome


def _day(gateway: str, day: date) -> BillDay:
    """The day's row, which two runs at once take one after the other."""
    make = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(BillDay)
    db.session.execute(
        make.values(gateway=gateway, day=day, created_at=clock.now()).on_conflict_do_nothing(
            index_elements=["gateway", "day"]
        )
    )
    return db.session.scalars(
        select(BillDay)
        .where(BillDay.gateway == gateway, BillDay.day == day)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _keep(kept: BillDay, rows: Sequence[BillRow], payments: dict[str, OurPayment]) -> None:
    """Write the rows down unless this very bill is kept already."""
    named = [(row, payments[row.no].id if row.no in payments else None) for row in rows]
    digest = hashlib.sha256(repr(sorted(named, key=repr)).encode()).hexdigest()
    if kept.digest == digest:
        return
    db.session.execute(delete(BillItem).where(BillItem.bill_day_id == kept.id))
    for first in range(0, len(named), BATCH):
        db.session.execute(
            insert(BillItem),
            [
                {
                    "bill_day_id": kept.id,
                    "kind": str(row.kind),
                    "no": row.no,
                    "refund_no": row.refund_no,
                    "provider_id": row.provider_id,
                    "provider_refund_id": row.provider_refund_id,
                    "amount_minor": row.amount_minor,
                    "refunded_minor": row.refunded_minor,
                    "fee_minor": row.fee_minor,
                    "at": row.at,
                    "status": row.status,
                    "payment_id": payment_id,
                }
                for row, payment_id in named[first : first + BATCH]
            ],
        )
    sums = totals(rows)
    kept.digest, kept.payments, kept.refunds = digest, sums.payments, sums.refunds
    kept.paid_minor, kept.refunded_minor = sums.paid_minor, sums.refunded_minor
    kept.fee_minor = sums.fee_minor


def _differences(
    gateway: str,
    day: date,
    found: dict[tuple[str, str, str], Found],
    payments: dict[str, OurPayment],
) -> Outcome:
    known = {
        (one.kind, one.no, one.refund_no): one
        for one in db.session.scalars(
            select(Difference)
            .where(Difference.gateway == gateway, Difference.day == day)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    }
    new = closed = 0
    for key, one in found.items():
        row = known.get(key)
        if row is None:
            row = Difference(
                gateway=gateway,
                day=day,
                kind=key[0],
                no=one.no,
                refund_no=one.refund_no,
                payment_id=payments[one.no].id if one.no in payments else None,
                state=DifferenceState.OPEN,
            )
            db.session.add(row)
            new += 1
        elif row.state == DifferenceState.RESOLVED and not row.resolved_by:
            DIFFERENCE.check(DifferenceState.RESOLVED, DifferenceState.OPEN)
            row.state, row.resolved_at = DifferenceState.OPEN, None
            new += 1
        if row.state == DifferenceState.OPEN:
            row.here_minor, row.there_minor = one.here_minor, one.there_minor
    for key, row in known.items():
        if key not in found and row.state == DifferenceState.OPEN:
            DIFFERENCE.check(DifferenceState.OPEN, DifferenceState.RESOLVED)
            row.state, row.resolved_at = DifferenceState.RESOLVED, clock.now()
            closed += 1
    left = sum(1 for key in found if key not in known or known[key].state == DifferenceState.OPEN)
    return Outcome(new, closed, left)


def resolve(public_id: str, note: str, *, actor: str, user_id: int | None = None) -> None:
    """Somebody looked at a difference and says how it ended; the note stays with it.

    Raises ``Invalid`` without a note, ``NotFound``, and ``Conflict("difference-closed")``.
    """
    said = " ".join(note.split())[:500]
    if not said:
        raise Invalid("note-missing", field="note")
    moved = db.session.execute(
        update(Difference)
        .where(
            Difference.public_id == public_id,
            Difference.state.in_(DIFFERENCE.sources(DifferenceState.RESOLVED)),
        )
        .values(
            state=DifferenceState.RESOLVED, note=said, resolved_by=actor, resolved_at=clock.now()
        )
        .returning(Difference.id)
    ).scalar()
    if moved is None:
        if db.session.scalar(select(Difference.id).where(Difference.public_id == public_id)):
            raise Conflict("difference-closed")
        raise NotFound("difference-missing")
    audit.write(
        "difference.resolve", f"difference {public_id}", actor=actor, user_id=user_id, note=said
    )
