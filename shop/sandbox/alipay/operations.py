"""What the gateway does for each API method, inside one transaction of the ledger."""

import sqlite3
from collections.abc import Callable
from typing import Any

from shop.sandbox.alipay import bills, refunds, trades
from shop.sandbox.alipay.desk import Desk
from shop.sandbox.alipay.notifies import BUYER_ID, BUYER_LOGON_ID, queue_notify
from shop.sandbox.alipay.wire import invalid, write_time, write_yuan

Biz = dict[str, Any]
Operation = Callable[[Desk, sqlite3.Connection, Biz, float], dict[str, Any]]


def query(desk: Desk, db: sqlite3.Connection, biz: Biz, now: float) -> dict[str, Any]:
    """``alipay.trade.query``: the state of a trade that exists."""
    trade = trades.find_existing(db, biz, now)
    total = write_yuan(trade.total_fen)
    fields: dict[str, Any] = {
        "trade_no": trade.trade_no,
        "out_trade_no": trade.out_trade_no,
        "buyer_logon_id": BUYER_LOGON_ID,
        "buyer_user_id": BUYER_ID,
        "trade_status": trade.status,
        "total_amount": total,
    }
    if trade.paid_at is not None:
        fields |= {
            "buyer_pay_amount": total,
            "receipt_amount": total,
            "invoice_amount": total,
            "point_amount": "0.00",
            "send_pay_date": write_time(trade.paid_at),
            "fund_bill_list": [{"amount": total, "fund_channel": "ALIPAYACCOUNT"}],
        }
    return fields


def close(desk: Desk, db: sqlite3.Connection, biz: Biz, now: float) -> dict[str, Any]:
    """``alipay.trade.close``: an unpaid trade can no longer be paid."""
    trade = trades.close(db, trades.find_existing(db, biz, now), now)
    queue_notify(desk, db, trade, now)
    return {"trade_no": trade.trade_no, "out_trade_no": trade.out_trade_no}


def refund(desk: Desk, db: sqlite3.Connection, biz: Biz, now: float) -> dict[str, Any]:
    """``alipay.trade.refund``: ``refund_fee`` is the sum of all refunds so far."""
    done = refunds.refund(db, trades.find_existing(db, biz, now), biz, now)
    if done.moved:
        queue_notify(desk, db, done.trade, now, done)
    return {
        "trade_no": done.trade.trade_no,
        "out_trade_no": done.trade.out_trade_no,
        "buyer_logon_id": BUYER_LOGON_ID,
        "buyer_user_id": BUYER_ID,
        "fund_change": "Y" if done.moved else "N",
        "refund_fee": write_yuan(done.trade.refunded_fen),
        "gmt_refund_pay": write_time(done.refunded_at),
    }


def refund_query(desk: Desk, db: sqlite3.Connection, biz: Biz, now: float) -> dict[str, Any]:
    """``alipay.trade.fastpay.refund.query``: an unknown refund is a yes without ``refund_status``."""
    trade = trades.find_existing(db, biz, now)
    number = biz.get("out_request_no")
    if not isinstance(number, str) or not number:
        raise invalid("out_request_no不能为空")
    done = refunds.find_refund(db, trade, number)
    if done is None:
        return {}
    return {
        "trade_no": trade.trade_no,
        "out_trade_no": trade.out_trade_no,
        "out_request_no": number,
        "total_amount": write_yuan(trade.total_fen),
        "refund_amount": write_yuan(done.fen),
        "refund_status": "REFUND_SUCCESS",
        "gmt_refund_pay": write_time(done.refunded_at),
    }


OPERATIONS: dict[str, Operation] = {
    "alipay.trade.query": query,
    "alipay.trade.close": close,
    "alipay.trade.refund": refund,
    "alipay.trade.fastpay.refund.query": refund_query,
    bills.METHOD: bills.ask,
}
