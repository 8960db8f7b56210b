"""What ``/_control`` does with an order of WeChat Pay."""

import time
from dataclasses import asdict
from typing import Any

from shop.sandbox.wechat import orders
from shop.sandbox.wechat.desk import current_wechat
from shop.sandbox.wechat.notifies import queue_payment, queue_refund
from shop.sandbox.wechat.wire import Refusal


def knows(number: str) -> bool:
    """Whether ``number`` is an order of WeChat Pay."""
    with current_wechat().base.store.reading() as db:
        return orders.find(db, number) is not None


def pay(number: str, body: dict[str, Any]) -> str:
    """Pay without a browser (``late``, ``force``); why not, or ""."""
    desk, now = current_wechat(), time.time()
    try:
        with desk.base.store.writing() as db:
            late, force = bool(body.get("late")), bool(body.get("force"))
            order = orders.pay(db, orders.existing(db, number), now, late=late, force=force)
            queue_payment(desk, db, order, now)
    except Refusal as error:
        return error.code
    desk.base.sender.wake()
    return ""


def settle(refund_no: str, status: str) -> str:
    """End a refund that waits or is ABNORMAL with SUCCESS, ABNORMAL or CLOSED, and tell the merchant."""
    desk, now = current_wechat(), time.time()
    if status not in (orders.SUCCESS, orders.ABNORMAL, orders.CLOSED):
        return "status"
    with desk.base.store.writing() as db:
        row = orders.find_refund(db, refund_no, now)
        if row is None or row["status"] not in (orders.PROCESSING, orders.ABNORMAL):
            return "RESOURCE_NOT_EXISTS"
        orders.settle_refund(db, refund_no, status)
        queue_refund(desk, db, orders.existing(db, row["out_trade_no"]), row, status, now)
    desk.base.sender.wake()
    return ""


def console_refund(number: str, fen: int, refund_no: str) -> str:
    """Give money back at the provider's console, done at once; nobody is notified. Why not, or ""."""
    desk, now = current_wechat(), time.time()
    try:
        with desk.base.store.writing() as db:
            order = orders.existing(db, number)
            amount = {"refund": fen, "total": order.total_fen}
            body = {"out_refund_no": refund_no, "amount": amount}
            orders.refund(db, order, body, now, 0)
            orders.find_refund(db, refund_no, now)
    except Refusal as error:
        return error.code
    return ""


def describe(number: str) -> dict[str, Any] | None:
    """An order with its refunds and notifies."""
    with current_wechat().base.store.reading() as db:
        order = orders.find(db, number)
        if order is None:
            return None
        refunds = db.execute(
            "SELECT * FROM wechat_refund WHERE out_trade_no = ? ORDER BY created_at", (number,)
        ).fetchall()
        notifies = db.execute(
            "SELECT notify_id, url, body, state, attempts, last_answer FROM delivery"
            " WHERE out_trade_no = ? ORDER BY id",
            (number,),
        ).fetchall()
    return {
        **asdict(order),
        "refunds": [dict(row) for row in refunds],
        "notifies": [dict(row) for row in notifies],
    }
