"""The life of an order (NOTPAY → SUCCESS | CLOSED, then REFUND) and of its refunds."""

import secrets
import sqlite3
from dataclasses import dataclass
from typing import Any

from shop.sandbox.faults import take_fault
from shop.sandbox.wechat.wire import Refusal, invalid, read_time, write_time

# Money is in fen, times are seconds since the epoch.
SCHEMA = """
CREATE TABLE IF NOT EXISTS wechat_order (
    token TEXT PRIMARY KEY,
    out_trade_no TEXT NOT NULL UNIQUE,
    trade_type TEXT NOT NULL,
    description TEXT NOT NULL,
    asked_fen INTEGER NOT NULL CHECK (asked_fen > 0),
    total_fen INTEGER NOT NULL CHECK (total_fen > 0),
    refunded_fen INTEGER NOT NULL DEFAULT 0 CHECK (refunded_fen BETWEEN 0 AND total_fen),
    expires_at REAL,
    notify_url TEXT NOT NULL,
    registered_at REAL NOT NULL,
    state TEXT NOT NULL,
    transaction_id TEXT UNIQUE,
    paid_at REAL
);
CREATE TABLE IF NOT EXISTS wechat_refund (
    out_refund_no TEXT PRIMARY KEY,
    out_trade_no TEXT NOT NULL REFERENCES wechat_order (out_trade_no),
    refund_id TEXT NOT NULL,
    fen INTEGER NOT NULL CHECK (fen > 0),
    notify_url TEXT NOT NULL,
    created_at REAL NOT NULL,
    status TEXT NOT NULL,
    becomes TEXT NOT NULL,
    due_at REAL NOT NULL
);
"""
NOTPAY, SUCCESS, REFUND, CLOSED = "NOTPAY", "SUCCESS", "REFUND", "CLOSED"
PROCESSING, ABNORMAL = "PROCESSING", "ABNORMAL"
MOST_REFUNDS = 50


@dataclass(frozen=True, slots=True)
class WechatOrder:
    """One order of the sandbox's ledger."""

    token: str
    out_trade_no: str
    trade_type: str
    description: str
    asked_fen: int
    total_fen: int
    refunded_fen: int
    expires_at: float | None
    notify_url: str
    registered_at: float
    state: str
    transaction_id: str | None
    paid_at: float | None

    def past_deadline(self, now: float) -> bool:
        """Whether the buyer may no longer pay; that alone does not close the order."""
        return self.expires_at is not None and self.expires_at <= now


def find(db: sqlite3.Connection, out_trade_no: str) -> WechatOrder | None:
    """An order by the merchant's number."""
    row = db.execute(
        "SELECT * FROM wechat_order WHERE out_trade_no = ?", (out_trade_no,)
    ).fetchone()
    return WechatOrder(**row) if row else None


def find_by_token(db: sqlite3.Connection, token: str) -> WechatOrder | None:
    """The order behind a code or a cashier page."""
    row = db.execute("SELECT * FROM wechat_order WHERE token = ?", (token,)).fetchone()
    return WechatOrder(**row) if row else None


def existing(db: sqlite3.Connection, out_trade_no: str) -> WechatOrder:
    """An order that is known; raises ``Refusal``."""
    order = find(db, out_trade_no)
    if order is None:
        raise Refusal(404, "ORDER_NOT_EXIST", "订单不存在")
    return order


def register(
    db: sqlite3.Connection, kind: str, body: dict[str, Any], number: str, now: float
) -> WechatOrder:
    """Place an order; the same number with the same amount is the same order."""
    fen = read_fen(body, "total")
    known = find(db, number)
    if known is not None:
        if known.state == CLOSED:
            raise Refusal(400, "ORDER_CLOSED", "订单已关闭")
        if known.state != NOTPAY:
            raise Refusal(400, "ORDERPAID", "订单已支付")
        if known.asked_fen != fen:
            raise Refusal(400, "INVALID_REQUEST", "商户订单号重复")
        return known
    expires_at = read_time(body["time_expire"]) if body.get("time_expire") else None
    token = secrets.token_urlsafe(16)
    db.execute(
        "INSERT INTO wechat_order (token, out_trade_no, trade_type, description, asked_fen,"
        " total_fen, expires_at, notify_url, registered_at, state)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            token,
            number,
            kind,
            str(body["description"]),
            fen,
            fen,
            expires_at,
            str(body["notify_url"]),
            now,
            NOTPAY,
        ),
    )
    return existing(db, number)


def pay(
    db: sqlite3.Connection,
    order: WechatOrder,
    now: float,
    *,
    late: bool = False,
    force: bool = False,
) -> WechatOrder:
    """The buyer pays; ``late`` after the deadline, ``force`` even after the merchant closed it."""
    if order.paid_at is not None:
        raise Refusal(400, "ORDERPAID", "订单已支付")
    if order.state == CLOSED and not force:
        raise Refusal(400, "ORDER_CLOSED", "订单已关闭")
    if order.past_deadline(now) and not (late or force):
        raise Refusal(400, "ORDER_CLOSED", "订单已超过支付截止时间")
    paid_at = max(now, order.expires_at + 60) if late and order.expires_at is not None else now
    total = order.asked_fen
    fault = take_fault(db, ("wrong_amount",), order.out_trade_no)
    if fault is not None:
        total = max(1, round(float(fault[1].get("amount", "0.01")) * 100))
    transaction_id = "42000" + "".join(secrets.choice("0123456789") for _ in range(23))
    db.execute(
        "UPDATE wechat_order SET state = ?, paid_at = ?, total_fen = ?, transaction_id = ?"
        " WHERE token = ?",
        (SUCCESS, paid_at, total, transaction_id, order.token),
    )
    return existing(db, order.out_trade_no)


def close(db: sqlite3.Connection, order: WechatOrder) -> None:
    """The merchant closes an unpaid order; closed again it stays closed."""
    if order.paid_at is not None:
        raise Refusal(400, "ORDERPAID", "订单已支付")
    db.execute("UPDATE wechat_order SET state = ? WHERE token = ?", (CLOSED, order.token))


def refund(
    db: sqlite3.Connection, order: WechatOrder, body: dict[str, Any], now: float, seconds: float
) -> tuple[sqlite3.Row, bool]:
    """Accept a refund: its row, and whether it is new. The same number again is the same refund."""
    number = body.get("out_refund_no")
    if not isinstance(number, str) or not 1 <= len(number) <= 64:
        raise invalid("out_refund_no长度应为1至64")
    fen = read_fen(body, "refund")
    known = find_refund(db, number, now)
    if known is not None:
        if (known["fen"], known["out_trade_no"]) != (fen, order.out_trade_no):
            raise Refusal(400, "INVALID_REQUEST", "请求参数与原退款单不一致")
        return known, False
    if order.paid_at is None:
        raise Refusal(400, "INVALID_REQUEST", "订单未支付")
    for row in db.execute(
        "SELECT out_refund_no FROM wechat_refund WHERE out_trade_no = ?", (order.out_trade_no,)
    ).fetchall():
        find_refund(db, row[0], now)  # one that is CLOSED by now gives its amount back
    order = existing(db, order.out_trade_no)
    if read_fen(body, "total") != order.total_fen:
        raise Refusal(400, "INVALID_REQUEST", "订单金额不一致")
    (count,) = db.execute(
        "SELECT COUNT(*) FROM wechat_refund WHERE out_trade_no = ?", (order.out_trade_no,)
    ).fetchone()
    if fen > order.total_fen - order.refunded_fen or count >= MOST_REFUNDS:
        raise Refusal(400, "INVALID_REQUEST", "退款金额大于可退金额或超过50次")
    becomes, due_at = SUCCESS, now + seconds
    fault = take_fault(
        db, ("refund_abnormal", "refund_closed", "refund_pending"), order.out_trade_no
    )
    if fault is not None:
        becomes = {"refund_abnormal": ABNORMAL, "refund_closed": CLOSED}.get(fault[0], SUCCESS)
        due_at = now + 10**9 if fault[0] == "refund_pending" else due_at
    refund_id = "50300" + "".join(secrets.choice("0123456789") for _ in range(23))
    db.execute(
        "INSERT INTO wechat_refund VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            number,
            order.out_trade_no,
            refund_id,
            fen,
            str(body.get("notify_url") or ""),
            now,
            PROCESSING,
            becomes,
            due_at,
        ),
    )
    db.execute(
        "UPDATE wechat_order SET refunded_fen = refunded_fen + ?, state = ? WHERE token = ?",
        (fen, REFUND, order.token),
    )
    row = db.execute("SELECT * FROM wechat_refund WHERE out_refund_no = ?", (number,)).fetchone()
    return row, True


def find_refund(db: sqlite3.Connection, number: str, now: float) -> sqlite3.Row | None:
    """A refund as it stands now."""
    due = db.execute(
        "SELECT out_trade_no, fen, becomes FROM wechat_refund"
        " WHERE out_refund_no = ? AND status = ? AND due_at <= ?",
        (number, PROCESSING, now),
    ).fetchone()
    if due is not None:
        settle_refund(db, number, due["becomes"])
    found: sqlite3.Row | None = db.execute(
        "SELECT * FROM wechat_refund WHERE out_refund_no = ?", (number,)
    ).fetchone()
    return found


def settle_refund(db: sqlite3.Connection, number: str, status: str) -> None:
    """End a refund; one that is CLOSED gives its amount back to the order."""
    row = db.execute("SELECT * FROM wechat_refund WHERE out_refund_no = ?", (number,)).fetchone()
    db.execute("UPDATE wechat_refund SET status = ? WHERE out_refund_no = ?", (status, number))
    if status == CLOSED:
        db.execute(
            "UPDATE wechat_order SET refunded_fen = refunded_fen - ? WHERE out_trade_no = ?",
            (row["fen"], row["out_trade_no"]),
        )


def read_fen(body: dict[str, Any], name: str) -> int:
    """A positive whole number of fen in ``amount``; raises ``Refusal``."""
    amount = body.get("amount")
    value = amount.get(name) if isinstance(amount, dict) else None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= 10**10:
        raise invalid(f"amount.{name}应为正整数")
    return value


def describe(desk_app: str, desk_mch: str, order: WechatOrder) -> dict[str, Any]:
    """An order as queries and notifies show it."""
    fields: dict[str, Any] = {
        "appid": desk_app,
        "mchid": desk_mch,
        "out_trade_no": order.out_trade_no,
        "trade_state": order.state,
        "trade_state_desc": order.state,
        "amount": {"total": order.total_fen, "currency": "CNY"},
    }
    if order.paid_at is not None:
        fields |= {
            "transaction_id": order.transaction_id,
            "trade_type": order.trade_type.upper(),
            "bank_type": "OTHERS",
            "attach": "",
            "success_time": write_time(order.paid_at),
            "payer": {"openid": "oSandboxBuyer0000000000000"},
        }
        fields["amount"] |= {"payer_total": order.total_fen, "payer_currency": "CNY"}
    return fields
