"""Signed messages to the merchant: the asynchronous notify and the way back from the cashier."""

import json
import secrets
import sqlite3
from urllib.parse import urlencode, urlsplit, urlunsplit

from shop.sandbox import rsa2
from shop.sandbox.alipay.desk import Desk
from shop.sandbox.alipay.refunds import Refund
from shop.sandbox.alipay.trades import Trade
from shop.sandbox.alipay.wire import write_time, write_yuan
from shop.sandbox.faults import take_fault
from shop.sandbox.sender import HELD, LOST, WAITING, add_delivery

BUYER_ID = "2088102100000001"
BUYER_LOGON_ID = "buy***@example.com"

_FAULTS = (
    "notify_lost",
    "notify_duplicate",
    "notify_delayed",
    "notify_tampered",
    "notify_forged",
    "notify_foreign",
)


def queue_notify(
    desk: Desk, db: sqlite3.Connection, trade: Trade, now: float, refund: Refund | None = None
) -> None:
    """Put the notify of what just happened down, bent by at most one armed fault.

    It belongs into the transaction that changed the trade; call ``desk.sender.wake()`` after the
    commit. A trade without ``notify_url`` is not notified.
    """
    if not trade.notify_url:
        return
    params = _notify_params(desk, trade, now, refund)
    key, state, due_at, copies = desk.private_key, WAITING, now, 1
    name, wish = take_fault(db, _FAULTS, trade.out_trade_no) or ("", {})
    if name == "notify_lost":
        state = LOST
    elif name == "notify_duplicate":
        copies = min(int(wish.get("count", 5)), 100)
    elif name == "notify_delayed" and "seconds" in wish:
        due_at += float(wish["seconds"])
    elif name == "notify_delayed":
        state = HELD
    elif name == "notify_forged":
        key = desk.stranger_key
    elif name == "notify_foreign":
        params["app_id"] = params["auth_app_id"] = str(wish.get("app_id", params["app_id"]))
        params["seller_id"] = str(wish.get("seller_id", params["seller_id"]))
    content = rsa2.content_to_sign(params, ("sign", "sign_type"))
    params["sign"] = rsa2.sign(key, content)
    if name == "notify_tampered":
        params.update(wish.get("changes") or {"total_amount": "0.01"})
    for _ in range(copies):
        add_delivery(
            db,
            notify_id=params["notify_id"],
            out_trade_no=trade.out_trade_no,
            url=trade.notify_url,
            body=urlencode(params),
            state=state,
            due_at=due_at,
        )


def _notify_params(desk: Desk, trade: Trade, now: float, refund: Refund | None) -> dict[str, str]:
    """The fields of a ``trade_status_sync``; after a refund the status repeats, ``refund_fee`` is
    what was given back so far, and ``out_biz_no`` names the request."""
    total = write_yuan(trade.total_fen)
    params = {
        "notify_time": write_time(now),
        "notify_type": "trade_status_sync",
        # Thirty-four characters, constant over the retries of this one event.
        "notify_id": write_time(now)[:10].replace("-", "") + secrets.token_hex(13),
        "charset": "utf-8",
        "version": "1.0",
        "sign_type": "RSA2",
        "app_id": desk.settings.app_id,
        "auth_app_id": desk.settings.app_id,
        "seller_id": desk.settings.seller_id,
        "seller_email": "seller@example.com",
        "buyer_id": BUYER_ID,
        "trade_no": trade.trade_no or "",
        "out_trade_no": trade.out_trade_no,
        "trade_status": trade.status or "",
        "total_amount": total,
        "subject": trade.subject,
        "gmt_create": write_time(trade.created_at or now),
    }
    if trade.paid_at is not None:
        params |= {
            "gmt_payment": write_time(trade.paid_at),
            "receipt_amount": total,
            "invoice_amount": total,
            "buyer_pay_amount": total,
            "point_amount": "0.00",
            "fund_bill_list": json.dumps(
                [{"amount": total, "fundChannel": "ALIPAYACCOUNT"}], separators=(",", ":")
            ),
        }
    if refund is not None:
        params |= {
            "refund_fee": write_yuan(trade.refunded_fen),
            "gmt_refund": write_time(refund.refunded_at),
            "out_biz_no": refund.out_request_no,
        }
    if trade.closed_at is not None:
        params["gmt_close"] = write_time(trade.closed_at)
    if trade.passback_params:
        params["passback_params"] = trade.passback_params
    return params


def return_address(desk: Desk, trade: Trade, now: float) -> str:
    """``return_url`` with the signed fields that Alipay appends: a hint, never a proof."""
    params = {
        "charset": "utf-8",
        "out_trade_no": trade.out_trade_no,
        "method": f"{trade.method}.return",
        "total_amount": write_yuan(trade.total_fen),
        "trade_no": trade.trade_no or "",
        "auth_app_id": desk.settings.app_id,
        "version": "1.0",
        "app_id": desk.settings.app_id,
        "sign_type": "RSA2",
        "seller_id": desk.settings.seller_id,
        "timestamp": write_time(now),
    }
    content = rsa2.content_to_sign(params, ("sign", "sign_type"))
    params["sign"] = rsa2.sign(desk.private_key, content)
    parts = urlsplit(trade.return_url)
    query = "&".join(text for text in (parts.query, urlencode(params)) if text)
    return urlunsplit(parts._replace(query=query, fragment=""))
