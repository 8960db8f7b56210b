"""``/v3/…``: every request is signed by the merchant, every answer by the provider."""

import json
import re
import time
from typing import Any

from flask import Blueprint, Response, request, url_for

from shop.sandbox.breaking import broken_answer
from shop.sandbox.faults import take_fault
from shop.sandbox.wechat import bills, orders
from shop.sandbox.wechat.desk import WechatDesk, current_wechat
from shop.sandbox.wechat.entrance import check_request
from shop.sandbox.wechat.notifies import queue_refund
from shop.sandbox.wechat.wire import Refusal, invalid, signature_headers, write_time

bp = Blueprint("wechat_gateway", __name__)

_FAULTS = (
    "answer_timeout",
    "answer_unsigned",
    "answer_wrong_key",
    "answer_html",
    "answer_empty",
    "answer_500",
    "system_error",
    "refused",
)
_NUMBER = re.compile(r"[A-Za-z0-9_\-|*]{6,32}")
_ENDPOINTS = {
    ("POST", r"/v3/pay/transactions/(?:native|h5|jsapi)"): "create",
    ("GET", r"/v3/pay/transactions/out-trade-no/([^/]+)"): "query",
    ("POST", r"/v3/pay/transactions/out-trade-no/([^/]+)/close"): "close",
    ("POST", r"/v3/refund/domestic/refunds"): "refund",
    ("GET", r"/v3/refund/domestic/refunds/([^/]+)"): "query_refund",
    ("GET", r"/v3/bill/tradebill"): "bill",
}


@bp.route("/v3/<path:path>", methods=["GET", "POST"])
def gateway(path: str) -> Response:
    """Check who asks, then let the endpoint answer."""
    desk = current_wechat()
    fault: tuple[str, dict[str, Any]] | None = None
    try:
        check_request(desk)
        name, number = _endpoint(f"/v3/{path}")
        body = _body()
        trade = _trade(name, number, body)
        with desk.base.store.writing() as db:
            fault = take_fault(db, _FAULTS, trade, name)
        status, fields = _run(desk, name, number, body, fault)
    except Refusal as error:
        status, fields = error.status, {"code": error.code, "message": error.message}
        if error.code == "SIGN_ERROR":
            return Response(json.dumps(fields), 401, mimetype="application/json")
    return _write(desk, status, fields, fault)


def _endpoint(path: str) -> tuple[str, str]:
    for (method, pattern), name in _ENDPOINTS.items():
        match = re.fullmatch(pattern, path)
        if match and method == request.method:
            return name, match[1] if match.groups() else path.rpartition("/")[2]
    raise Refusal(404, "RESOURCE_NOT_EXISTS", "接口不存在")


def _body() -> dict[str, Any]:
    if request.method == "GET":
        return {}
    try:
        body = json.loads(request.get_data())
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise invalid("请求体不是JSON对象")
    return body


def _trade(name: str, number: str, body: dict[str, Any]) -> str:
    if name == "query_refund":
        with current_wechat().base.store.reading() as db:
            row = db.execute(
                "SELECT out_trade_no FROM wechat_refund WHERE out_refund_no = ?", (number,)
            ).fetchone()
        return row[0] if row else ""
    return number if name in ("query", "close") else str(body.get("out_trade_no", ""))


def _run(
    desk: WechatDesk,
    name: str,
    number: str,
    body: dict[str, Any],
    fault: tuple[str, dict[str, Any]] | None,
) -> tuple[int, dict[str, Any]]:
    now = time.time()
    bent, wish = fault or ("", {})
    if bent == "system_error":
        raise Refusal(500, "SYSTEM_ERROR", "系统异常")
    if bent == "refused":
        raise Refusal(403, str(wish.get("sub_code", "NOT_ENOUGH")), "余额不足")
    if not wish.get("executed", True):
        return 200, {}
    with desk.base.store.writing() as db:
        if name == "create":
            return 200, _create(desk, db, number, body, now)
        if name == "query":
            if request.args.get("mchid") != desk.mch_id:
                raise invalid("mchid错误")
            order = orders.existing(db, number)
            return 200, orders.describe(desk.app_id, desk.mch_id, order)
        if name == "close":
            orders.close(db, orders.existing(db, number))
            return 204, {}
        if name == "bill":
            return 200, bills.ask(desk, db, now)
        if name == "refund":
            answer = _refund(desk, db, body, now)
        else:
            row = orders.find_refund(db, number, now)
            if row is None:
                raise Refusal(404, "RESOURCE_NOT_EXISTS", "退款单不存在")
            answer = _describe(db, row)
    desk.base.sender.wake()
    return 200, answer


def _create(
    desk: WechatDesk, db: Any, kind: str, body: dict[str, Any], now: float
) -> dict[str, Any]:
    if body.get("appid") != desk.app_id or body.get("mchid") != desk.mch_id:
        raise Refusal(400, "APPID_MCHID_NOT_MATCH", "appid和mchid不匹配")
    number = body.get("out_trade_no")
    if not isinstance(number, str) or not _NUMBER.fullmatch(number):
        raise invalid("out_trade_no格式错误")
    title = body.get("description")
    if not isinstance(title, str) or not 1 <= len(title.encode()) <= 127:
        raise invalid("description长度应为1至127字节")
    if not str(body.get("notify_url", "")).startswith(("http://", "https://")):
        raise invalid("notify_url不是有效的网址")
    scene = body.get("scene_info")
    if kind == "h5" and not (isinstance(scene, dict) and scene.get("payer_client_ip")):
        raise invalid("scene_info.payer_client_ip必填")
    payer = body.get("payer")
    if kind == "jsapi" and not (isinstance(payer, dict) and payer.get("openid")):
        raise invalid("payer.openid必填")
    order = orders.register(db, kind, body, number, now)
    if kind == "jsapi":
        return {"prepay_id": f"wx{order.token}"}
    base = desk.base.settings.public_url or request.host_url.rstrip("/")
    address = base + url_for("wechat_cashier.show", token=order.token)
    return {"h5_url": address} if kind == "h5" else {"code_url": address}


def _refund(desk: WechatDesk, db: Any, body: dict[str, Any], now: float) -> dict[str, Any]:
    order = orders.existing(db, str(body.get("out_trade_no", "")))
    row, new = orders.refund(db, order, body, now, desk.refund_seconds)
    if new and row["due_at"] < now + 10**8:
        queue_refund(desk, db, order, row, row["becomes"], row["due_at"])
    return _describe(db, row)


def _describe(db: Any, row: Any) -> dict[str, Any]:
    order = orders.existing(db, row["out_trade_no"])
    return {
        "refund_id": row["refund_id"],
        "out_refund_no": row["out_refund_no"],
        "transaction_id": order.transaction_id,
        "out_trade_no": order.out_trade_no,
        "channel": "ORIGINAL",
        "user_received_account": "招商银行信用卡0403",
        "create_time": write_time(row["created_at"]),
        "status": row["status"],
        "amount": {"total": order.total_fen, "refund": row["fen"], "currency": "CNY"},
    }


def _write(
    desk: WechatDesk,
    status: int,
    fields: dict[str, Any],
    fault: tuple[str, dict[str, Any]] | None,
) -> Response:
    if broken := broken_answer(desk.base, fault):
        return broken
    name, _ = fault or ("", {})
    text = "" if status == 204 else json.dumps(fields, ensure_ascii=False)
    answer = Response(text, status, mimetype="application/json")
    if name != "answer_unsigned":
        key = desk.base.stranger_key if name == "answer_wrong_key" else desk.private_key
        answer.headers.extend(signature_headers(key, desk.key_id, text, time.time()))
    return answer
