"""``/_control``: how tests and developers play the buyer and let things go wrong.

Bodies are JSON objects; that content type keeps other web pages from driving it in a browser.
"""

import secrets
import time
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, request

from shop.sandbox.alipay import refunds, trades
from shop.sandbox.alipay.desk import Desk, current_desk
from shop.sandbox.alipay.gateway import register_address
from shop.sandbox.alipay.notifies import queue_notify
from shop.sandbox.alipay.wire import Refusal, read_yuan
from shop.sandbox.faults import FAULTS, UnknownFault, clear_faults, list_faults, set_fault
from shop.sandbox.sender import HELD, SENDING, WAITING
from shop.sandbox.stripe import control as stripe
from shop.sandbox.wechat import control as wechat

bp = Blueprint("control", __name__, url_prefix="/_control")

Answer = Response | tuple[Response, int]


@bp.get("/faults")
def show_faults() -> Answer:
    """What is armed, and what can be."""
    with current_desk().store.reading() as db:
        return jsonify(armed=list_faults(db), known=FAULTS)


@bp.post("/faults")
def arm_faults() -> Answer:
    """Arm one fault: ``{"fault": name, "out_trade_no"?, "method"?, "times"?, …}``."""
    with current_desk().store.writing() as db:
        try:
            set_fault(db, _body())
        except UnknownFault as error:
            return jsonify(error=f"unknown fault {error}", known=FAULTS), 422
        return jsonify(armed=list_faults(db)), 201


@bp.delete("/faults")
def disarm_faults() -> Answer:
    """Disarm everything."""
    with current_desk().store.writing() as db:
        clear_faults(db)
    return jsonify(armed=[])


@bp.get("/trades")
def list_trades() -> Answer:
    """Every page and trade with its refunds and notifies, the newest first."""
    with current_desk().store.reading() as db:
        rows = db.execute("SELECT out_trade_no FROM trade ORDER BY registered_at DESC").fetchall()
    return jsonify(trades=[_describe(current_desk(), row[0]) for row in rows])


@bp.get("/trades/<out_trade_no>")
def show_trade(out_trade_no: str) -> Answer:
    """One trade; ``?wait=SECONDS`` first waits until none of its notifies is still on its way."""
    desk = current_desk()
    wait = min(request.args.get("wait", 0.0, type=float), 60.0)
    if wait > 0:
        desk.sender.wait_for(lambda: _settled(desk, out_trade_no), wait)
    found = _describe(desk, out_trade_no)
    return (jsonify(found), 200) if found else (jsonify(error="no such trade"), 404)


@bp.post("/pay/<out_trade_no>")
def pay(out_trade_no: str) -> Answer:
    """Pay without a browser: ``{"url"?: gateway address, "late"?, "force"?, "wait"?: seconds}``.

    ``url`` registers the page first, as the browser's visit would; ``wait`` waits for the notify.
    """
    body = _body()
    return _act(out_trade_no, body, pays=True)


@bp.post("/scan/<out_trade_no>")
def scan(out_trade_no: str) -> Answer:
    """Let the buyer sign in or scan without paying: the trade now exists (``{"url"?}``)."""
    return _act(out_trade_no, _body(), pays=False)


@bp.post("/finish/<out_trade_no>")
def finish(out_trade_no: str) -> Answer:
    """End the refund period: TRADE_FINISHED."""
    desk = current_desk()
    try:
        with desk.store.writing() as db:
            trades.finish(db, trades.find_existing(db, {"out_trade_no": out_trade_no}, time.time()))
    except Refusal as error:
        return jsonify(error=error.sub_code), 409
    return jsonify(_describe(desk, out_trade_no))


@bp.post("/refunds/<out_refund_no>")
def settle_refund(out_refund_no: str) -> Answer:
    """End a refund of WeChat Pay or Stripe: ``{"status": "SUCCESS" | "ABNORMAL" | "CLOSED"}``."""
    status = str(_body().get("status"))
    problem = stripe.settle(out_refund_no, status)
    if problem is None:
        problem = wechat.settle(out_refund_no, status)
    if problem:
        return jsonify(error=problem), 409
    return jsonify(settled=True)


@bp.post("/refund/<out_trade_no>")
def console_refund(out_trade_no: str) -> Answer:
    """Give money back at the provider's console: ``{"amount": yuan, "number"?}``; nobody is notified."""
    desk, now, body = current_desk(), time.time(), _body()
    if stripe.knows(out_trade_no):
        if problem := stripe.give_back(out_trade_no, body.get("amount")):
            return jsonify(error=problem), 409
        return jsonify(_describe(desk, out_trade_no))
    number = str(body.get("number") or f"console{secrets.randbelow(10**12):012d}")
    biz = {
        "out_trade_no": out_trade_no,
        "out_request_no": number,
        "refund_amount": body.get("amount"),
        "refund_reason": "console",
    }
    try:
        if wechat.knows(out_trade_no):
            if problem := wechat.console_refund(
                out_trade_no, read_yuan(body.get("amount")), number
            ):
                return jsonify(error=problem), 409
            return jsonify(_describe(desk, out_trade_no))
        with desk.store.writing() as db:
            refunds.refund(db, trades.find_existing(db, biz, now), biz, now)
    except Refusal as error:
        return jsonify(error=error.sub_code), 409
    return jsonify(_describe(desk, out_trade_no))


@bp.post("/stripe-endpoint")
def set_stripe_endpoint() -> Answer:
    """Say where Stripe's webhooks go, as its dashboard does: ``{"url"}``."""
    stripe.set_endpoint(str(_body()["url"]))
    return jsonify(set=True)


@bp.post("/release")
def release() -> Answer:
    """Let held answers and held notifies go now."""
    desk = current_desk()
    _body()
    with desk.store.writing() as db:
        db.execute(
            "UPDATE delivery SET state = ?, due_at = ? WHERE state = ?", (WAITING, 0.0, HELD)
        )
    desk.sender.wake()
    desk.release()
    return jsonify(released=True)


def _act(out_trade_no: str, body: dict[str, Any], *, pays: bool) -> Answer:
    desk, now = current_desk(), time.time()
    if wechat.knows(out_trade_no):
        if pays and (problem := wechat.pay(out_trade_no, body)):
            return jsonify(error=problem), 409
        return _after(desk, out_trade_no, body)
    if stripe.knows(out_trade_no):
        if pays and (problem := stripe.pay(out_trade_no, body)):
            return jsonify(error=problem), 409
        return _after(desk, out_trade_no, body)
    try:
        if body.get("url"):
            register_address(desk, str(body["url"]))
        with desk.store.writing() as db:
            trade = trades.find_registered(db, out_trade_no)
            if trade is None:
                raise trades.not_exist()
            if pays:
                late, force = bool(body.get("late")), bool(body.get("force"))
                trade = trades.pay(db, trade, now, late=late, force=force)
                queue_notify(desk, db, trade, now)
            else:
                trades.scan(db, trade, now)
    except Refusal as error:
        return jsonify(error=error.sub_code), 409
    desk.sender.wake()
    return _after(desk, out_trade_no, body)


def _after(desk: Desk, out_trade_no: str, body: dict[str, Any]) -> Answer:
    if body.get("wait"):
        seconds = min(float(body["wait"]), 60.0)
        desk.sender.wait_for(lambda: _settled(desk, out_trade_no), seconds)
    return jsonify(_describe(desk, out_trade_no))


def _body() -> dict[str, Any]:
    body = request.get_json()
    return body if isinstance(body, dict) else {}


def _settled(desk: Desk, out_trade_no: str) -> bool:
    with desk.store.reading() as db:
        (open_ones,) = db.execute(
            "SELECT COUNT(*) FROM delivery WHERE out_trade_no = ? AND state IN (?, ?)",
            (out_trade_no, WAITING, SENDING),
        ).fetchone()
    return bool(open_ones == 0)


def _describe(desk: Desk, out_trade_no: str) -> dict[str, Any] | None:
    with desk.store.reading() as db:
        trade = trades.find_registered(db, out_trade_no)
        if trade is None:
            return wechat.describe(out_trade_no) or stripe.describe(out_trade_no)
        given = db.execute(
            "SELECT out_request_no, fen, reason FROM refund WHERE out_trade_no = ?"
            " ORDER BY refunded_at",
            (out_trade_no,),
        ).fetchall()
        notifies = db.execute(
            "SELECT notify_id, url, body, state, attempts, last_answer FROM delivery"
            " WHERE out_trade_no = ? ORDER BY id",
            (out_trade_no,),
        ).fetchall()
    return {
        **asdict(trade),
        "refunds": [dict(row) for row in given],
        "notifies": [dict(row) for row in notifies],
    }
