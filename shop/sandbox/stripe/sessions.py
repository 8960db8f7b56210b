"""The life of a page (open → complete | expired) and of the charge that completes it."""

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from shop.sandbox.faults import take_fault
from shop.sandbox.stripe.wire import Refusal, invalid, invent, metadata, missing, number, text

# Amounts are the currency's smallest units, times are seconds since the epoch.
SCHEMA = """
CREATE TABLE IF NOT EXISTS stripe_session (
    id TEXT PRIMARY KEY,
    no TEXT NOT NULL,
    currency TEXT NOT NULL,
    asked INTEGER NOT NULL CHECK (asked > 0),
    total INTEGER NOT NULL CHECK (total > 0),
    refunded INTEGER NOT NULL DEFAULT 0 CHECK (refunded BETWEEN 0 AND total),
    subject TEXT NOT NULL,
    success_url TEXT NOT NULL,
    cancel_url TEXT NOT NULL,
    metadata TEXT NOT NULL,
    intent_metadata TEXT NOT NULL,
    created REAL NOT NULL,
    expires_at REAL NOT NULL,
    status TEXT NOT NULL,
    intent_id TEXT UNIQUE,
    charge_id TEXT UNIQUE,
    paid_at REAL
);
CREATE INDEX IF NOT EXISTS stripe_session_no ON stripe_session (no);
CREATE TABLE IF NOT EXISTS stripe_refund (
    id TEXT PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES stripe_session (id),
    amount INTEGER NOT NULL CHECK (amount > 0),
    metadata TEXT NOT NULL,
    created REAL NOT NULL,
    status TEXT NOT NULL,
    becomes TEXT NOT NULL,
    due_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS stripe_key (
    key TEXT PRIMARY KEY,
    digest TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS stripe_endpoint (url TEXT PRIMARY KEY);
"""
OPEN, COMPLETE, EXPIRED = "open", "complete", "expired"
LEAST_SECONDS, MOST_SECONDS = 30 * 60, 24 * 3600


@dataclass(frozen=True, slots=True)
class Session:
    """One page of the sandbox's ledger."""

    id: str
    no: str
    currency: str
    asked: int
    total: int
    refunded: int
    subject: str
    success_url: str
    cancel_url: str
    metadata: str
    intent_metadata: str
    created: float
    expires_at: float
    status: str
    intent_id: str | None
    charge_id: str | None
    paid_at: float | None

    def status_at(self, now: float) -> str:
        """A page ends by itself."""
        return EXPIRED if self.status == OPEN and self.expires_at <= now else self.status


def find(db: sqlite3.Connection, column: str, value: str) -> Session | None:
    """The newest page by ``id``, ``no`` (the merchant's) or ``intent_id``."""
    query = {
        "id": "SELECT * FROM stripe_session WHERE id = ?",
        "no": "SELECT * FROM stripe_session WHERE no = ? ORDER BY created DESC LIMIT 1",
        "intent_id": "SELECT * FROM stripe_session WHERE intent_id = ?",
    }[column]
    row = db.execute(query, (value,)).fetchone()
    return Session(**row) if row else None


def existing(db: sqlite3.Connection, page: str) -> Session:
    """A page that is known; raises ``Refusal``."""
    session = find(db, "id", page)
    if session is None:
        raise missing(f"checkout.session: '{page}'")
    return session


def open_page(db: sqlite3.Connection, body: dict[str, Any], now: float) -> Session:
    """Order a page for one sum; raises ``Refusal``."""
    if body.get("mode") != "payment":
        raise invalid("mode")
    currency = text(body, "line_items", "0", "price_data", "currency", size=3)
    unit = number(body, "line_items", "0", "price_data", "unit_amount")
    total = unit * number(body, "line_items", "0", "quantity")
    urls = [text(body, name) for name in ("success_url", "cancel_url")]
    if not all(url.startswith(("http://", "https://")) for url in urls):
        raise Refusal(400, "url_invalid", "Not a valid URL")
    expires_at = now + MOST_SECONDS
    if "expires_at" in body:
        wish = text(body, "expires_at", size=12)
        expires_at = float(wish) if wish.isdecimal() else 0
        if not now + LEAST_SECONDS <= expires_at <= now + MOST_SECONDS:
            raise invalid("expires_at: between 30 minutes and 24 hours from now")
    page = invent("cs_test_", 58)
    db.execute(
        "INSERT INTO stripe_session (id, no, currency, asked, total, subject, success_url,"
        " cancel_url, metadata, intent_metadata, created, expires_at, status)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            page,
            text(body, "client_reference_id", size=200),
            currency.lower(),
            total,
            total,
            text(body, "line_items", "0", "price_data", "product_data", "name", size=250),
            *urls,
            json.dumps(metadata(body, "metadata")),
            json.dumps(metadata(body, "payment_intent_data", "metadata")),
            now,
            expires_at,
            OPEN,
        ),
    )
    return existing(db, page)


def pay(db: sqlite3.Connection, session: Session, now: float, *, force: bool = False) -> Session:
    """The card is charged; ``force`` even after the page has expired."""
    status = session.status_at(now)
    if status == COMPLETE or (status == EXPIRED and not force):
        raise Refusal(400, f"session_{status}", f"This page is {status}")
    total = session.asked
    fault = take_fault(db, ("wrong_amount",), session.no)
    if fault is not None:
        total = max(1, round(float(fault[1].get("amount", "0.01")) * 100))
    db.execute(
        "UPDATE stripe_session SET status = ?, total = ?, paid_at = ?, intent_id = ?, charge_id = ?"
        " WHERE id = ?",
        (COMPLETE, total, now, invent("pi_"), invent("ch_"), session.id),
    )
    return existing(db, session.id)


def expire(db: sqlite3.Connection, session: Session, now: float) -> Session:
    """The merchant ends an open page; raises ``Refusal`` for any other."""
    status = session.status_at(now)
    if status != OPEN:
        said = f"Only Checkout Sessions with a status in [open] can be expired, not {status}"
        raise Refusal(400, "", said)
    db.execute("UPDATE stripe_session SET status = ? WHERE id = ?", (EXPIRED, session.id))
    return existing(db, session.id)


def charge(session: Session) -> dict[str, Any]:
    """The charge of a paid page."""
    return {
        "id": session.charge_id,
        "object": "charge",
        "amount": session.total,
        "amount_refunded": session.refunded,
        "currency": session.currency,
        "created": int(session.paid_at or 0),
        "metadata": json.loads(session.intent_metadata),
        "paid": True,
        "payment_intent": session.intent_id,
        "refunded": session.refunded == session.total,
        "status": "succeeded",
    }


def describe(session: Session, now: float, url: str, *, whole: bool = False) -> dict[str, Any]:
    """A page as answers and webhooks show it, ``whole`` with payment and charge inside."""
    status = session.status_at(now)
    intent: Any = session.intent_id
    if whole and intent:
        intent = {
            "id": session.intent_id,
            "object": "payment_intent",
            "amount": session.total,
            "currency": session.currency,
            "latest_charge": charge(session),
            "metadata": json.loads(session.intent_metadata),
            "status": "succeeded",
        }
    return {
        "id": session.id,
        "object": "checkout.session",
        "amount_subtotal": session.total,
        "amount_total": session.total,
        "cancel_url": session.cancel_url,
        "client_reference_id": session.no,
        "created": int(session.created),
        "currency": session.currency,
        "expires_at": int(session.expires_at),
        "livemode": False,
        "metadata": json.loads(session.metadata),
        "mode": "payment",
        "payment_intent": intent,
        "payment_method_types": ["card"],
        "payment_status": "paid" if session.paid_at is not None else "unpaid",
        "status": status,
        "success_url": session.success_url,
        "url": url if status == OPEN else None,
    }
