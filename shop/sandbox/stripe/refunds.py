"""Refunds: done at once, or by a fault under way, in need of a person, or failed."""

import json
import sqlite3
from typing import Any

from shop.sandbox.faults import take_fault
from shop.sandbox.stripe.sessions import Session, existing, find
from shop.sandbox.stripe.wire import Refusal, invent, metadata, missing, number, text

SUCCEEDED, PENDING, ACTION, FAILED = "succeeded", "pending", "requires_action", "failed"
_FAULTS = {"refund_abnormal": ACTION, "refund_closed": FAILED, "refund_pending": SUCCEEDED}
NEVER = 10**9


def create(
    db: sqlite3.Connection, body: dict[str, Any], now: float, seconds: float
) -> tuple[sqlite3.Row, Session]:
    """Give back out of a payment; raises ``Refusal``."""
    intent = text(body, "payment_intent", size=80)
    session = find(db, "intent_id", intent)
    if session is None:
        raise missing(f"payment_intent: '{intent}'")
    settle_due(db, now)
    session = existing(db, session.id)
    left = session.total - session.refunded
    amount = number(body, "amount") if "amount" in body else left
    if amount > left or not amount:
        code = "amount_too_large" if left else "charge_already_refunded"
        raise Refusal(400, code, "Refund amount is greater than unrefunded amount on charge")
    status, becomes, due_at = SUCCEEDED, SUCCEEDED, now
    fault = take_fault(db, tuple(_FAULTS), session.no)
    if fault is not None:
        status, becomes = PENDING, _FAULTS[fault[0]]
        due_at = now + (NEVER if fault[0] == "refund_pending" else seconds)
    number_ = invent("re_")
    db.execute(
        "INSERT INTO stripe_refund VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            number_,
            session.id,
            amount,
            json.dumps(metadata(body, "metadata")),
            now,
            status,
            becomes,
            due_at,
        ),
    )
    db.execute(
        "UPDATE stripe_session SET refunded = refunded + ? WHERE id = ?", (amount, session.id)
    )
    return row(db, number_), existing(db, session.id)


def row(db: sqlite3.Connection, number_: str) -> sqlite3.Row:
    """A refund that is known."""
    found: sqlite3.Row = db.execute(
        "SELECT * FROM stripe_refund WHERE id = ?", (number_,)
    ).fetchone()
    return found


def of(db: sqlite3.Connection, session_id: str) -> list[sqlite3.Row]:
    """The refunds of a page, the newest first."""
    return db.execute(
        "SELECT * FROM stripe_refund WHERE session_id = ? ORDER BY created DESC, id", (session_id,)
    ).fetchall()


def settle_due(db: sqlite3.Connection, now: float) -> None:
    """What was under way has become what it becomes."""
    due = db.execute(
        "SELECT id, becomes FROM stripe_refund WHERE status = ? AND due_at <= ?", (PENDING, now)
    ).fetchall()
    for one in due:
        settle(db, one["id"], one["becomes"])


def settle(db: sqlite3.Connection, number_: str, status: str) -> None:
    """End a refund; one that failed gives its amount back to the payment."""
    refund = row(db, number_)
    db.execute("UPDATE stripe_refund SET status = ? WHERE id = ?", (status, number_))
    if status == FAILED:
        db.execute(
            "UPDATE stripe_session SET refunded = refunded - ? WHERE id = ?",
            (refund["amount"], refund["session_id"]),
        )


def describe(refund: sqlite3.Row, session: Session, status: str = "") -> dict[str, Any]:
    """A refund as answers and webhooks show it."""
    return {
        "id": refund["id"],
        "object": "refund",
        "amount": refund["amount"],
        "charge": session.charge_id,
        "created": int(refund["created"]),
        "currency": session.currency,
        "metadata": json.loads(refund["metadata"]),
        "payment_intent": session.intent_id,
        "status": status or refund["status"],
    }
