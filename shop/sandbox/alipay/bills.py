"""The bill of a day: asked for by a signed request, fetched by a link that is valid for 30 seconds.

Real bills come the next day after 10:00; here also on the same day, so that it can be rehearsed.
"""

import io
import secrets
import sqlite3
import time
import zipfile
from datetime import UTC, date, datetime
from typing import Any

from flask import Blueprint, Response, abort, request, url_for

from shop.sandbox.alipay.desk import Desk, current_desk
from shop.sandbox.alipay.wire import BEIJING, Refusal, invalid, write_time, write_yuan
from shop.sandbox.billing import LINK_SECONDS, bend, fee, span

METHOD = "alipay.data.dataservice.bill.downloadurl.query"

bp = Blueprint("alipay_bills", __name__, url_prefix="/alipay")

HEAD = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,"
    "订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,"
    "券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,"
    "分润（元）,备注"
)


def ask(desk: Desk, db: sqlite3.Connection, biz: dict[str, Any], now: float) -> dict[str, Any]:
    """``alipay.data.dataservice.bill.downloadurl.query``: a link to the zip of a day."""
    if biz.get("bill_type") != "trade":
        raise invalid("bill_type应为trade")
    try:
        day = date.fromisoformat(str(biz.get("bill_date", "")))
    except ValueError:
        raise Refusal("isp.bill_date_error", "账单日期格式错误") from None
    rows = day_rows(db, day)
    if not rows:
        raise Refusal("isp.bill_not_exist", "账单不存在")
    bend(db, rows, METHOD)
    token = secrets.token_urlsafe(24)
    desk.bills[token] = (now + LINK_SECONDS, write_zip(desk.settings.seller_id, day, rows))
    base = desk.settings.public_url or request.host_url.rstrip("/")
    return {"bill_download_url": base + url_for("alipay_bills.fetch", token=token)}


@bp.get("/bills/<token>")
def fetch(token: str) -> Response:
    """The zip, while its link is valid."""
    until, content = current_desk().bills.get(token, (0.0, b""))
    if time.time() > until:
        abort(403)
    return Response(content, mimetype="application/zip")


def day_rows(db: sqlite3.Connection, day: date) -> list[dict[str, Any]]:
    """Payments and refunds of a Beijing day, by time; a fee of six thousandths."""
    rows = [
        {
            "kind": "交易",
            "provider": trade["trade_no"],
            "no": trade["out_trade_no"],
            "title": trade["subject"],
            "created": trade["created_at"] or trade["paid_at"],
            "at": trade["paid_at"],
            "fen": trade["total_fen"],
            "refund": "",
            "fee": -fee(trade["total_fen"]),
        }
        for trade in db.execute(
            "SELECT * FROM trade WHERE paid_at >= ? AND paid_at < ?", span(day)
        ).fetchall()
    ]
    rows += [
        {
            "kind": "退款",
            "provider": back["trade_no"],
            "no": back["out_trade_no"],
            "title": back["subject"],
            "created": back["created_at"] or back["paid_at"],
            "at": back["refunded_at"],
            "fen": -back["fen"],
            "refund": back["out_request_no"],
            "fee": 0,
        }
        for back in db.execute(
            "SELECT refund.*, trade_no, subject, created_at, paid_at FROM refund"
            " JOIN trade USING (out_trade_no) WHERE refunded_at >= ? AND refunded_at < ?",
            span(day),
        ).fetchall()
    ]
    return sorted(rows, key=lambda row: (row["at"], row["kind"]))


def write_csv(seller_id: str, day: date, rows: list[dict[str, Any]]) -> str:
    """The bill as Alipay writes it."""
    first = f"{day:%Y年%m月%d日}"
    lines = [
        "#支付宝业务明细查询",
        f"#账号：[{seller_id}0156]",
        f"#起始日期：[{first} 00:00:00]   终止日期：[{first} 24:00:00]",
        "#-----------------------------------------业务明细列表----------------------------------------",
        HEAD,
    ]
    for row in rows:
        amount = _signed(row["fen"])
        lines.append(
            f"{row['provider']}\t,{row['no']}\t,{row['kind']}\t,{row['title']},"
            f"{write_time(row['created'])},{write_time(row['at'])},\t,\t,\t,\t,*（sandbox）\t,"
            f"{amount},{amount},0.00,0.00,0.00,0.00,0.00,,0.00\t,0.00,{row['refund']}\t,"
            f"{_signed(row['fee'])},0.00,{row['title']}"
        )
    sums = {kind: [row["fen"] for row in rows if row["kind"] == kind] for kind in ("交易", "退款")}
    lines += [
        "#-----------------------------------------业务明细列表结束------------------------------------",
        f"#交易合计：{len(sums['交易'])}笔，商家实收共{_signed(sum(sums['交易']))}元，商家优惠共0.00元",
        f"#退款合计：{len(sums['退款'])}笔，商家实收退款共{_signed(sum(sums['退款']))}元，商家优惠退款共0.00元",
        f"#导出时间：[{datetime.now(UTC).astimezone(BEIJING):%Y年%m月%d日 %H:%M:%S}]",
    ]
    return "\r\n".join(lines) + "\r\n"


def write_zip(seller_id: str, day: date, rows: list[dict[str, Any]]) -> bytes:
    """The file in GBK beside its summary, packed."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        text = write_csv(seller_id, day, rows)
        archive.writestr(f"{seller_id}_{day:%Y%m%d}_业务明细.csv", text.encode("gb18030"))
        archive.writestr(f"{seller_id}_{day:%Y%m%d}_业务明细(汇总).csv", "#\r\n".encode("gbk"))
    return target.getvalue()


def _signed(fen: int) -> str:
    return f"-{write_yuan(-fen)}" if fen < 0 else write_yuan(fen)
