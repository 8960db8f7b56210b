"""Paying: the waiting page, the provider's return and its notifies."""

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    g,
    make_response,
    redirect,
    request,
    url_for,
)
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from markupsafe import Markup
from werkzeug.exceptions import RequestEntityTooLarge

from shop.core import clock, ids, qr
from shop.core.errors import Conflict, ShopError
from shop.core.transaction import transaction
from shop.order import links
from shop.order import queries as queries_of_orders
from shop.order.states import OrderState
from shop.payment import flows, transfer_views, transfers
from shop.payment import waiting as money_waiting
from shop.payment.accounts import opening
from shop.payment.gateways.base import (
    BadSignature,
    Event,
    Gateway,
    GatewayError,
    Scene,
    Unsupported,
)
from shop.payment.offline import COD
from shop.payment.transfer_views import TransferView
from shop.payment.transfers import TRANSFER
from shop.payment.waiting import Waiting
from shop.web.extensions import csrf, limiter
from shop.web.payment import refusals
from shop.web.ui import purchases
from shop.web.ui import transfers as bank_transfers
from shop.web.ui.caching import make_private
from shop.web.ui.errors import register_message, words
from shop.web.ui.gateways import gateways
from shop.web.ui.htmx import is_partial, redirect_after_post, render, toast
from shop.web.ui.locale import LANG_PREFIX, current_lang
from shop.web.ui.purchases import method as say_method

Heard = list[tuple[Gateway, str | None]]

bp = Blueprint("payment", __name__)
make_private(bp)
bp.context_processor(purchases.context)
bp.context_processor(bank_transfers.context)
for _code, _text in {
    "payment-refused": lazy_gettext(
        "The payment provider refused. Try again, or choose another way."
    ),
    "payment-unknown": lazy_gettext(
        "The payment provider does not answer. Nothing was lost; try again in a minute."
    ),
    "nothing-to-pay": lazy_gettext("There is nothing to pay here."),
}.items():
    register_message(_code, _text)


@bp.get(LANG_PREFIX + "/pay/<token>")
def waiting(token: str) -> Response:
    """What is to be paid, until when, and how; leads on once it is paid."""
    found = _found(token)
    if _is_settled(found):
        return _go(url_for("order.confirmation", token=token))
    return _page(found)


@bp.post(LANG_PREFIX + "/pay/<token>")
def start(token: str) -> Response:
    """Open the provider's cashier."""
    found = _found(token)
    if _is_settled(found):
        return redirect_after_post(url_for("order.confirmation", token=token))
    method = request.form.get("method") or found.method
    if method not in dict(_methods(found.currency)):
        return _page(found, status=409, refusal=Conflict("payment-refused"))
    if method == TRANSFER:
        return _transfer(found)
    base = current_app.config["PAYMENT_NOTIFY_BASE"]
    try:
        address = flows.start(
            found.checkout_id,
            method,
            gateways(),
            subject=_("Xiaopu order %(number)s", number=found.orders[0]),
            addresses=flows.Addresses(
                notify_url=f"{base}{url_for('payment.notify', gateway=method)}",
                return_url=current_app.config["PUBLIC_URL"] + url_for("payment.back", token=token),
                client_ip=request.remote_addr or "",
            ),
            scene=Scene.WAP if "Mobi" in request.headers.get("User-Agent", "") else Scene.PAGE,
        )
    except ShopError as error:
        if isinstance(error, GatewayError):
            raise
        return _page(_found(token), status=409, refusal=error)
    return redirect_after_post(address or url_for("payment.waiting", token=token))


@bp.get(LANG_PREFIX + "/pay/<token>/state")
def state(token: str) -> Response:
    """The live part of the waiting page: polled, and ends by itself."""
    found = _found(token)
    if _is_settled(found):
        target = url_for("order.confirmation", token=token)
        if is_partial():
            answer = make_response("", 200)
            answer.headers["HX-Redirect"] = target
            return answer
        return _go(target)
    return _page(found)


@bp.post(LANG_PREFIX + "/pay/<token>/check")
@limiter.limit("30 per minute")
def check(token: str) -> Response:
    """«I have paid»: ask the provider now."""
    found = _ask(_found(token))
    if _is_settled(found):
        return redirect_after_post(url_for("order.confirmation", token=token))
    said = _("The payment has not arrived yet. It can take a minute.")
    if is_partial():
        return toast(_page(found), said)
    return toast(redirect_after_post(url_for("payment.waiting", token=token)), said)


@bp.get(LANG_PREFIX + "/pay/<token>/return")
@limiter.limit("60 per minute")
def back(token: str) -> Response:
    """The provider sent the shopper back: only a hint, so the provider is asked."""
    found = _ask(_found(token))
    if _is_settled(found):
        return _go(url_for("order.confirmation", token=token))
    return _go(url_for("payment.waiting", token=token, returned=1))


@bp.post("/notify/<gateway>")
@csrf.exempt
@limiter.exempt
def notify(gateway: str) -> Response:
    """A provider's word. Only a genuine one is believed; the answer tells it to stop or to repeat.

    Until the signature was found good nothing is looked up: a forged number that exists costs what one
    costs that does not, and no statement runs.
    """
    heard = opening.listeners(gateways(), gateway)
    if not heard:
        return _plain(404)
    request.max_content_length = refusals.MAX_BODY_BYTES
    found, merchant = heard[0]
    try:
        found, merchant, event = _checked(heard)
    except RequestEntityTooLarge:
        return _refused(found, BadSignature(detail="too long"), 413)
    except BadSignature as error:
        return _refused(found, error, 400)
    except Unsupported:
        return _plain(404)
    return _plain(*found.ack(flows.take_notify(event, gateway, merchant)))


def _refused(gateway: Gateway, error: BadSignature, least: int) -> Response:
    refusals.note(gateway.name, error)
    if refusals.too_many():
        return _plain(429)
    status, body = gateway.ack(False)
    return _plain(max(status, least), body)


def _plain(status: int, body: str = "") -> Response:
    answer = make_response(body, status)
    answer.mimetype = "text/plain"
    return answer


def _checked(heard: Heard) -> tuple[Gateway, str | None, Event]:
    """What was said, by the account that it was said to: one that was put aside is still told of what it
    took. Raises ``BadSignature`` when none of them believes it."""
    headers, body = dict(request.headers), request.get_data()
    refused: BadSignature | None = None
    for gateway, merchant in heard:
        try:
            return gateway, merchant, gateway.parse_notify(headers, body)
        except BadSignature as error:
            refused = refused or error
    raise refused or BadSignature()


def _ask(found: Waiting) -> Waiting:
    """Query the live attempt; what the provider does not tell now, the periodic job asks again."""
    if found.payment_id is None or _is_settled(found):
        return found
    flows.refresh(found.payment_id, gateways(), actor="return")
    return _found(found.token)


def _is_settled(found: Waiting) -> bool:
    """Nothing is left to pay here: it is paid, or the courier gets the money."""
    return found.result == "paid" or found.method == COD


def _found(token: str) -> Waiting:
    found = money_waiting.of_checkout(token)
    if found is None:
        abort(404)
    return found


def _page(found: Waiting, status: int = 200, refusal: ShopError | None = None) -> Response:
    lang = current_lang()
    methods = _methods(found.currency)
    transfer = _transfer_of(found)
    names = [name for name, _words in methods]
    whole = not is_partial()
    views = [queries_of_orders.order_page(number, lang) for number in found.orders] if whole else []
    shown = [view for view in views if view is not None]
    if shown:
        g.timezone = shown[0].timezone
    code = found.qr_text if found.result in {"waiting", "confirming"} else None
    begun = found.attempt.gateway if found.attempt else found.method
    left = (found.expires_at - clock.now()).total_seconds() if found.expires_at else 0
    return render(
        "payment/waiting.html",
        block="payment_state",
        status=status,
        waiting=found,
        token=found.token,
        method=begun if begun in names else next(iter(names), found.method),
        qr=Markup(qr.svg(code, _("Payment code"))) if code else None,  # noqa: S704 - escaped there
        # Only the sandbox's code is an address that a browser can open.
        code_address=code if code and code.startswith(("http://", "https://")) else None,
        methods=methods,
        transfer=transfer,
        transfer_url=_status_url(found.orders[0]).replace("?", "/transfer?", 1),
        orders=[view for view in shown if view.state != OrderState.CANCELLED],
        store=_("Xiaopu"),
        begun=bool(found.redirect_url) and found.result == "waiting",
        seconds=max(0, int(left)),
        tick=ids.public_id(),
        cancel={number: _status_url(number) for number in found.orders},
        refusal=words(refusal) if refusal is not None else None,
        returned=bool(request.args.get("returned")),
        inside_wechat="MicroMessenger" in request.headers.get("User-Agent", ""),
    )


def _transfer(found: Waiting) -> Response:
    """Pay by bank transfer: the page says where to, and the order waits longer."""
    try:
        with transaction():
            transfers.begin(found.checkout_id, hold=current_app.config["BANK_TRANSFER_WAIT"])
    except ShopError as error:
        return _page(_found(found.token), status=409, refusal=error)
    return redirect_after_post(url_for("payment.waiting", token=found.token))


def _transfer_of(found: Waiting) -> TransferView | None:
    """The transfer that the page is about: chosen last, or begun to be paid."""
    if found.attempt is None or found.attempt.gateway != TRANSFER:
        return None
    return transfer_views.of_checkout(found.checkout_id)


def _methods(currency: str) -> list[tuple[str, str]]:
    """The ways to pay online that are open in a currency, with their names."""
    known = gateways()
    return [
        (name, say_method(name))
        for name in known
        if name != COD and opening.takes(known, name, currency)
    ]


def _status_url(number: str) -> str:
    """The signed page of an order: there it can be cancelled. Whoever has the token is its buyer."""
    key = links.sign(number, current_app.config["SECRET_KEY"])
    return url_for("order.status", number=number, key=key)


def _go(url: str) -> Response:
    return make_response(redirect(url, 303))
