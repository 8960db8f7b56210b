"""Webhooks: put down once, signed anew at each try."""

import json
import sqlite3
import time
from typing import Any

from shop.sandbox.faults import take_fault
from shop.sandbox.sender import HELD, LOST, WAITING, add_delivery
from shop.sandbox.stripe import refunds, sessions
from shop.sandbox.stripe.desk import StripeDesk
from shop.sandbox.stripe.sessions import Session
from shop.sandbox.stripe.wire import invent, sign

KIND = "stripe"
_BENT = ("notify_forged", "notify_stale", "notify_tampered")
_FAULTS = ("notify_lost", "notify_duplicate", "notify_delayed", "notify_foreign", *_BENT)


def queue_session(
    desk: StripeDesk, db: sqlite3.Connection, session: Session, kind: str, now: float
) -> None:
    """Tell that a page was paid (``completed``) or ended (``expired``)."""
    content = sessions.describe(session, now, "")
    _queue(desk, db, f"checkout.session.{kind}", content, session, now)


def queue_refund(
    desk: StripeDesk,
    db: sqlite3.Connection,
    session: Session,
    refund: sqlite3.Row,
    status: str,
    due_at: float,
) -> None:
    """Tell how a refund stands, once it does."""
    kind = "refund.failed" if status == refunds.FAILED else "refund.updated"
    _queue(desk, db, kind, refunds.describe(refund, session, status), session, due_at)


def _queue(
    desk: StripeDesk,
    db: sqlite3.Connection,
    kind: str,
    content: dict[str, Any],
    session: Session,
    due_at: float,
) -> None:
    state, copies = WAITING, 1
    name, wish = take_fault(db, _FAULTS, session.no) or ("", {})
    event = {
        "id": invent("evt_"),
        "object": "event",
        "api_version": "2026-10-28.sandbox",
        "created": int(due_at),
        "data": {"object": content},
        "livemode": False,
        "pending_webhooks": 1,
        "type": kind,
    }
    if name == "notify_lost":
        state = LOST
    elif name == "notify_duplicate":
        copies = min(int(wish.get("count", 5)), 100)
    elif name == "notify_delayed" and "seconds" in wish:
        due_at += float(wish["seconds"])
    elif name == "notify_delayed":
        state = HELD
    elif name == "notify_foreign":
        event["account"] = str(wish.get("account", "acct_1Stranger000000"))
    for _ in range(copies):
        add_delivery(
            db,
            notify_id=str(event["id"]),
            out_trade_no=session.no,
            url=desk.webhook_url(db, session.success_url),
            body=json.dumps(event, ensure_ascii=True, separators=(",", ":")),
            state=state,
            due_at=due_at,
            kind=KIND,
            bent=name if name in _BENT else "",
        )


def dress(desk: StripeDesk, body: str, bent: str) -> tuple[str, dict[str, str]]:
    """Body and headers of one try. A signature is minutes young, so each try has its own."""
    now = time.time() - (600 if bent == "notify_stale" else 0)
    secret = "whsec_of_a_stranger" if bent == "notify_forged" else desk.webhook_secret
    headers = {"Content-Type": "application/json", "Stripe-Signature": sign(secret, body, now)}
    if bent == "notify_tampered":
        body = body.replace('"livemode":', '"livemode": ')
    return body, headers
