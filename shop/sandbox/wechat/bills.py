"""``/v3/bill/tradebill`` and the link that it answers: gzip, a hash, a backtick before each cell.

Both requests are signed; of the answers only the first is. Real bills come the next day after 10:00;
here also on the same day, so that it can be rehearsed.
"""

import gzip
import hashlib
import json
import secrets
import sqlite3
import time
from datetime import UTC, date, datetime
from typing import Any

from flask import Blueprint, Response, request, url_for

from shop.sandbox.alipay.wire import write_yuan
from shop.sandbox.billing import LINK_SECONDS, Row, bend, fee, span
from shop.sandbox.wechat import orders
from shop.sandbox.wechat.desk import WechatDesk, current_wechat
from shop.sandbox.wechat.entrance import check_request
from shop.sandbox.wechat.wire import BEIJING, Refusal, invalid

bp = Blueprint("wechat_bills", __name__)

HEAD = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,"
    "货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,"
    "商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
SUMS = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)


def ask(desk: WechatDesk, db: sqlite3.Connection, now: float) -> dict[str, Any]:
    """``GET /v3/bill/tradebill``: a link to a day, and the hash of what lies there."""
    if request.args.get("bill_type", "ALL") != "ALL" or request.args.get("tar_type") != "GZIP":
        raise invalid("bill_type应为ALL，tar_type应为GZIP")
    try:
        day = date.fromisoformat(request.args.get("bill_date", ""))
    except ValueError:
        raise invalid("bill_date格式错误") from None
    rows = day_rows(db, day, now)
    if not rows:
        raise Refusal(400, "NO_STATEMENT_EXIST", "账单文件不存在")
    bend(db, rows, "bill")
    content = write_csv(desk, rows).encode()
    token = secrets.token_urlsafe(24)
    desk.base.bills[token] = (now + LINK_SECONDS, gzip.compress(content))
    return {
        "download_url": request.host_url.rstrip("/") + url_for("wechat_bills.fetch", token=token),
        "hash_type": "SHA1",
        "hash_value": hashlib.sha1(content, usedforsecurity=False).hexdigest(),
    }


@bp.get("/v3/billdownload/file")
def fetch() -> Response:
    """The packed file, while its link is valid."""
    desk = current_wechat()
    try:
        check_request(desk)
        until, content = desk.base.bills.get(request.args.get("token", ""), (0.0, b""))
        if time.time() > until:
            raise Refusal(400, "INVALID_REQUEST", "账单链接已失效")
    except Refusal as error:
        fields = {"code": error.code, "message": error.message}
        return Response(json.dumps(fields), error.status, mimetype="application/json")
    return Response(content, mimetype="application/gzip")


def day_rows(db: sqlite3.Connection, day: date, now: float) -> list[Row]:
    """Payments and refunds of a Beijing day, by time. A refund stands on the day it was asked for."""
    rows = [
        {"no": one["out_trade_no"], "at": one["paid_at"], "fen": one["total_fen"]}
        | {"fee": -fee(one["total_fen"]), "refund": "", "refund_id": "", "status": ""}
        | {"order": one}
        for one in db.execute(
            "SELECT * FROM wechat_order WHERE paid_at >= ? AND paid_at < ?", span(day)
        ).fetchall()
    ]
    for (number,) in db.execute(
        "SELECT out_refund_no FROM wechat_refund WHERE created_at >= ? AND created_at < ?",
        span(day),
    ).fetchall():
        back = orders.find_refund(db, number, now)
        assert back is not None  # noqa: S101 - it was there a line ago, in this very transaction
        one = db.execute(
            "SELECT * FROM wechat_order WHERE out_trade_no = ?", (back["out_trade_no"],)
        ).fetchone()
        done = back["status"] == orders.SUCCESS
        rows.append(
            {"no": back["out_trade_no"], "at": back["created_at"], "fen": -back["fen"]}
            | {"fee": fee(back["fen"]) if done else 0, "refund": back["out_refund_no"]}
            | {"refund_id": back["refund_id"], "status": back["status"], "order": one}
        )
    return sorted(rows, key=lambda row: (row["at"], row["refund"]))


def write_csv(desk: WechatDesk, rows: list[Row]) -> str:
    """The bill as WeChat Pay writes it: amounts in yuan, fees to five places, sums at the end."""
    lines = [HEAD, *(_line(desk, row) for row in rows)]
    paid = sum(row["fen"] for row in rows if row["fen"] > 0)
    back = -sum(row["fen"] for row in rows if row["fen"] < 0)
    done = -sum(row["fen"] for row in rows if row["fen"] < 0 and row["status"] == orders.SUCCESS)
    sums = [
        str(len(rows)),
        write_yuan(paid),
        write_yuan(done),
        "0.00",
        _fee(sum(row["fee"] for row in rows)),
        write_yuan(paid),
        write_yuan(back),
    ]
    lines += [SUMS, _cells(sums)]
    return "\ufeff" + "\r\n".join(lines) + "\r\n"


def _line(desk: WechatDesk, row: Row) -> str:
    one, fen = row["order"], abs(row["fen"])
    paid = row["fen"] > 0
    moment = datetime.fromtimestamp(row["at"], UTC).astimezone(BEIJING)
    amount, back = ("0.00", write_yuan(fen)) if not paid else (write_yuan(fen), "0.00")
    done = back if row["status"] == orders.SUCCESS else "0.00"
    return _cells(
        [
            moment.strftime("%Y-%m-%d %H:%M:%S"),
            desk.app_id,
            desk.mch_id,
            "0",
            "",
            one["transaction_id"],
            row["no"],
            "oSandboxBuyer0000000000000",
            one["trade_type"].upper(),
            "SUCCESS" if paid else "REFUND",
            "OTHERS",
            "CNY",
            amount,
            "0.00",
            row["refund_id"] or "0",
            row["refund"] or "0",
            done,
            "0.00",
            "" if paid else "ORIGINAL",
            row["status"],
            one["description"].replace("`", " "),
            "",
            _fee(row["fee"]),
            "0.60%",
            amount,
            back,
            "",
        ]
    )


def _cells(values: list[str]) -> str:
    return ",".join(f"`{value}" for value in values)


def _fee(fen: int) -> str:
    """What the merchant pays is positive here, what comes back negative."""
    return f"{'-' if fen > 0 else ''}{write_yuan(abs(fen))}000"
