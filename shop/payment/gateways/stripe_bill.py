"""Stripe's bill of a day: its balance transactions, which name the fee of each movement."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from shop.core import money
from shop.payment.bills.base import BillKind, BillRow, bounds
from shop.payment.gateways import stripe_units
from shop.payment.gateways.base import Unknown
from shop.payment.gateways.stripe_client import StripeClient
from shop.payment.gateways.stripe_notify import read_time

MAX_PAGES = 1000
# One list for each kind: what can be shown within a row depends on it.
_KINDS = {
    "charge": ("data.source",),
    "refund": ("data.source", "data.source.charge"),
    "refund_failure": ("data.source", "data.source.charge"),
}


def fetch(client: StripeClient, day: date) -> list[BillRow]:
    """What moved on a Beijing day, in the currency that was charged.

    Charges that were not made by this shop stand on the same account and are left out. Raises
    ``Unknown`` for a row that cannot be read.
    """
    start, end = bounds(day)
    span = {"gte": int(start.timestamp()), "lt": int(end.timestamp())}
    rows: list[BillRow] = []
    for kind, shown in _KINDS.items():
        params = {"created": span, "type": kind, "expand": list(shown)}
        rows += _rows(client.listed("balance_transactions.list", params, MAX_PAGES), kind)
    return sorted(rows, key=lambda row: (row.at, row.provider_id))


def _rows(listed: Iterator[dict[str, Any]], kind: str) -> Iterator[BillRow]:
    for line in listed:
        try:
            row = _row(line, kind)
        except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError):
            raise Unknown(gateway="stripe", detail=f"balance {line.get('id')!r:.60}") from None
        if row is not None:
            yield row


def _row(line: Mapping[str, Any], kind: str) -> BillRow | None:
    source = line["source"]
    paid = kind == "charge"
    charge = source if paid else source["charge"]
    # The number is written on the payment, and Stripe copies it to its charge.
    no = charge["metadata"].get("attempt_no") or source["metadata"].get("attempt_no")
    if not no:
        return None
    currency = str(source["currency"]).upper()
    amount = stripe_units.to_minor(source["amount"], currency)
    at = read_time(line["created"])
    if at is None or amount <= 0:
        raise ValueError("time or amount")
    return BillRow(
        kind=BillKind.PAYMENT if paid else BillKind.REFUND,
        no=str(no),
        refund_no="" if paid else str(source["metadata"].get("refund_no") or ""),
        provider_id=str(source["payment_intent"]),
        provider_refund_id="" if paid else str(source["id"]),
        amount_minor=amount if paid else 0,
        fee_minor=_fee(line, currency),
        refunded_minor=0 if paid else amount,
        at=at,
        # The money of a refund that failed came back: it moved nothing.
        status="FAILED" if kind == "refund_failure" else "",
    )


def _fee(line: Mapping[str, Any], currency: str) -> int:
    """The fee in the currency of the charge, although it is kept in that of the account; it may be a
    part of our minor unit and is rounded then."""
    settled = str(line["currency"]).upper()
    kept = Decimal(int(line["fee"])).scaleb(-stripe_units.places(settled))
    if settled != currency:
        kept /= Decimal(str(line["exchange_rate"]))
    exact = kept.scaleb(money.exponent(currency))
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))
