"""Returns of an order, as its buyer asks for them and follows them."""

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from shop.core import ids
from shop.core.errors import Conflict, Invalid
from shop.core.transaction import transaction
from shop.order import return_queries, return_terms, returns
from shop.order.returns import Wanted
from shop.order.views import OrderView
from shop.payment import return_refunds
from shop.payment.refund_quotes import quote
from shop.web.order import access
from shop.web.ui.errors import status_of, words
from shop.web.ui.htmx import redirect_after_post, render, toast
from shop.web.ui.locale import current_lang
from shop.web.ui.return_reasons import REASONS


def add_to(bp: Blueprint) -> None:
    """Register the addresses."""
    at = "/orders/<number>/returns"
    bp.add_url_rule(at, "returns", page)
    bp.add_url_rule(at, "return_request", ask, methods=["POST"])
    bp.add_url_rule(f"{at}/<return_id>/parcel", "return_send", send, methods=["POST"])
    bp.add_url_rule(f"{at}/<return_id>/withdrawal", "return_withdraw", withdraw, methods=["POST"])


def page(number: str) -> Response:
    """What can go back, and what was asked for."""
    return _page(access.allowed(number))


def ask(number: str) -> Response:
    """First press: the exact amount is shown. Second: the return is asked for."""
    view = access.allowed(number)
    try:
        wanted = _wanted(view)
        if request.form.get("do") != "send":
            return _page(view, amount_minor=_worth(view, wanted))
        with transaction():
            return_refunds.request(
                view.id,
                wanted,
                request.form.get("text", "").strip().replace("\0", ""),
                actor=_actor(view),
                key=request.form.get("once", ""),
            )
    except (Invalid, Conflict) as error:
        return _page(view, error=words(error), status=status_of(error))
    return toast(_back(number), _("The shop has your request."))


def send(number: str, return_id: str) -> Response:
    """The parcel is on its way."""
    view = access.allowed(number)
    try:
        with transaction():
            returns.send(
                view.id,
                return_id,
                carrier=request.form.get("carrier", "").replace("\0", ""),
                tracking_number=request.form.get("tracking_number", "").replace("\0", ""),
                actor=_actor(view),
            )
    except (Invalid, Conflict) as error:
        return _page(view, error=words(error), status=status_of(error))
    return toast(_back(number), _("Thank you. The shop knows that it is coming."))


def withdraw(number: str, return_id: str) -> Response:
    """The shopper keeps it after all."""
    view = access.allowed(number)
    try:
        with transaction():
            returns.withdraw(view.id, return_id, actor=_actor(view))
    except Conflict as error:
        return _page(view, error=words(error), status=status_of(error))
    return toast(_back(number), _("The return is withdrawn."))


def _wanted(view: OrderView) -> dict[str, Wanted]:
    """What was chosen. How many may go back is asked later: a second press comes when none are left."""
    wanted = {}
    for line in view.lines:
        typed = request.form.get(f"quantity-{line.public_id}", "").strip() or "0"
        if not (typed.isascii() and typed.isdigit() and len(typed) <= 4):
            most = returns.returnable(view.id).get(line.id, 0)
            raise Invalid("return-quantity", field=f"quantity-{line.public_id}", maximum=most)
        if int(typed):
            reason = request.form.get(f"reason-{line.public_id}", "")
            if reason not in REASONS:
                raise Invalid("return-reason", field=f"reason-{line.public_id}")
            wanted[line.public_id] = Wanted(int(typed), reason)
    return wanted


def _worth(view: OrderView, wanted: dict[str, Wanted]) -> int:
    """What they would give back, in minor units."""
    returns.check(view.id, wanted)
    units_of = {name: line.quantity for name, line in wanted.items()}
    return quote(view.id, units_of, include_delivery=False).total_minor


def _page(
    view: OrderView, *, amount_minor: int | None = None, error: str = "", status: int = 200
) -> Response:
    left = returns.returnable(view.id)
    return render(
        "order/returns.html",
        status=status,
        order=view,
        key=access.key_of(view.number),
        back=access.status_url(view.number),
        lines=[(line, left[line.id]) for line in view.lines if line.id in left],
        until=return_terms.of_store(view.store_id).open_until(view.received_at),
        found=return_queries.of_order(view.id, current_lang()),
        reasons=REASONS,
        typed=request.form,
        once=request.form.get("once") or ids.token(),
        amount_minor=amount_minor,
        error=error,
    )


def _back(number: str) -> Response:
    return redirect_after_post(access.status_url(number).replace("?", "/returns?", 1))


def _actor(view: OrderView) -> str:
    return f"u:{view.user_id}" if view.user_id is not None else "guest"
