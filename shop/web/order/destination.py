"""Where the goods of a checkout go: taxes follow it."""

from flask import request

from shop.account import queries as accounts
from shop.cart.views import CartPart
from shop.store.places import Destination
from shop.web.order.forms import CheckoutForm
from shop.web.ui.addresses import AddressForm
from shop.web.ui.taxes import remembered
from shop.web.ui.visitor import user_id


def destination(form: CheckoutForm | None = None) -> Destination | None:
    """As the order's contact will say it: the address that was chosen, else what is typed so far. A page
    that nobody has touched takes the default address; without one, nothing is known. What is in the cart
    shapes the form, and where it goes shapes the cart: so it is read ahead of the ``form`` if need be."""
    if form is not None:
        contact = form.contact()
        return Destination(contact.country, contact.province)
    if request.method != "POST":
        return remembered()
    uid = user_id()
    named = request.form.get("address", "")
    chosen = accounts.address(uid, named) if uid is not None and named.isalnum() else None
    if chosen is not None:
        return Destination(chosen.country, chosen.province)
    parts = AddressForm().parts()  # as the form reads it: regions that do not lie in the country go
    return Destination(parts["country"], parts["province"])


def preset(part: CartPart) -> dict[str, str]:
    """The country that the form begins with, where a tax was estimated for it: what the cart said holds."""
    place = part.quote.tax_estimated_for
    return {"country": place[0]} if place and place[0] else {}
