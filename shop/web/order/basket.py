"""The cart at the checkout: read once for each request, taxed for where the form says."""

from flask import request

from shop.cart import queries as carts
from shop.cart.views import CartPart, CartView
from shop.core import clock
from shop.web.order.destination import destination
from shop.web.order.forms import CheckoutForm
from shop.web.ui import deliveries
from shop.web.ui.locale import current_lang
from shop.web.ui.visitor import owner


def read(form: CheckoutForm | None = None) -> CartView:
    """The visitor's cart."""
    return carts.view(
        owner(),
        current_lang(),
        clock.now(),
        plans=deliveries.plans(),
        taken=deliveries.taken,
        taxed_for=destination(form),
    )


def chosen(view: CartView) -> CartPart | None:
    """The part that is being bought: of the currency that the page or its form names."""
    return view.part(request.values.get("currency") or None)


def part(form: CheckoutForm | None = None) -> CartPart | None:
    """That part of the visitor's cart."""
    return chosen(read(form))
