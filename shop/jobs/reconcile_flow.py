"""The run of a day: fetch the bill, ask again about what it surprises us with, settle the rest.

Owns its transactions, as ``shop.payment.flows``: the network lies between them. The command and the daily job share it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from shop.core import clock
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, ShopError
from shop.core.transaction import transaction
from shop.payment import (
    console_refunds,
    flows,
    reconcile_books,
    reconcile_queries,
    reconciliation,
    refund_answers,
)
from shop.payment.accounts import opening
from shop.payment.bills import alipay, wechat
from shop.payment.bills.base import BEIJING, BillRow, Totals, totals
from shop.payment.gateways.base import Gateway
from shop.payment.states import AttemptState, RefundState

READERS: Mapping[str, Callable[[bytes], list[BillRow]]] = {
    "alipay": alipay.read,
    "wechatpay": wechat.read,
}
"""What reads a file that somebody brings, by gateway."""

READY = timedelta(hours=10, minutes=30)
"""Time of the next Beijing day from which a bill is fetched by itself; providers promise 10:00."""


@dataclass(frozen=True, slots=True)
class Report:
    """A run in figures: the bill, what was mended by asking, refunds imported, and differences."""

    gateway: str
    day: date
    bill: Totals
    found_paid: int
    found_refunded: int
    imported: int
    outcome: reconciliation.Outcome


def run(
    gateway: str,
    day: date,
    gateways: flows.Gateways,
    *,
    rows: Sequence[BillRow] | None = None,
    rates: Mapping[str, int] | None = None,
) -> Report:
    """Reconcile a gateway's Beijing day, by the bill of the provider or by ``rows`` of a file.

    Raises ``Invalid("bill-too-early")`` before the day is over, ``Invalid("bill-other-day")``,
    ``Invalid("bill-unreadable")``, ``Conflict("bill-unsupported")`` and the gateway's errors.
    """
    if day >= clock.now().astimezone(BEIJING).date():
        raise Invalid("bill-too-early", day=day.isoformat())
    if rows is None:
        rows = _fetch(gateway, day, gateways)
    reconciliation.check_day(rows, day)
    paid = _ask_again(gateway, rows, gateways)
    refunded = _finish(gateway, rows)
    imported = _import(gateway, rows)
    with transaction():
        outcome = reconciliation.settle(gateway, day, rows, (rates or {}).get(gateway))
    return Report(gateway, day, totals(rows), paid, refunded, imported, outcome)


def _fetch(gateway: str, day: date, gateways: flows.Gateways) -> list[BillRow]:
    """The bill of the account in use, with those of others through which money moved on this day."""
    moved = reconcile_books.merchants(gateway, day)
    db.session.rollback()  # no read transaction stays open while the network is waited for
    current = gateways.get(gateway)
    asked = {
        merchant: one
        for one, merchant in reversed(opening.listeners(gateways, gateway))
        if one.capabilities.bill and (one is current or merchant in moved)
    }
    if not asked:
        raise Conflict("bill-unsupported", gateway=gateway)
    return [row for one in asked.values() for row in one.fetch_bill(day)]


def _ask_again(gateway: str, rows: Sequence[BillRow], gateways: flows.Gateways) -> int:
    """A notify was lost and nobody asked since: the provider itself says it once more."""
    if not opening.listeners(gateways, gateway):
        return 0
    found = 0
    for payment_id in reconcile_books.unpaid(gateway, rows):
        try:
            found += flows.refresh(payment_id, gateways, actor="bill") == AttemptState.PAID
        except ShopError:  # what cannot be asked stays a difference
            continue
    return found


def _finish(gateway: str, rows: Sequence[BillRow]) -> int:
    """Refunds of which no answer came, and that the bill tells of."""
    found = reconcile_books.waiting(gateway, rows)
    for refund_id in found:
        with transaction():
            refund_answers.answered(refund_id, RefundState.DONE)
    return len(found)


def _import(gateway: str, rows: Sequence[BillRow]) -> int:
    imported = 0
    for payment_id, row in reconcile_books.strangers(gateway, rows):
        try:
            with transaction():
                imported += console_refunds.take(gateway, payment_id, row)
        except Conflict:  # more than is left: a person has to look
            continue
    return imported


def due(gateways: Mapping[str, Gateway], days: int = 3) -> list[tuple[str, date]]:
    """Bills that are ready and were not read yet, of the last days; the oldest first."""
    now = clock.now().astimezone(BEIJING)
    last = (now - READY).date() - timedelta(days=1)
    names = [name for name, gateway in gateways.items() if gateway.capabilities.bill]
    wanted = [
        (name, last - timedelta(days=back)) for back in reversed(range(days)) for name in names
    ]
    read = reconcile_queries.days_read([day for _, day in wanted])
    return [one for one in wanted if one not in read]
