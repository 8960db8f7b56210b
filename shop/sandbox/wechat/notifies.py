"""Notifies of payments and refunds: put down once, signed anew at each try."""

import json
import secrets
import sqlite3
import time
from typing import Any

from shop.sandbox.faults import take_fault
from shop.sandbox.sender import HELD, LOST, WAITING, add_delivery
from shop.sandbox.wechat.desk import WechatDesk
from shop.sandbox.wechat.orders import WechatOrder, describe
from shop.sandbox.wechat.wire import encrypt, signature_headers, write_time

KIND = "wechatpay"
_FAULTS = (
    "notify_lost",
    "notify_duplicate",
    "notify_delayed",
    "notify_tampered",
    "notify_forged",
    "notify_foreign",
    "notify_stale",
    "notify_signtest",
)


def queue_payment(desk: WechatDesk, db: sqlite3.Connection, order: WechatOrder, now: float) -> None:
    """Tell that an order was paid; only success is told."""
    content = describe(desk.app_id, desk.mch_id, order) | {"trade_state": "SUCCESS"}
    _queue(
        desk, db, "TRANSACTION.SUCCESS", "transaction", content, order.notify_url, order, now, now
    )


def queue_refund(
    desk: WechatDesk,
    db: sqlite3.Connection,
    order: WechatOrder,
    refund: sqlite3.Row,
    status: str,
    due_at: float,
) -> None:
    """Tell how a refund ended, once it did."""
    if not refund["notify_url"]:
        return
    content = {
        "mchid": desk.mch_id,
        "transaction_id": order.transaction_id,
        "out_trade_no": order.out_trade_no,
        "refund_id": refund["refund_id"],
        "out_refund_no": refund["out_refund_no"],
        "refund_status": status,
        "success_time": write_time(due_at),
        "user_received_account": "招商银行信用卡0403",
        "amount": {
            "total": order.total_fen,
            "refund": refund["fen"],
            "payer_total": order.total_fen,
            "payer_refund": refund["fen"],
        },
    }
    _queue(
        desk,
        db,
        f"REFUND.{status}",
        "refund",
        content,
        refund["notify_url"],
        order,
        time.time(),
        due_at,
    )


def _queue(
    desk: WechatDesk,
    db: sqlite3.Connection,
    event_type: str,
    kind: str,
    content: dict[str, Any],
    url: str,
    order: WechatOrder,
    now: float,
    due_at: float,
) -> None:
    state, copies = WAITING, 1
    name, wish = take_fault(db, _FAULTS, order.out_trade_no) or ("", {})
    if name == "notify_lost":
        state = LOST
    elif name == "notify_duplicate":
        copies = min(int(wish.get("count", 5)), 100)
    elif name == "notify_delayed" and "seconds" in wish:
        due_at += float(wish["seconds"])
    elif name == "notify_delayed":
        state = HELD
    elif name == "notify_foreign":
        content = content | {
            key: str(wish[given]) for given, key in _FOREIGN.items() if given in wish
        }
    body = {
        "id": secrets.token_hex(16),
        "create_time": write_time(now),
        "event_type": event_type,
        "resource_type": "encrypt-resource",
        "summary": event_type,
        "resource": encrypt(desk.apiv3_key, kind, content),
    }
    text = json.dumps(body, ensure_ascii=True, separators=(",", ":"))
    for _ in range(copies):
        add_delivery(
            db,
            notify_id=str(body["id"]),
            out_trade_no=order.out_trade_no,
            url=url,
            body=text,
            state=state,
            due_at=due_at,
            kind=KIND,
            bent=name if name in ("notify_tampered", *_BENT) else "",
        )


_FOREIGN = {"app_id": "appid", "mch_id": "mchid"}
_BENT = ("notify_forged", "notify_stale", "notify_signtest")


def dress(desk: WechatDesk, body: str, bent: str) -> tuple[str, dict[str, str]]:
    """Body and headers of one try. A signature is minutes young, so each try has its own."""
    now = time.time() - (600 if bent == "notify_stale" else 0)
    key = desk.base.stranger_key if bent == "notify_forged" else desk.private_key
    prefix = "WECHATPAY/SIGNTEST/" if bent == "notify_signtest" else ""
    headers = signature_headers(key, desk.key_id, body, now, prefix)
    headers["Content-Type"] = "application/json"
    if bent == "notify_tampered":
        body = body.replace("create_time", "create-time")
    return body, headers
