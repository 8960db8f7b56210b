"""The page for a card. Opening it changes nothing."""

import time
from datetime import UTC, datetime

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from shop.sandbox.alipay.pages import chosen_language, draw
from shop.sandbox.stripe import cards, sessions
from shop.sandbox.stripe.desk import current_stripe
from shop.sandbox.stripe.notifies import queue_session
from shop.sandbox.stripe.sessions import Session
from shop.sandbox.stripe.wire import Refusal

bp = Blueprint("stripe_cashier", __name__, url_prefix="/stripe/pay")
_WHOLE = frozenset(("jpy", "krw", "vnd", "clp", "xaf", "xof", "xpf"))


@bp.get("/<page>")
def show(page: str) -> Response:
    """What is to be paid, to whom, until when."""
    with current_stripe().base.store.reading() as db:
        return _draw(_find(sessions.find(db, "id", page)))


@bp.post("/<page>/payment")
def pay(page: str) -> BaseResponse:
    """Charge the card, then go back; what is wrong with it stands beside what was typed."""
    desk, now = current_stripe(), time.time()
    typed = {name: request.form.get(name, "")[:40] for name in ("number", "expiry", "cvc")}
    problem = cards.problem(**typed, now=now)
    with desk.base.store.reading() as db:
        session = _find(sessions.find(db, "id", page))
    if problem and session.status_at(now) == sessions.OPEN:
        return _draw(session, status=402 if problem == "card_declined" else 422, problem=problem)
    try:
        with desk.base.store.writing() as db:
            session = sessions.pay(db, sessions.existing(db, page), now)
            queue_session(desk, db, session, "completed", now)
    except Refusal:
        return redirect(url_for("stripe_cashier.show", page=page, lang=chosen_language()), 303)
    desk.base.sender.wake()
    return redirect(session.success_url, 303)


def _draw(session: Session, *, status: int = 200, problem: str = "") -> Response:
    until = datetime.fromtimestamp(session.expires_at, UTC)
    state = {"open": "pay", "complete": "paid", "expired": "expired"}[
        session.status_at(time.time())
    ]
    if state == "paid" and session.refunded == session.total:
        state = "refunded"
    return draw(
        "stripe.html",
        status=status,
        return_url=session.success_url,
        session=session,
        state=state,
        amount=_amount(session),
        deadline=f"{until:%Y-%m-%d %H:%M}",
        back=session.success_url if state in ("paid", "refunded") else session.cancel_url,
        problem=problem,
        typed=request.form,
    )


def _amount(session: Session) -> str:
    """``¥88.80``, ``USD 88.80``, ``JPY 888``."""
    mark = "¥" if session.currency == "cny" else f"{session.currency.upper()} "
    if session.currency in _WHOLE:
        return f"{mark}{session.total:,}"
    return f"{mark}{session.total // 100:,}.{session.total % 100:02d}"


def _find(session: Session | None) -> Session:
    if session is None:
        abort(404)
    return session
