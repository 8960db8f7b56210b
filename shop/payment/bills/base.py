"""A bill as plain values, whoever wrote it. Amounts are minor units, times aware and in UTC."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Never

from shop.core.errors import Invalid
from shop.core.money import MAX_MINOR

# China keeps UTC+8 all year; both providers cut their days there.
BEIJING = timezone(timedelta(hours=8))
MAX_BYTES = 64 << 20
"""A bill is at most this large once unpacked: some hundred thousand rows."""


class BillKind(StrEnum):
    """What a row tells."""

    PAYMENT = "payment"
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class BillRow:
    """One movement of money. ``no`` and ``refund_no`` are ours, unless somebody acted at the provider.

    ``amount_minor`` is what was paid (0 in a refund's row), ``refunded_minor`` what went back (0 in a
    payment's row), ``fee_minor`` what the provider kept for it: negative where it gave a fee back.
    """

    kind: BillKind
    no: str
    refund_no: str
    provider_id: str
    provider_refund_id: str
    amount_minor: int
    fee_minor: int
    refunded_minor: int
    at: datetime
    status: str

    @property
    def moved(self) -> bool:
        """Whether money moved: a refund that is under way or failed stands in a bill, too."""
        return self.kind == BillKind.PAYMENT or self.status in {"", "SUCCESS"}


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of the rows whose money moved."""

    payments: int
    refunds: int
    paid_minor: int
    refunded_minor: int
    fee_minor: int


def totals(rows: Sequence[BillRow]) -> Totals:
    """Add up what moved."""
    paid = [row for row in rows if row.kind == BillKind.PAYMENT]
    back = [row for row in rows if row.kind == BillKind.REFUND and row.moved]
    return Totals(
        len(paid),
        len(back),
        sum(row.amount_minor for row in paid),
        sum(row.refunded_minor for row in back),
        sum(row.fee_minor for row in [*paid, *back]),
    )


def refuse(line: int, what: str) -> Never:
    """Raise ``Invalid("bill-unreadable")`` naming the line (1 is the first) and what is wrong there."""
    raise Invalid("bill-unreadable", line=line, what=what)


def read_minor(text: str, line: int, what: str) -> int:
    """Yuan with up to five decimals as exact fen; a part of a fen is refused."""
    try:
        value = Decimal(text.strip()).scaleb(2)
    except InvalidOperation:
        refuse(line, what)
    if "_" in text or not value.is_finite() or len(text) > 24 or abs(value) >= MAX_MINOR:
        refuse(line, what)
    if value != value.to_integral_value():
        refuse(line, what)
    return int(value)


def read_moment(text: str, line: int) -> datetime:
    """A Beijing time, in UTC."""
    try:
        moment = datetime.strptime(text.strip(), "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - Beijing, next line
    except ValueError:
        refuse(line, "time")
    return moment.replace(tzinfo=BEIJING).astimezone(UTC)


def day_of(moment: datetime) -> date:
    """The Beijing day of a moment."""
    return moment.astimezone(BEIJING).date()


def bounds(day: date) -> tuple[datetime, datetime]:
    """When a Beijing day begins and ends, in UTC."""
    start = datetime(day.year, day.month, day.day, tzinfo=BEIJING).astimezone(UTC)
    return start, start + timedelta(days=1)


def check_once(rows: Sequence[tuple[int, BillRow]]) -> None:
    """Refuse a file in which one movement stands twice."""
    seen = set()
    for line, row in rows:
        key = (row.kind, row.no, row.refund_no, row.provider_refund_id, row.provider_id)
        if key in seen:
            refuse(line, "twice")
        seen.add(key)
