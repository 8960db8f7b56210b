"""Checkout: one page from cart to order."""

from typing import Any

import structlog
from flask import Blueprint, Response, current_app, request, url_for
from flask_login import current_user

from shop.account import addresses as address_book
from shop.account import queries as accounts
from shop.account.addresses import AddressData
from shop.account.queries import AddressView
from shop.cart import services as cart_services
from shop.cart.views import CartPart
from shop.core import ids
from shop.core.errors import Conflict, Invalid, ShopError
from shop.core.i18n import pick
from shop.core.transaction import transaction
from shop.order import lists, queries
from shop.order.checkout import placed_before
from shop.payment import placing
from shop.web.order import (
    access,
    basket,
    cards,
    delivery,
    downloads,
    messages,
    orders,
    paper,
    parcels,
    returns,
    reviews,
    transfers,
)
from shop.web.order.destination import preset
from shop.web.order.forms import NEW, CheckoutForm
from shop.web.order.methods import available
from shop.web.order.submission import submission
from shop.web.ui import deliveries, purchases
from shop.web.ui.addresses import address_html, masked_phone
from shop.web.ui.caching import make_private
from shop.web.ui.errors import status_of, words
from shop.web.ui.forms import national
from shop.web.ui.htmx import redirect_after_post, render
from shop.web.ui.locale import LANG_PREFIX, current_lang
from shop.web.ui.visitor import owner, user_id

log = structlog.get_logger(__name__)

bp = Blueprint("order", __name__, url_prefix=LANG_PREFIX)
make_private(bp)
messages.register()
bp.context_processor(purchases.context)
bp.context_processor(deliveries.context)
bp.context_processor(
    lambda: {
        "address_html": address_html,
        "phone_text": national,
        "masked_phone": masked_phone,
        "say_order_url": access.status_url,
    }
)
orders.add_to(bp)
parcels.add_to(bp)
downloads.add_to(bp)
paper.add_to(bp)
reviews.add_to(bp)
returns.add_to(bp)
transfers.add_to(bp)


@bp.get("/checkout")
def checkout() -> Response:
    """The form, filled with what is known: default address, last choices."""
    part = basket.part()
    if part is None or not part.ready:
        return redirect_after_post(url_for("cart.page"))
    form = _form(part, data=preset(part) | _known(part.currency))
    part = delivery.delivered(form, part)
    form.currency.data = part.currency
    return _page(form, part, agreed=True)


@bp.post("/checkout")
def place() -> Response:
    """Place the order. A second press with the same key leads to the same confirmation."""
    seen = basket.read()
    part = basket.chosen(seen)
    form = _form(part)
    if part is None:
        # The cart is empty: this may be the second press of a form that has been placed.
        token = placed_before(owner(), form.key.data)
        return redirect_after_post(_next(token) if token else url_for("cart.page"))
    if (
        request.form.get("do")
        or form.code.data
        or cards.is_new(form)
        or (form.paste.data and not form.street.data)
    ):
        return quote()
    part = delivery.delivered(form, part)
    if not form.validate():
        return _page(form, part, status=422)
    try:
        with transaction():
            token = placing.place(
                owner(),
                submission(form, part),
                key=form.key.data,
                expires_after=current_app.config["ORDER_EXPIRES_AFTER"],
                seen=seen,
            )
            transfers.begin(form.method.data, token)
    except (Conflict, Invalid) as error:
        return _refused(form, error)
    _keep_address(form)
    delivery.remember(form)
    return redirect_after_post(_next(token))


@bp.get("/checkout/quote")
def quote_again() -> Response:
    """A quote has no page of its own: a reload or a change of language begins at the form."""
    return redirect_after_post(url_for("order.checkout"))


@bp.post("/checkout/quote")
def quote() -> Response:
    """Everything that depends on what was chosen: fields, delivery, totals. Nothing typed is lost.

    A pasted address is sorted into the fields, a coupon's code is remembered in the cart.
    """
    form = _form(basket.part())
    typed_code, said = form.code.data or "", ""
    if request.form.get("do") == "no-coupon":
        with transaction():
            cart_services.set_coupon(owner(), None)
    elif request.form.get("do") == "no-card":
        form.put("card", "")
    elif typed_code:
        said = _apply(typed_code)
    if form.paste.data and (request.form.get("do") == "paste" or not form.street.data):
        form.sort_pasted()
    part = basket.part(form)
    if part is None:
        return redirect_after_post(url_for("cart.page"))
    part = delivery.delivered(form, part)
    coupon = part.quote.coupon
    if typed_code and not said and coupon is not None and coupon.problem is not None:
        said = words(Invalid(coupon.problem.code, **coupon.problem.params))
    if said:
        form.blame("code", said)
    elif typed_code:
        form.put("code", "")
    return _page(form, part, agreed=True)


@bp.get("/checkout/<token>")
def confirmation(token: str) -> Response:
    """What was bought, and what happens next. The token is the buyer's secret."""
    return orders.confirmation(token)


def _form(part: CartPart | None, data: dict[str, Any] | None = None) -> CheckoutForm:
    methods = available(part.currency if part is not None else "")
    uid = user_id()
    form = CheckoutForm(
        data=data,
        methods=methods,
        physical=part is None or part.needs_delivery,
        book=accounts.addresses(uid) if uid is not None else (),
    )
    if not form.method.data and methods:
        form.method.data = methods[0][0]
    return form


def _known(currency: str) -> dict[str, Any]:
    """What a signed-in shopper need not type again."""
    uid = user_id()
    if uid is None:
        return delivery.known_region()
    profile = accounts.profile(uid)
    book: list[AddressView] = accounts.addresses(uid)
    last = lists.of_user(uid, current_lang(), limit=1).rows
    methods = {code for code, _name in available(currency)}
    return {
        "email": current_user.email,
        "name": current_user.name,
        "phone": profile.phone if profile else "",
        "address": book[0].public_id if book else NEW,
        "method": last[0].method if last and last[0].method in methods else None,
        "save_address": not book,
    }


def _page(
    form: CheckoutForm, part: CartPart, status: int = 200, *, agreed: bool = False, **context: Any
) -> Response:
    """``agreed``: pressing the button agrees to the amounts that the page shows."""
    quote = part.quote
    shown = cards.shown(form, part)
    if agreed:
        form.put("expected_total", str(quote.total_minor))
        form.put("expected_due", str(shown.due_minor))
    coupon = quote.coupon
    return render(
        "order/checkout.html",
        block="checkout_form",
        status=status,
        form=form,
        part=part,
        cards=shown,
        count=sum(line.quantity for line in part.lines if line.quoted),
        reasons=[
            (pick(one.labels, current_lang()), -one.amount_minor)
            for one in quote.applied
            if one.amount_minor
        ],
        coupon=coupon if coupon is not None and coupon.applied is not None else None,
        signed_in=user_id() is not None,
        **context,
    )


def _refused(form: CheckoutForm, error: ShopError) -> Response:
    """Show what changed, with everything typed kept and the new total on the button."""
    deliveries.forget_taken()
    part = basket.part()
    if part is None or error.reason == "cart-empty":
        return redirect_after_post(url_for("cart.page"))
    part = delivery.delivered(form, part)
    if error.reason == "idempotency-key-reused":
        form.key.data = (
            ids.token()
        )  # the page came out of the browser's history: a new order is meant
    field = str(error.params.get("field", ""))
    refusal = None
    if field in form and form.chosen is None:
        form.refuse(error)
    else:
        refusal = words(error)
    return _page(
        form,
        part,
        status=status_of(error),
        agreed=True,
        refusal=refusal,
        old_total_minor=error.params.get("old_minor") if error.reason == "total-changed" else None,
        to_cart=not part.ready,
    )


def _apply(code: str) -> str:
    """Remember a coupon's code; what is wrong with it, if anything is known at once."""
    try:
        with transaction():
            cart_services.set_coupon(owner(), code)
    except Invalid as error:
        return words(error)
    return ""


def _keep_address(form: CheckoutForm) -> None:
    """Put a typed address into the book, if its owner wants that. The order stands either way."""
    uid = user_id()
    if uid is None or not form.physical or form.chosen is not None or not form.save_address.data:
        return
    contact = form.contact()
    data = AddressData(name=contact.name, phone=contact.phone, **form.parts())
    try:
        with transaction():
            address_book.add(uid, data)
    except ShopError as error:
        log.info("address-not-kept", reason=error.reason)


def _next(token: str) -> str:
    """On to paying, or straight to the confirmation when nothing is to be paid online."""
    if queries.awaits_payment(token):
        return url_for("payment.waiting", token=token)
    return url_for("order.confirmation", token=token)
