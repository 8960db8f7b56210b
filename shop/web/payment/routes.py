"""Paying: the waiting page, the provider's return and its notifies."""

from flask import Blueprint, Response, abort, current_app, make_response, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from shop.core.errors import ShopError
from shop.payment import flows, queries
from shop.payment.gateways.base import BadSignature, Gateway, GatewayError, Scene, Unsupported
from shop.payment.queries import Waiting
from shop.web.extensions import csrf, limiter
from shop.web.ui.caching import make_private
from shop.web.ui.errors import register_message
from shop.web.ui.gateways import gateways
from shop.web.ui.htmx import is_partial, redirect_after_post, render, toast
from shop.web.ui.locale import LANG_PREFIX

bp = Blueprint("payment", __name__)
make_private(bp)
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
    if found.result == "paid":
        return _go(url_for("order.confirmation", token=token))
    return _page(found)


@bp.post(LANG_PREFIX + "/pay/<token>")
def start(token: str) -> Response:
    """Open the provider's cashier."""
    found = _found(token)
    if found.result == "paid":
        return redirect_after_post(url_for("order.confirmation", token=token))
    method = request.form.get("method") or found.method
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
    if found.result == "paid":
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
    if found.result == "paid":
        return redirect_after_post(url_for("order.confirmation", token=token))
    return toast(_page(found), _("The payment has not arrived yet. It can take a minute."))


@bp.get(LANG_PREFIX + "/pay/<token>/return")
@limiter.limit("60 per minute")
def back(token: str) -> Response:
    """The provider sent the shopper back: only a hint, so the provider is asked."""
    found = _ask(_found(token))
    if found.result == "paid":
        return _go(url_for("order.confirmation", token=token))
    return _go(url_for("payment.waiting", token=token, returned=1))


@bp.post("/notify/<gateway>")
@csrf.exempt
@limiter.exempt
def notify(gateway: str) -> Response:
    """A provider's word. Only a genuine one is believed; the answer tells it to stop or to repeat."""
    found: Gateway | None = gateways().get(gateway)
    if found is None:
        abort(404)
    try:
        event = found.parse_notify(dict(request.headers), request.get_data())
    except BadSignature as error:
        current_app.logger.warning("notify refused: %s", error)
        status, body = found.ack(False)
        return make_response(body, max(status, 400))
    except Unsupported:
        abort(404)
    status, body = found.ack(flows.take_notify(event, gateway))
    answer = make_response(body, status)
    answer.mimetype = "text/plain"
    return answer


def _ask(found: Waiting) -> Waiting:
    """Query the live attempt; what the provider does not tell now, the periodic job asks again."""
    if found.payment_id is None or found.result == "paid":
        return found
    flows.refresh(found.payment_id, gateways(), actor="return")
    return _found(found.token)


def _found(token: str) -> Waiting:
    found = queries.waiting(token)
    if found is None:
        abort(404)
    return found


def _page(found: Waiting, status: int = 200, refusal: ShopError | None = None) -> Response:
    methods = [name for name in gateways() if name != "cod"]
    return render(
        "payment/waiting.html",
        block="payment_state",
        status=status,
        waiting=found,
        token=found.token,
        methods=methods,
        refusal=refusal,
        returned=bool(request.args.get("returned")),
    )


def _go(url: str) -> Response:
    return make_response(redirect(url, 303))
