"""The account's balance: a row with its fee for each charge, each refund, and each that failed."""

import sqlite3
from typing import Any

from shop.sandbox.faults import take_fault
from shop.sandbox.stripe import refunds, sessions
from shop.sandbox.stripe.sessions import Session

_FAULTS = ("bill_row_missing", "bill_wrong_amount", "bill_wrong_fee")
_SESSIONS = "SELECT * FROM stripe_session WHERE paid_at >= ? AND paid_at < ? ORDER BY paid_at DESC"
_REFUNDS = "SELECT * FROM stripe_refund WHERE created >= ? AND created < ? ORDER BY created DESC"


def rows(
    db: sqlite3.Connection, kind: str, start: float, end: float, *, with_charge: bool
) -> list[dict[str, Any]]:
    """Balance transactions of one kind and time, the newest first. Refunds give no fee back."""
    found = []
    if kind == "charge":
        for row in db.execute(_SESSIONS, (start, end)).fetchall():
            session = Session(**row)
            found.append(_line(db, kind, sessions.charge(session), session, fee(session.total)))
    else:
        wanted = {"refund": None, "refund_failure": refunds.FAILED}.get(kind, "none")
        for row in db.execute(_REFUNDS, (start, end)).fetchall():
            if wanted is None or row["status"] == wanted:
                session = sessions.existing(db, row["session_id"])
                source = refunds.describe(row, session)
                if with_charge:
                    source["charge"] = sessions.charge(session)
                found.append(_line(db, kind, source, session, 0))
    return [line for line in found if line]


def fee(amount: int) -> int:
    """Twenty-nine thousandths, half a unit rounded up."""
    return (amount * 29 + 500) // 1000


def _line(
    db: sqlite3.Connection, kind: str, source: dict[str, Any], session: Session, kept: int
) -> dict[str, Any]:
    name, _ = take_fault(db, _FAULTS, session.no, "balance") or ("", {})
    if name == "bill_row_missing":
        return {}
    if name == "bill_wrong_amount":
        source = source | {"amount": source["amount"] + 1}
    if name == "bill_wrong_fee":
        kept += 100
    sign = -1 if kind == "refund" else 1
    return {
        "id": f"txn_{kind}_{source['id']}",
        "object": "balance_transaction",
        "amount": sign * source["amount"],
        "created": source["created"],
        "currency": session.currency,
        "exchange_rate": None,
        "fee": kept,
        "net": sign * source["amount"] - kept,
        "source": source,
        "status": "available",
        "type": kind,
    }
