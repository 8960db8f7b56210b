"""The page behind the code: what a phone shows after scanning. Opening it changes nothing."""

import time
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from shop.sandbox.alipay.pages import chosen_language, draw
from shop.sandbox.wechat import orders
from shop.sandbox.wechat.desk import current_wechat
from shop.sandbox.wechat.notifies import queue_payment
from shop.sandbox.wechat.orders import WechatOrder
from shop.sandbox.wechat.wire import Refusal, write_time

bp = Blueprint("wechat_cashier", __name__, url_prefix="/wechat/cashier")


@bp.get("/<token>")
def show(token: str) -> Response:
    """What is to be paid, to whom, until when."""
    now = time.time()
    with current_wechat().base.store.reading() as db:
        order = _find(orders.find_by_token(db, token))
    back = _back()
    deadline = write_time(order.expires_at)[:16].replace("T", " ") if order.expires_at else None
    return draw(
        "wechat.html",
        return_url=back,
        order=order,
        state=page_state(order, now),
        amount=f"{order.total_fen // 100:,}.{order.total_fen % 100:02d}",
        deadline=deadline,
        back=back,
    )


@bp.post("/<token>/payment")
def pay(token: str) -> BaseResponse:
    """Pay, then go back where the shop wants its shopper; a code has no way back."""
    desk, now = current_wechat(), time.time()
    try:
        with desk.base.store.writing() as db:
            order = _find(orders.find_by_token(db, token))
            order = orders.pay(db, order, now, late="late" in request.form)
            queue_payment(desk, db, order, now)
    except Refusal:
        return _to_page(token)
    desk.base.sender.wake()
    return redirect(_back(), 303) if _back() else _to_page(token)


def page_state(order: WechatOrder, now: float) -> str:
    """Which of its faces the page shows."""
    if order.paid_at is not None:
        return "refunded" if order.refunded_fen == order.total_fen else "paid"
    if order.state == orders.CLOSED:
        return "closed"
    return "expired" if order.past_deadline(now) else "pay"


def _back() -> str:
    url = request.args.get("redirect_url", "")
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    good = parts.scheme in ("http", "https") and parts.hostname and len(url) < 2048
    return url if good and all(ord(mark) > 32 for mark in url) else ""


def _find(order: WechatOrder | None) -> WechatOrder:
    if order is None:
        abort(404)
    return order


def _to_page(token: str) -> BaseResponse:
    page = url_for(
        "wechat_cashier.show",
        token=token,
        lang=chosen_language(),
        redirect_url=request.args.get("redirect_url"),
    )
    return redirect(page, 303)
