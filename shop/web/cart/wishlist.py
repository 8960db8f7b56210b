"""The wishlist: its page, and the heart."""

from flask import Blueprint, Response, make_response, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from shop.cart import services as carts
from shop.cart import wishlist, wishlist_queries
from shop.catalog import queries as catalog
from shop.core.errors import Conflict, NotFound
from shop.core.transaction import transaction
from shop.web.ui.caching import make_private
from shop.web.ui.cards import card_view
from shop.web.ui.errors import register_message
from shop.web.ui.guards import here
from shop.web.ui.htmx import Undo, is_htmx, is_partial, redirect_after_post, render, toast
from shop.web.ui.locale import LANG_PREFIX, current_lang
from shop.web.ui.nul import refuse_nul
from shop.web.ui.visitor import owner, owner_for_writing

bp = Blueprint("wishlist", __name__, url_prefix=LANG_PREFIX)
make_private(bp)
refuse_nul(bp)
register_message(
    "wishlist-full", lazy_gettext("A wishlist holds %(maximum)s things at most. Remove one first.")
)


@bp.get("/wishlist")
def page() -> Response:
    """What is saved, with what changed since: a lower price, back in stock."""
    return _page()


@bp.post("/wishlist/items")
def save() -> Response:
    """The heart is pressed: the product goes on the list."""
    with transaction():
        wishlist.save(owner_for_writing(), _slug())
    return toast(_heart(saved=True), _("Saved on your wishlist."))


@bp.post("/wishlist/items/removal")
def remove() -> Response:
    """The heart is released, or the list's "Remove" pressed; the toast takes that back."""
    with transaction():
        wishlist.remove(owner(), _slug())
    undo = Undo(url_for("wishlist.restore"), {"product": _slug()})
    answer = _page() if is_partial() and _from_list() else _heart(saved=False)
    return toast(answer, _("Taken off your wishlist."), undo)


@bp.post("/wishlist/items/restoration")
def restore() -> Response:
    """Undo a removal; one stays where one is."""
    with transaction():
        wishlist.restore(owner_for_writing(), _slug())
    if is_htmx():  # the page that one is on, as it is with the thing back
        response = make_response("", 200)
        response.headers["HX-Refresh"] = "true"
        return response
    return _back(url_for("wishlist.page"))


@bp.post("/wishlist/items/move")
def move() -> Response:
    """Into the cart, and off the list."""
    variant_id = catalog.variant_id(request.form.get("variant", ""))
    if variant_id is None:
        raise NotFound("variant-not-sold")
    try:
        with transaction():
            carts.add(owner_for_writing(), variant_id, 1)
            wishlist.remove(owner(), _slug())
    except Conflict as error:
        if error.reason == "stock-short" and not error.params.get("available"):
            raise Conflict("sold-out") from error
        raise
    return toast(redirect_after_post(url_for("cart.page")), _("Moved to the cart."))


def _page() -> Response:
    found = wishlist_queries.wishes(owner(), current_lang())
    items = [(wish, card_view(wish.card)) for wish in found]
    template = "wishlist/_items.html" if is_partial() else "wishlist/page.html"
    return render(template, items=items)


def _heart(saved: bool) -> Response:
    """The heart as it is now for htmx; everyone else returns to where they pressed it."""
    if is_htmx() and request.args.get("at") == "page":
        return render("wishlist/_hearts.html", slug=_slug(), saved=saved)
    if is_htmx():
        title = wishlist_queries.title(_slug(), current_lang())
        return render("wishlist/_heart.html", slug=_slug(), title=title, saved=saved)
    if _from_list():
        return redirect_after_post(url_for("wishlist.page"))
    return _back(url_for("catalog.product", slug=_slug()))


def _back(default: str) -> Response:
    """To the page that was left by this form."""
    return redirect_after_post(here() or default)


def _from_list() -> bool:
    return request.form.get("back") == "list"


def _slug() -> str:
    return request.form.get("product", "")
