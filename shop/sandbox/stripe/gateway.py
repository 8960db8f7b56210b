"""``/v1/…``: forms with a bearer key; a repetition under one idempotency key is the same act."""

import hashlib
import hmac
import json
import re
import sqlite3
import time
from typing import Any

from flask import Blueprint, Response, request, url_for

from shop.sandbox.breaking import broken_answer
from shop.sandbox.faults import take_fault
from shop.sandbox.stripe import balance, refunds, sessions
from shop.sandbox.stripe.desk import StripeDesk, current_stripe
from shop.sandbox.stripe.notifies import queue_refund, queue_session
from shop.sandbox.stripe.sessions import Session
from shop.sandbox.stripe.wire import Refusal, missing, read_form, text

bp = Blueprint("stripe_gateway", __name__)

_FAULTS = (
    "answer_timeout",
    "answer_html",
    "answer_empty",
    "answer_500",
    "system_error",
    "refused",
)
_ENDPOINTS = {
    ("POST", r"checkout/sessions"): "create",
    ("GET", r"checkout/sessions"): "list",
    ("GET", r"checkout/sessions/([A-Za-z0-9_]+)"): "query",
    ("POST", r"checkout/sessions/([A-Za-z0-9_]+)/expire"): "close",
    ("POST", r"refunds"): "refund",
    ("GET", r"refunds"): "query_refund",
    ("GET", r"balance_transactions"): "balance",
}
_MOST = 100


@bp.route("/v1/<path:path>", methods=["GET", "POST"])
def gateway(path: str) -> Response:
    """Check who asks, then let the endpoint answer."""
    desk = current_stripe()
    fault: tuple[str, dict[str, Any]] | None = None
    try:
        _check_key(desk)
        name, page = _endpoint(path)
        body = read_form((request.form if request.method == "POST" else request.args).items())
        with desk.base.store.writing() as db:
            fault = take_fault(db, _FAULTS, _trade(db, page, body), name)
        answer = _run(desk, name, page, body, fault)
    except Refusal as error:
        return _write(desk, error.status, json.dumps(error.body()), fault)
    desk.base.sender.wake()
    return _write(desk, 200, answer, fault)


def address_of(desk: StripeDesk, session: Session) -> str:
    """Where the buyer pays."""
    base = desk.base.settings.public_url or request.host_url.rstrip("/")
    return base + url_for("stripe_cashier.show", page=session.id)


def _check_key(desk: StripeDesk) -> None:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), desk.secret_key.encode()):
        raise Refusal(401, "api_key_invalid", "Invalid API Key provided")


def _endpoint(path: str) -> tuple[str, str]:
    for (method, pattern), name in _ENDPOINTS.items():
        match = re.fullmatch(pattern, path)
        if match and method == request.method:
            return name, match[1] if match.groups() else ""
    raise missing(f"endpoint: {request.method} /v1/{path}")


def _trade(db: sqlite3.Connection, page: str, body: dict[str, Any]) -> str:
    """The merchant's number that a request is about."""
    if page:
        session = sessions.find(db, "id", page)
    else:
        session = sessions.find(db, "intent_id", str(body.get("payment_intent", "")))
    return session.no if session else str(body.get("client_reference_id", ""))


def _run(
    desk: StripeDesk,
    name: str,
    page: str,
    body: dict[str, Any],
    fault: tuple[str, dict[str, Any]] | None,
) -> str:
    bent, wish = fault or ("", {})
    if bent == "system_error":
        raise Refusal(409, "lock_timeout", "This object cannot be accessed right now")
    if bent == "refused":
        raise Refusal(400, str(wish.get("sub_code", "parameter_invalid")), "Refused")
    if not wish.get("executed", True):
        return "{}"
    key = request.headers.get("Idempotency-Key", "") if request.method == "POST" else ""
    digest = hashlib.sha256(repr((name, page, body)).encode()).hexdigest()
    with desk.base.store.writing() as db:
        known = db.execute("SELECT * FROM stripe_key WHERE key = ?", (key,)).fetchone()
        if known is not None and known["digest"] != digest:
            said = "Keys for idempotent requests can only be used with the same parameters"
            raise Refusal(400, "", said, "idempotency_error")
        if known is not None:
            return str(known["body"])
        answer = json.dumps(_act(desk, db, name, page, body), ensure_ascii=False)
        if key:
            db.execute("INSERT INTO stripe_key VALUES (?, ?, ?)", (key, digest, answer))
    return answer


def _act(
    desk: StripeDesk, db: sqlite3.Connection, name: str, page: str, body: dict[str, Any]
) -> dict[str, Any]:
    now = time.time()
    refunds.settle_due(db, now)
    if name == "create":
        return _shown(desk, sessions.open_page(db, body, now))
    if name == "query":
        return _shown(desk, sessions.existing(db, page), whole="expand" in body)
    if name == "close":
        session = sessions.expire(db, sessions.existing(db, page), now)
        queue_session(desk, db, session, "expired", now)
        return _shown(desk, session)
    if name == "refund":
        row, session = refunds.create(db, body, now, desk.refund_seconds)
        if row["due_at"] < now + refunds.NEVER / 2:
            queue_refund(desk, db, session, row, row["becomes"], row["due_at"])
        return refunds.describe(row, session)
    if name == "query_refund":
        intent = text(body, "payment_intent", size=80)
        found = sessions.find(db, "intent_id", intent)
        if found is None:
            raise missing(f"payment_intent: '{intent}'")
        return _list(body, [refunds.describe(row, found) for row in refunds.of(db, found.id)])
    if name == "balance":
        start, end = (float(text(body, "created", part, size=12)) for part in ("gte", "lt"))
        shown = "data.source.charge" in body.get("expand", {}).values()
        kind = text(body, "type", size=40)
        return _list(body, balance.rows(db, kind, start, end, with_charge=shown))
    every = db.execute("SELECT * FROM stripe_session ORDER BY created DESC, id").fetchall()
    return _list(body, [_shown(desk, Session(**row)) for row in every])


def _shown(desk: StripeDesk, session: Session, *, whole: bool = False) -> dict[str, Any]:
    return sessions.describe(session, time.time(), address_of(desk, session), whole=whole)


def _list(body: dict[str, Any], rows: list[dict[str, Any]]) -> dict[str, Any]:
    """One page of a list; ``starting_after`` is the last row of the one before."""
    after = body.get("starting_after")
    places = [at for at, row in enumerate(rows) if row["id"] == after]
    first = places[0] + 1 if places else 0
    limit = min(int(text(body, "limit", size=3)), _MOST) if "limit" in body else 10
    return {
        "object": "list",
        "data": rows[first : first + limit],
        "has_more": len(rows) > first + limit,
        "url": request.path,
    }


def _write(
    desk: StripeDesk, status: int, body: str, fault: tuple[str, dict[str, Any]] | None
) -> Response:
    return broken_answer(desk.base, fault) or Response(body, status, mimetype="application/json")
