"""Several things put into the cart at once: what is often bought together."""

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _

from shop.cart import services
from shop.catalog import queries as catalog
from shop.core.errors import Conflict, Invalid, NotFound
from shop.core.transaction import transaction
from shop.web.ui.htmx import redirect_after_post, toast
from shop.web.ui.visitor import owner_for_writing

MOST = 6


def add_to(bp: Blueprint) -> None:
    """Register the address."""
    bp.add_url_rule("/cart/sets", "add_set", add_set, methods=["POST"])


def add_set() -> Response:
    """Put one of each ``variant`` that the form names into the cart: all of them, or none."""
    named = list(dict.fromkeys(request.form.getlist("variant")))
    if not 1 <= len(named) <= MOST:
        raise Invalid("variant-not-sold")
    ids = [catalog.variant_id(name) for name in named]
    try:
        with transaction():
            for variant_id in ids:
                if variant_id is None:
                    raise NotFound("variant-not-sold")
                services.add(owner_for_writing(), variant_id, 1)
    except Conflict as error:
        if error.reason == "stock-short" and not error.params.get("available"):
            raise Conflict("sold-out") from error
        raise
    return toast(redirect_after_post(url_for("cart.page")), _("The set is in your cart."))
