"""The cashier: the page on which the buyer pays. Opening it changes nothing."""

import time

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from shop.sandbox.alipay import trades
from shop.sandbox.alipay.desk import current_desk
from shop.sandbox.alipay.notifies import queue_notify, return_address
from shop.sandbox.alipay.pages import chosen_language, draw
from shop.sandbox.alipay.trades import TRADE_CLOSED, WAIT_BUYER_PAY, Trade
from shop.sandbox.alipay.wire import Refusal, write_time

bp = Blueprint("alipay_cashier", __name__, url_prefix="/alipay/cashier")


@bp.get("/<token>")
def show(token: str) -> Response:
    """What is to be paid, to whom, until when."""
    desk, now = current_desk(), time.time()
    with desk.store.reading() as db:
        trade = _find(trades.find_by_token(db, token))
    state = page_state(trade, now)
    back = trade.quit_url or trade.return_url
    if state in ("paid", "refunded") and trade.return_url:
        back = return_address(desk, trade, now)
    return draw(
        "cashier.html",
        return_url=trade.return_url,
        trade=trade,
        state=state,
        waiting=trade.status == WAIT_BUYER_PAY,
        amount=f"{trade.total_fen // 100:,}.{trade.total_fen % 100:02d}",
        deadline=write_time(trade.expires_at)[:16] if trade.expires_at else None,
        back=back,
    )


@bp.post("/<token>/payment")
def pay(token: str) -> BaseResponse:
    """Pay, then go back to the shop by a signed address; a second press goes back as well."""
    desk, now = current_desk(), time.time()
    try:
        with desk.store.writing() as db:
            trade = _find(trades.find_by_token(db, token))
            trade = trades.pay(db, trade, now, late="late" in request.form)
            queue_notify(desk, db, trade, now)
    except Refusal:
        return _to_page(token)
    desk.sender.wake()
    if not trade.return_url:
        return _to_page(token)
    return redirect(return_address(desk, trade, now), 303)


@bp.post("/<token>/scan")
def scan(token: str) -> BaseResponse:
    """Sign in without paying: from now on the trade exists."""
    try:
        with current_desk().store.writing() as db:
            trades.scan(db, _find(trades.find_by_token(db, token)), time.time())
    except Refusal:
        pass  # The page that follows says that the time is over.
    return _to_page(token)


def page_state(trade: Trade, now: float) -> str:
    """Which of its five faces the page shows."""
    if trade.paid_at is not None:
        return "refunded" if trade.status == TRADE_CLOSED else "paid"
    if trade.closed_by == "merchant":
        return "closed"
    return "expired" if trade.past_deadline(now) else "pay"


def _find(trade: Trade | None) -> Trade:
    if trade is None:
        abort(404)
    return trade


def _to_page(token: str) -> BaseResponse:
    return redirect(url_for("alipay_cashier.show", token=token, lang=chosen_language()), 303)
