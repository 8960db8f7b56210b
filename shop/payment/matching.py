"""A bill beside our books: a pure function that names what does not agree. Amounts are fen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from shop.core.money import percentage
from shop.payment.bills.base import BillKind, BillRow
from shop.payment.reconcile_states import DifferenceKind


@dataclass(frozen=True, slots=True)
class OurPayment:
    """An attempt that the bill names, or that was paid on its day (``due``) and in no bill so far."""

    id: int
    no: str
    amount_minor: int
    paid: bool
    due: bool


@dataclass(frozen=True, slots=True)
class OurRefund:
    """A refund that the bill names, or that was done on its day (``due``) and is in no bill so far.

    ``number`` is the one that the provider knows: ours, or the console's where it was imported. One
    refund at the console may be several of ours, one for each order.
    """

    no: str
    number: str
    amount_minor: int
    done: bool
    due: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A difference as it was found."""

    kind: DifferenceKind
    no: str
    refund_no: str
    here_minor: int
    there_minor: int

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is called among those of its gateway and day."""
        return str(self.kind), self.no, self.refund_no


def number_of(row: BillRow) -> str:
    """How the provider calls a refund; one without any number is the only one of its payment."""
    return row.refund_no or row.provider_refund_id or row.no


def compare(
    rows: Iterable[BillRow],
    payments: Mapping[str, OurPayment],
    refunds: Sequence[OurRefund],
    fee_basis_points: int | None,
) -> list[Found]:
    """Name every difference once. Fees are compared where a rate was agreed, to a fen."""
    found, seen, given = [], set(), set()
    ours: dict[tuple[str, str], list[OurRefund]] = {}
    for refund in refunds:
        ours.setdefault((refund.no, refund.number), []).append(refund)
    for row in rows:
        payment = payments.get(row.no)
        if row.kind == BillKind.PAYMENT:
            seen.add(row.no)
            found += _of_payment(row, payment, fee_basis_points)
        else:
            key = (row.no, number_of(row))
            given.add(key)
            found += _of_refund(row, payment, ours.get(key, []))
    found += [
        Found(DifferenceKind.MISSING_THERE, one.no, "", one.amount_minor, 0)
        for one in payments.values()
        if one.due and one.no not in seen
    ]
    for key, parts in ours.items():
        if key not in given and any(part.due for part in parts):
            amount = sum(part.amount_minor for part in parts)
            found.append(Found(DifferenceKind.MISSING_THERE, *key, amount, 0))
    return found


def _of_payment(row: BillRow, payment: OurPayment | None, rate: int | None) -> list[Found]:
    if payment is None:
        return [Found(DifferenceKind.MISSING_HERE, row.no, "", 0, row.amount_minor)]
    found = []
    if payment.amount_minor != row.amount_minor:
        found.append(
            Found(DifferenceKind.AMOUNT, row.no, "", payment.amount_minor, row.amount_minor)
        )
    elif not payment.paid:
        found.append(Found(DifferenceKind.MISSING_HERE, row.no, "", 0, row.amount_minor))
    if rate is not None:
        due = percentage(row.amount_minor, rate)
        if abs(due - row.fee_minor) > 1:
            found.append(Found(DifferenceKind.FEE, row.no, "", due, row.fee_minor))
    return found


def _of_refund(row: BillRow, payment: OurPayment | None, ours: list[OurRefund]) -> list[Found]:
    number, there = number_of(row), row.refunded_minor
    if payment is None and not ours:
        return [Found(DifferenceKind.MISSING_HERE, row.no, number, 0, there)]
    here = sum(one.amount_minor for one in ours if one.done)
    if not row.moved:
        # Under way or failed there: wrong only when we took it for done, or know nothing of it.
        there = 0
        if ours and not here:
            return []
    if here != there or not ours:
        return [Found(DifferenceKind.REFUND, row.no, number, here, there)]
    return []
