"""The life of a trade: registered page → WAIT_BUYER_PAY → TRADE_SUCCESS | TRADE_CLOSED."""

import secrets
import sqlite3
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from shop.sandbox.alipay.wire import (
    Refusal,
    invalid,
    read_express,
    read_time,
    read_yuan,
    write_time,
)
from shop.sandbox.faults import take_fault

WAIT_BUYER_PAY = "WAIT_BUYER_PAY"
TRADE_SUCCESS = "TRADE_SUCCESS"
TRADE_FINISHED = "TRADE_FINISHED"
TRADE_CLOSED = "TRADE_CLOSED"


@dataclass(frozen=True, slots=True)
class Trade:
    """One row of the sandbox's ledger. ``trade_no`` is None until a buyer scanned or paid."""

    token: str
    out_trade_no: str
    method: str
    subject: str
    asked_fen: int
    total_fen: int
    refunded_fen: int
    expires_at: float | None
    notify_url: str
    return_url: str
    quit_url: str
    passback_params: str
    registered_at: float
    trade_no: str | None
    status: str | None
    created_at: float | None
    paid_at: float | None
    closed_at: float | None
    closed_by: str | None

    def past_deadline(self, now: float) -> bool:
        """Whether the buyer may no longer pay."""
        return self.expires_at is not None and self.expires_at <= now


def not_exist() -> Refusal:
    """What query, close and refund answer before the buyer has scanned or paid."""
    return Refusal("ACQ.TRADE_NOT_EXIST", "交易不存在")


def find_by_token(db: sqlite3.Connection, token: str) -> Trade | None:
    """The trade behind a cashier page."""
    row = db.execute("SELECT * FROM trade WHERE token = ?", (token,)).fetchone()
    return Trade(**row) if row else None


def find_registered(db: sqlite3.Connection, out_trade_no: str) -> Trade | None:
    """The trade or the mere page of a merchant's number."""
    row = db.execute("SELECT * FROM trade WHERE out_trade_no = ?", (out_trade_no,)).fetchone()
    return Trade(**row) if row else None


def find_existing(db: sqlite3.Connection, biz: dict[str, Any], now: float) -> Trade:
    """The trade a request names by ``trade_no`` or ``out_trade_no``, its deadline applied.

    Raises ``Refusal``: nothing named, or no buyer has scanned or paid yet.
    """
    trade_no, out_trade_no = biz.get("trade_no"), biz.get("out_trade_no")
    if trade_no:
        row = db.execute("SELECT * FROM trade WHERE trade_no = ?", (str(trade_no),)).fetchone()
        trade = Trade(**row) if row else None
    elif out_trade_no:
        trade = find_registered(db, str(out_trade_no))
    else:
        raise invalid("out_trade_no和trade_no不能同时为空")
    if trade is None or trade.trade_no is None:
        raise not_exist()
    if trade.status == WAIT_BUYER_PAY and trade.past_deadline(now):
        return _close(db, trade, now, "deadline")
    return trade


def register(
    db: sqlite3.Connection, method: str, biz: dict[str, Any], urls: dict[str, str], now: float
) -> Trade:
    """Remember what a merchant asks to be paid; the same request again finds the same page.

    Raises ``Refusal`` for malformed values, for the same number with another amount, and for a
    number that is paid or closed.
    """
    out_trade_no = biz.get("out_trade_no")
    subject = biz.get("subject")
    if not isinstance(out_trade_no, str) or not 1 <= len(out_trade_no) <= 64:
        raise invalid("out_trade_no长度应为1至64")
    if not isinstance(subject, str) or not 1 <= len(subject) <= 256:
        raise invalid("subject长度应为1至256")
    fen = read_yuan(biz.get("total_amount"))
    for name in ("notify_url", "return_url", "quit_url"):
        _check_url(name, urls.get(name, ""))
    known = find_registered(db, out_trade_no)
    if known is not None:
        if known.asked_fen != fen:
            raise Refusal("ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改")
        if known.paid_at is not None:
            raise Refusal("ACQ.TRADE_HAS_SUCCESS", "交易已被支付")
        if known.status == TRADE_CLOSED:
            raise Refusal("ACQ.TRADE_HAS_CLOSE", "交易已经关闭")
        return known
    expires_at = None
    if biz.get("time_expire"):
        expires_at = read_time(str(biz["time_expire"]))
    elif biz.get("timeout_express"):
        expires_at = read_express(str(biz["timeout_express"]), now)
    token = secrets.token_urlsafe(16)
    db.execute(
        "INSERT INTO trade (token, out_trade_no, method, subject, asked_fen, total_fen, expires_at,"
        " notify_url, return_url, quit_url, passback_params, registered_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            token,
            out_trade_no,
            method,
            subject,
            fen,
            fen,
            expires_at,
            urls.get("notify_url", ""),
            urls.get("return_url", ""),
            urls.get("quit_url", ""),
            str(biz.get("passback_params", "")),
            now,
        ),
    )
    return again(db, token)


def scan(db: sqlite3.Connection, trade: Trade, now: float) -> Trade:
    """The buyer signs in or scans: only now does the trade exist. Twice is as good as once."""
    if trade.trade_no is not None:
        return trade
    if trade.past_deadline(now):
        raise Refusal("ACQ.TRADE_HAS_CLOSE", "交易已超时")
    return _create(db, trade, now)


def pay(
    db: sqlite3.Connection, trade: Trade, now: float, *, late: bool = False, force: bool = False
) -> Trade:
    """The buyer pays.

    ``late`` lets money arrive after the deadline (and dates it so); ``force`` even after the
    merchant closed the trade, as when the two cross on their way. Raises ``Refusal`` for a trade
    that is paid, closed, or past its deadline.
    """
    if trade.paid_at is not None:
        raise Refusal("ACQ.TRADE_HAS_SUCCESS", "交易已被支付")
    by_deadline = trade.closed_by == "deadline" or trade.past_deadline(now)
    if trade.status == TRADE_CLOSED and trade.closed_by != "deadline" and not force:
        raise Refusal("ACQ.TRADE_HAS_CLOSE", "交易已经关闭")
    if by_deadline and not (late or force):
        raise Refusal("ACQ.TRADE_HAS_CLOSE", "交易已超时")
    if trade.trade_no is None:
        trade = _create(db, trade, now)
    paid_at = now
    if late and trade.expires_at is not None:
        paid_at = max(now, trade.expires_at + 60)
    total = trade.asked_fen
    fault = take_fault(db, ("wrong_amount",), trade.out_trade_no)
    if fault is not None:
        total = read_yuan(fault[1].get("amount", "0.01"))
    db.execute(
        "UPDATE trade SET status = ?, paid_at = ?, total_fen = ?, closed_at = NULL,"
        " closed_by = NULL WHERE token = ?",
        (TRADE_SUCCESS, paid_at, total, trade.token),
    )
    return again(db, trade.token)


def close(db: sqlite3.Connection, trade: Trade, now: float) -> Trade:
    """The merchant closes an unpaid trade; raises ``Refusal`` in any other state."""
    if trade.status != WAIT_BUYER_PAY:
        raise Refusal("ACQ.REASON_TRADE_STATUS_INVALID", "交易状态异常, 非待支付状态不支持关单")
    return _close(db, trade, now, "merchant")


def finish(db: sqlite3.Connection, trade: Trade) -> Trade:
    """The refund period ends; raises ``Refusal`` unless the trade is paid."""
    if trade.status != TRADE_SUCCESS:
        raise Refusal("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")
    db.execute("UPDATE trade SET status = ? WHERE token = ?", (TRADE_FINISHED, trade.token))
    return again(db, trade.token)


def _create(db: sqlite3.Connection, trade: Trade, now: float) -> Trade:
    # 28 digits as Alipay's: the date, then an order of its own.
    digits = "".join(secrets.choice("0123456789") for _ in range(20))
    trade_no = write_time(now)[:10].replace("-", "") + digits
    db.execute(
        "UPDATE trade SET trade_no = ?, status = ?, created_at = ? WHERE token = ?",
        (trade_no, WAIT_BUYER_PAY, now, trade.token),
    )
    return again(db, trade.token)


def _close(db: sqlite3.Connection, trade: Trade, now: float, closed_by: str) -> Trade:
    db.execute(
        "UPDATE trade SET status = ?, closed_at = ?, closed_by = ? WHERE token = ?",
        (TRADE_CLOSED, now, closed_by, trade.token),
    )
    return again(db, trade.token)


def again(db: sqlite3.Connection, token: str) -> Trade:
    """A trade that is known to be there, as it is now."""
    return Trade(**db.execute("SELECT * FROM trade WHERE token = ?", (token,)).fetchone())


def _check_url(name: str, url: str) -> None:
    """Only web addresses: what is stored here is later opened by a browser or by the sender."""
    try:
        parts = urlsplit(url)
        good = not url or (parts.scheme in ("http", "https") and bool(parts.hostname))
    except ValueError:
        good = False
    if not good or len(url) > 2048 or any(ord(mark) <= 32 for mark in url):
        raise invalid(f"{name}不是有效的网址")
