"""What ``/_control`` does with a payment by card."""

import json
import time
from dataclasses import asdict
from typing import Any

from shop.sandbox.stripe import refunds, sessions
from shop.sandbox.stripe.desk import current_stripe
from shop.sandbox.stripe.notifies import queue_refund, queue_session
from shop.sandbox.stripe.wire import Refusal

_WORDS = {"SUCCESS": "succeeded", "ABNORMAL": "requires_action", "CLOSED": "failed"}


def knows(number: str) -> bool:
    """Whether ``number`` is that of a page for cards."""
    with current_stripe().base.store.reading() as db:
        return sessions.find(db, "no", number) is not None


def set_endpoint(url: str) -> None:
    """Say where webhooks go, as an account's owner does in the dashboard."""
    with current_stripe().base.store.writing() as db:
        db.execute("DELETE FROM stripe_endpoint")
        db.execute("INSERT INTO stripe_endpoint VALUES (?)", (url,))


def pay(number: str, body: dict[str, Any]) -> str:
    """Pay without a browser (``force``: an expired page too); why not, or ""."""
    desk, now = current_stripe(), time.time()
    with desk.base.store.writing() as db:
        session = sessions.find(db, "no", number)
        if session is None:
            return "resource_missing"
        try:
            session = sessions.pay(db, session, now, force=bool(body.get("force")))
        except Refusal as error:
            return error.code
        queue_session(desk, db, session, "completed", now)
    desk.base.sender.wake()
    return ""


def settle(refund_no: str, status: str) -> str | None:
    """End a refund by the merchant's number; None when it is none of ours, else why not, or ""."""
    desk, now = current_stripe(), time.time()
    with desk.base.store.writing() as db:
        refunds.settle_due(db, now)
        for row in db.execute("SELECT * FROM stripe_refund").fetchall():
            if json.loads(row["metadata"]).get("refund_no") == refund_no:
                break
        else:
            return None
        if status not in _WORDS or row["status"] not in (refunds.PENDING, refunds.ACTION):
            return "status"
        refunds.settle(db, row["id"], _WORDS[status])
        session = sessions.existing(db, row["session_id"])
        queue_refund(desk, db, session, row, _WORDS[status], now)
    desk.base.sender.wake()
    return ""


def give_back(number: str, amount: object) -> str:
    """Give money back in the dashboard, which knows no number of the merchant's; why not, or ""."""
    desk, now = current_stripe(), time.time()
    with desk.base.store.writing() as db:
        session = sessions.find(db, "no", number)
        if session is None or session.intent_id is None:
            return "resource_missing"
        units = round(float(str(amount)) * 100)
        try:
            refunds.create(
                db, {"payment_intent": session.intent_id, "amount": str(units)}, now, 0.0
            )
        except Refusal as error:
            return error.code
    return ""


def describe(number: str) -> dict[str, Any] | None:
    """A page with its refunds and webhooks."""
    with current_stripe().base.store.reading() as db:
        session = sessions.find(db, "no", number)
        if session is None:
            return None
        given = refunds.of(db, session.id)
        notifies = db.execute(
            "SELECT notify_id, url, body, state, attempts, last_answer FROM delivery"
            " WHERE out_trade_no = ? ORDER BY id",
            (number,),
        ).fetchall()
    return {
        **asdict(session),
        "refunds": [dict(row) | {"fen": row["amount"]} for row in given],
        "notifies": [dict(row) for row in notifies],
    }
