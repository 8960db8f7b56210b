"""``/alipay/gateway.do``: every request is signed by the merchant, every answer by the provider."""

import json
import time
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from shop.sandbox import rsa2
from shop.sandbox.alipay import trades
from shop.sandbox.alipay.answers import refusal, success, write_answer
from shop.sandbox.alipay.desk import Desk, current_desk
from shop.sandbox.alipay.operations import OPERATIONS
from shop.sandbox.alipay.pages import problem_page
from shop.sandbox.alipay.wire import Refusal, read_time
from shop.sandbox.faults import take_fault

bp = Blueprint("alipay_gateway", __name__, url_prefix="/alipay")

PAGE_METHODS = ("alipay.trade.page.pay", "alipay.trade.wap.pay")
PRECREATE = "alipay.trade.precreate"

_ANSWER_FAULTS = (
    "answer_timeout",
    "answer_unsigned",
    "answer_wrong_key",
    "answer_new_certificate",
    "answer_html",
    "answer_empty",
    "answer_500",
    "system_error",
    "refused",
)
_PREVENTING = {
    "system_error": Refusal("ACQ.SYSTEM_ERROR", "系统错误"),
    "refused": Refusal("ACQ.SELLER_BALANCE_NOT_ENOUGH", "商户的支付宝账户中无足够的资金进行撤销"),
}


@bp.route("/gateway.do", methods=["GET", "POST"])
def gateway() -> BaseResponse:
    """Check who asks, then let the method answer; page methods lead the browser to the cashier."""
    desk = current_desk()
    params = request.values.to_dict()
    method = params.get("method", "")
    try:
        if any(len(set(values)) > 1 for _, values in request.values.lists()):
            raise Refusal("isv.invalid-signature", "参数重复, 无法验签", "40002")
        biz = check_request(desk, params)
        if method in PAGE_METHODS:
            trade = register_page(desk, params, biz)
            return redirect(url_for("alipay_cashier.show", token=trade.token), 303)
        if method == PRECREATE or method in OPERATIONS:
            return _call(desk, method, params, biz)
        raise Refusal("isv.invalid-method", "不存在的方法名", "40002")
    except Refusal as error:
        if method in PAGE_METHODS:
            return problem_page(error)
        # The real gateway cannot sign for a caller whose app it does not know.
        unknown_app = error.sub_code == "isv.invalid-app-id"
        fault: tuple[str, dict[str, Any]] | None = ("answer_unsigned", {}) if unknown_app else None
        return write_answer(desk, method, refusal(error), fault)


def check_request(desk: Desk, params: dict[str, str]) -> dict[str, Any]:
    """Verify app, signature and common parameters; the parsed ``biz_content`` is returned.

    A request's signature covers everything but ``sign`` itself. Raises ``Refusal``.
    """
    if params.get("app_id") != desk.settings.app_id:
        raise Refusal("isv.invalid-app-id", "无效的AppID参数", "40002")
    if params.get("sign_type") != "RSA2":
        raise Refusal("isv.invalid-signature-type", "无效签名类型", "40002")
    if params.get("charset", "").lower() != "utf-8":
        raise Refusal("isv.invalid-charset", "字符集错误", "40002")
    content = rsa2.content_to_sign(params, ("sign",))
    if not rsa2.verify(desk.app_public_key, content, params.get("sign", "")):
        raise Refusal("isv.invalid-signature", "验签出错, 建议检查签名字符串或签名私钥", "40002")
    _check_certificates(desk, params)
    try:
        read_time(params.get("timestamp", ""))
    except Refusal:
        raise Refusal("isv.invalid-timestamp", "非法的时间戳参数", "40002") from None
    try:
        biz = json.loads(params.get("biz_content") or "{}")
    except (ValueError, RecursionError):
        biz = None
    if not isinstance(biz, dict):
        raise Refusal("isv.invalid-parameter", "biz_content不是JSON对象", "40002")
    return biz


def _check_certificates(desk: Desk, params: dict[str, str]) -> None:
    """An app with certificates names its own and the roots that it trusts."""
    wanted = desk.certificates
    if wanted is None:
        return
    for name, expected in (("app_cert_sn", wanted.app), ("alipay_root_cert_sn", wanted.root)):
        given = params.get(name, "")
        if given != expected:
            word = "invalid" if given else "missing"
            raise Refusal(f"isv.{word}-{name.replace('_', '-')}", f"{name}错误", "40002")


def register_page(desk: Desk, params: dict[str, str], biz: dict[str, Any]) -> trades.Trade:
    """Remember the page that a signed request asks for; raises ``Refusal``."""
    urls = {
        "notify_url": params.get("notify_url", ""),
        "return_url": params.get("return_url", ""),
        "quit_url": str(biz.get("quit_url", "")),
    }
    with desk.store.writing() as db:
        return trades.register(db, params["method"], biz, urls, time.time())


def register_address(desk: Desk, url: str) -> trades.Trade:
    """Register the page of a gateway address as if a browser had opened it; raises ``Refusal``."""
    params = dict(parse_qsl(url.partition("?")[2], keep_blank_values=True))
    if params.get("method") not in PAGE_METHODS:
        raise Refusal("isv.invalid-method", "不存在的方法名", "40002")
    return register_page(desk, params, check_request(desk, params))


def _call(desk: Desk, method: str, params: dict[str, str], biz: dict[str, Any]) -> Response:
    now = time.time()
    with desk.store.writing() as db:
        number = str(biz.get("out_trade_no", ""))
        fault = take_fault(db, _ANSWER_FAULTS, number, method)
    name, wish = fault or ("", {})
    try:
        if name in _PREVENTING:
            given = _PREVENTING[name]
            raise Refusal(str(wish.get("sub_code", given.sub_code)), given.sub_msg)
        if not wish.get("executed", True):
            fields: dict[str, Any] = {}
        elif method == PRECREATE:
            trade = register_page(desk, params, biz)
            base = desk.settings.public_url or request.host_url.rstrip("/")
            path = url_for("alipay_cashier.show", token=trade.token)
            fields = {"out_trade_no": trade.out_trade_no, "qr_code": base + path}
        else:
            with desk.store.writing() as db:
                fields = OPERATIONS[method](desk, db, biz, now)
            desk.sender.wake()
        answer = success(fields)
    except Refusal as error:
        answer = refusal(error)
    return write_answer(desk, method, answer, fault)
