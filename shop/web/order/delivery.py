"""The choices of the checkout's second step, as its form sends them."""

from flask import request

from shop.cart.delivery import Wish
from shop.cart.views import CartPart
from shop.core import clock
from shop.store.places import Destination
from shop.web.order.forms import CheckoutForm
from shop.web.ui import deliveries


def destination(form: CheckoutForm) -> Destination:
    """Where the form's goods go: the chosen entry of the address book, or what is typed."""
    if form.chosen is not None:
        to = form.chosen
        return Destination(to.country, to.province, to.postcode)
    parts = form.parts()
    return Destination(parts["country"], parts["province"], parts["postcode"])


def wish_of(form: CheckoutForm, part: CartPart) -> Wish:
    """How the goods are to come."""
    slugs = [one.store.slug for one in part.stores]
    return Wish(
        destination(form),
        {slug: text for slug in slugs if (text := request.form.get(f"delivery-{slug}", ""))},
        {slug: text for slug in slugs if (text := request.form.get(f"window-{slug}", ""))},
    )


def delivered(form: CheckoutForm, part: CartPart) -> CartPart:
    """The part as the form wants it delivered; the form asks for an address only where one is needed."""
    found = part.delivered(deliveries.plans(), wish_of(form, part), clock.now(), deliveries.taken)
    if part.needs_delivery and not found.needs_address:
        form.fetch()
    return found


def remember(form: CheckoutForm) -> None:
    """Dates and costs are shown for where the last order went."""
    if form.physical:
        deliveries.remember_region(destination(form))


def known_region() -> dict[str, str]:
    """What the address form may begin with for a guest who named a region."""
    place = deliveries.region()
    if place is None:
        return {}
    return {"country": place.country, "province": place.province, "postcode": place.postcode}
