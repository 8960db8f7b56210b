"""Checkout: one page from cart to order."""

from typing import Any

from flask import Blueprint, Response, current_app, request, url_for
from flask_login import current_user

from shop.account import queries as accounts
from shop.cart import queries as carts
from shop.cart.views import CartPart
from shop.core import clock
from shop.core.errors import Conflict, Invalid, ShopError
from shop.core.transaction import transaction
from shop.order import checkout as placing
from shop.order import queries
from shop.web.order import access, messages, orders, reviews
from shop.web.order.forms import CheckoutForm
from shop.web.order.methods import available
from shop.web.order.regions import divisions
from shop.web.ui.caching import make_private
from shop.web.ui.errors import status_of, words
from shop.web.ui.htmx import redirect_after_post, render
from shop.web.ui.locale import LANG_PREFIX, current_lang
from shop.web.ui.visitor import owner, user_id

bp = Blueprint("order", __name__, url_prefix=LANG_PREFIX)
make_private(bp)
messages.register()
orders.add_to(bp)
reviews.add_to(bp)


@bp.get("/checkout")
def checkout() -> Response:
    """The form, filled with what is known: default address, last choices."""
    part = _part()
    if part is None or not part.ready:
        return redirect_after_post(url_for("cart.page"))
    form = _form(part, data=_known())
    return _page(form, part)


@bp.post("/checkout")
def place() -> Response:
    """Place the order. A second press with the same key leads to the same confirmation."""
    part = _part()
    form = _form(part)
    if part is None:
        # The cart is empty: this may be the second press of a form that has been placed.
        token = _placed_before(form)
        return redirect_after_post(_next(token) if token else url_for("cart.page"))
    if not form.validate():
        return _page(form, part, status=422)
    submission = placing.Submission(
        contact=form.contact(),
        method=form.method.data,
        currency=part.currency,
        locale=current_lang(),
        expected_total_minor=_expected(form),
    )
    try:
        with transaction():
            token = placing.place(
                owner(),
                submission,
                key=form.key.data,
                expires_after=current_app.config["ORDER_EXPIRES_AFTER"],
            )
    except (Conflict, Invalid) as error:
        return _refused(form, error)
    return redirect_after_post(_next(token))


@bp.post("/checkout/quote")
def quote() -> Response:
    """The parts of the form that depend on the country and its divisions, and the totals."""
    part = _part()
    if part is None:
        return redirect_after_post(url_for("cart.page"))
    form = _form(part)
    return _page(form, part)


@bp.get("/checkout/<token>")
def confirmation(token: str) -> Response:
    """What was bought, and what happens next. The token is the buyer's secret."""
    views = [queries.order_page(number, current_lang()) for number in queries.of_checkout(token)]
    found = [view for view in views if view is not None]
    if not found:
        return redirect_after_post(url_for("order.find"))
    return render(
        "order/confirmation.html",
        orders=found,
        token=token,
        links={view.number: access.status_url(view.number) for view in found},
        account_offer=found[0].user_id is None and bool(found[0].contact.email),
    )


def _part() -> CartPart | None:
    view = carts.view(owner(), current_lang(), clock.now())
    return view.part(request.values.get("currency") or None)


def _form(part: CartPart | None, data: dict[str, Any] | None = None) -> CheckoutForm:
    methods = available()
    form = CheckoutForm(data=data, methods=methods, physical=part is None or part.needs_delivery)
    if not form.method.data and methods:
        form.method.data = methods[0][0]
    if part is not None and request.method == "GET":
        form.currency.data = part.currency
        form.expected_total.data = str(part.quote.total_minor)
    return form


def _known() -> dict[str, Any]:
    """What a signed-in shopper need not type again."""
    uid = user_id()
    if uid is None:
        return {}
    known: dict[str, Any] = {"email": current_user.email, "name": current_user.name}
    address = next((row for row in accounts.addresses(uid) if row.is_default), None)
    if address is not None:
        known |= {
            name: getattr(address, name)
            for name in (
                "name",
                "phone",
                "country",
                "province",
                "city",
                "district",
                "street",
                "postcode",
            )
        }
    return known


def _page(form: CheckoutForm, part: CartPart, status: int = 200, **context: Any) -> Response:
    country, province, city = (form[name].data or "" for name in ("country", "province", "city"))
    return render(
        "order/checkout.html",
        block="checkout_form",
        status=status,
        form=form,
        part=part,
        provinces=divisions(country),
        cities=divisions(country, province) if province else (),
        districts=divisions(country, province, city) if province and city else (),
        addresses=accounts.addresses(user_id() or 0) if user_id() else [],
        **context,
    )


def _refused(form: CheckoutForm, error: ShopError) -> Response:
    """Show what changed, with everything typed kept and the new total on the button."""
    part = _part()
    if part is None or error.reason == "cart-empty":
        return redirect_after_post(url_for("cart.page"))
    old = error.params.get("old_minor")
    form.refuse(error)
    form.expected_total.data = form.expected_total.raw_data = str(part.quote.total_minor)
    return _page(form, part, status=status_of(error), old_total_minor=old, refusal=words(error))


def _expected(form: CheckoutForm) -> int:
    typed = form.expected_total.data or ""
    return int(typed) if typed.isdecimal() and len(typed) < 16 else -1


def _placed_before(form: CheckoutForm) -> str | None:
    return placing.placed_before(owner(), form.key.data)


def _next(token: str) -> str:
    """On to paying, or straight to the confirmation when nothing is to be paid online."""
    if queries.awaits_payment(token):
        return url_for("payment.waiting", token=token)
    return url_for("order.confirmation", token=token)
