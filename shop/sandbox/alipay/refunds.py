"""Refunds: partial, cumulative, and the same once only by their request number."""

import sqlite3
from dataclasses import dataclass
from typing import Any

from shop.sandbox.alipay.trades import (
    TRADE_CLOSED,
    TRADE_FINISHED,
    TRADE_SUCCESS,
    Trade,
    again,
)
from shop.sandbox.alipay.wire import Refusal, invalid, read_yuan


@dataclass(frozen=True, slots=True)
class Refund:
    """Money given back; ``moved`` tells whether this very request moved it."""

    trade: Trade
    out_request_no: str
    fen: int
    refunded_at: float
    moved: bool


def refund(db: sqlite3.Connection, trade: Trade, biz: dict[str, Any], now: float) -> Refund:
    """Give money back; the same ``out_request_no`` again answers what was done the first time.

    Raises ``Refusal``: unpaid, finished or closed trade, more than is left, or a known request
    number with another amount.
    """
    fen = read_yuan(biz.get("refund_amount"))
    number = biz.get("out_request_no")
    if not number:
        if fen != trade.total_fen:
            raise invalid("部分退款时out_request_no必填")
        number = trade.out_trade_no
    if not isinstance(number, str) or len(number) > 64:
        raise invalid("out_request_no长度应为1至64")
    known = find_refund(db, trade, number)
    if known is not None:
        if known.fen != fen:
            raise Refusal("ACQ.DISCORDANT_REPEAT_REQUEST", "请求信息不一致")
        return known
    if trade.status == TRADE_FINISHED:
        raise Refusal("ACQ.TRADE_HAS_FINISHED", "交易已完结")
    if trade.status == TRADE_CLOSED:
        raise Refusal("ACQ.TRADE_HAS_CLOSE", "交易已经关闭")
    if trade.status != TRADE_SUCCESS:
        raise Refusal("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")
    if fen > trade.total_fen - trade.refunded_fen:
        raise Refusal("ACQ.REASON_TRADE_REFUND_FEE_ERR", "退款金额无效")
    db.execute(
        "INSERT INTO refund (out_trade_no, out_request_no, fen, reason, refunded_at)"
        " VALUES (?, ?, ?, ?, ?)",
        (trade.out_trade_no, number, fen, str(biz.get("refund_reason", ""))[:256], now),
    )
    whole = trade.refunded_fen + fen == trade.total_fen
    db.execute(
        "UPDATE trade SET refunded_fen = refunded_fen + ?, status = ?, closed_at = ?,"
        " closed_by = ? WHERE token = ?",
        (
            fen,
            TRADE_CLOSED if whole else TRADE_SUCCESS,
            now if whole else None,
            "refund" if whole else None,
            trade.token,
        ),
    )
    return Refund(again(db, trade.token), number, fen, now, moved=True)


def find_refund(db: sqlite3.Connection, trade: Trade, number: str) -> Refund | None:
    """A refund by its request number."""
    row = db.execute(
        "SELECT fen, refunded_at FROM refund WHERE out_trade_no = ? AND out_request_no = ?",
        (trade.out_trade_no, number),
    ).fetchone()
    if row is None:
        return None
    return Refund(trade, number, row["fen"], row["refunded_at"], moved=False)
