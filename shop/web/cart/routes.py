"""The cart: its page, and one address per change."""

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from shop.cart import queries, services
from shop.catalog import queries as catalog
from shop.core.errors import Conflict, Invalid, NotFound
from shop.core.transaction import transaction
from shop.web.cart import messages, page_view, region, sets
from shop.web.cart.page_view import CartShown
from shop.web.ui import deliveries
from shop.web.ui.caching import make_private
from shop.web.ui.errors import words
from shop.web.ui.format import money_text
from shop.web.ui.guards import safe_path
from shop.web.ui.htmx import (
    Undo,
    is_htmx,
    is_partial,
    open_dialog,
    redirect_after_post,
    render,
    toast,
    trigger,
)
from shop.web.ui.locale import LANG_PREFIX, current_lang
from shop.web.ui.nul import refuse_nul
from shop.web.ui.visitor import owner, owner_for_writing

bp = Blueprint("cart", __name__, url_prefix=LANG_PREFIX)
make_private(bp)
refuse_nul(bp)
messages.register()
sets.add_to(bp)
region.add_to(bp)
bp.context_processor(deliveries.context)


@bp.get("/cart")
def page() -> Response:
    """The cart with its totals; lines that changed say so."""
    return render("cart/page.html", shown=page_view.show())


@bp.post("/cart/lines")
def add() -> Response:
    """Put a variant into the cart; with ``buy_now``, go on to the checkout.

    A picker's values that are sent along win over the variant's id: what counts is what is seen.
    """
    if request.form.get("act") == "choose":
        # Only a browser without the `scripting` query shows "Update" where htmx takes the form over.
        options: dict[str, Any] = {k: v for k, v in request.form.items() if k.startswith("option-")}
        slug = request.form.get("product", "")
        return redirect_after_post(url_for("catalog.product", slug=slug, **options))
    public_id = _chosen_variant() or request.form.get("variant", "")
    variant_id = catalog.variant_id(public_id)
    if variant_id is None:
        raise NotFound("variant-not-sold")
    try:
        with transaction():
            services.add(owner_for_writing(), variant_id, _quantity())
    except Conflict as error:
        raise _explained(error) from error
    if request.form.get("buy_now"):
        return redirect_after_post(url_for("order.checkout"))
    if not is_htmx():
        return toast(redirect_after_post(url_for("cart.page")), _("Added to the cart."))
    if _on_cart_page():
        return toast(_into_page(), _("Added to the cart."))
    shown = page_view.show(with_fitting=False)
    added = next(
        entry
        for part in shown.parts
        for store in part.stores
        for entry in store.lines
        if entry.line.info.public_id == public_id
    )
    return open_dialog(render("cart/_drawer.html", shown=shown, added=added), "cart-drawer")


@bp.post("/cart/lines/<line>")
def change(line: str) -> Response:
    """Set a line's quantity; nought takes it out."""
    if request.form.get("quantity", "").strip() == "0":
        return remove(line)
    try:
        with transaction():
            services.change(owner(), line, _quantity())
            services.accept_prices(owner())
    except (Conflict, Invalid) as error:
        status = 409 if isinstance(error, Conflict) else 422
        return _changed(status=status, line=line, problem=words(error))
    return _changed()


@bp.post("/cart/lines/<line>/removal")
def remove(line: str) -> Response:
    """Take a line out; the toast takes that back."""
    with transaction():
        variant_id, quantity = services.remove(owner(), line)
        services.accept_prices(owner())
    info = catalog.variants_for_cart([variant_id], current_lang()).get(variant_id)
    undo = None
    if info is not None:
        undo = Undo(url_for("cart.restore"), {"variant": info.public_id, "quantity": str(quantity)})
    return toast(_changed(), _("Taken out of the cart."), undo)


@bp.post("/cart/lines/restoration")
def restore() -> Response:
    """Undo a removal."""
    variant_id = catalog.variant_id(request.form.get("variant", ""))
    if variant_id is None:
        raise NotFound("variant-not-sold")
    try:
        with transaction():
            services.add(owner_for_writing(), variant_id, _quantity())
    except Conflict as error:
        raise _explained(error) from error
    if is_htmx() and _on_cart_page():
        return _into_page()
    return redirect_after_post(url_for("cart.page"))


@bp.post("/cart/lines/<line>/selection")
def select(line: str) -> Response:
    """Take a line along to the checkout, or leave it in the cart."""
    with transaction():
        services.select_line(owner(), line, request.form.get("selected") == "1")
        services.accept_prices(owner())
    return _changed()


@bp.post("/cart/coupon")
def apply_coupon() -> Response:
    """Remember a code; the cart says what it takes off, or why it does not count.

    With ``next`` (a coupon's "use now") a cart that is still empty leads there, to the goods.
    """
    code = request.form.get("code", "").strip()
    try:
        with transaction():
            services.set_coupon(owner_for_writing(), code)
    except Invalid as error:
        return _changed(status=422, coupon_problem=words(error), typed_code=code)
    if "next" in request.form:
        if queries.count(owner()):
            return redirect_after_post(url_for("cart.page"))
        goods = safe_path(request.form["next"], url_for("catalog.home"))
        said = _("%(code)s is in your cart and counts as soon as your goods allow.", code=code)
        return toast(redirect_after_post(goods), said)
    return _changed()


@bp.post("/cart/coupon/removal")
def remove_coupon() -> Response:
    """Forget the code."""
    with transaction():
        services.set_coupon(owner(), None)
    return _changed()


def _changed(status: int = 200, **context: Any) -> Response:
    """The cart afterwards: the fragment for htmx, the page after a redirect for everyone else."""
    if not is_htmx() and status == 200:
        return redirect_after_post(_back())
    shown = page_view.show()
    template = "cart/_changed.html" if is_partial() else "cart/page.html"
    return _told(render(template, status=status, shown=shown, **context), shown)


def _into_page() -> Response:
    """The cart for its own page, when the form that asked does not target it: a card's button, or the
    toast's Undo, which is gone by the time the answer comes."""
    shown = page_view.show()
    response = render("cart/_changed.html", shown=shown)
    response.headers["HX-Retarget"] = "#cart"
    response.headers["HX-Reswap"] = "innerHTML"
    return _told(response, shown)


def _told(response: Response, shown: CartShown) -> Response:
    """Announce what the cart comes to now; a sum that changes in silence is no news to a listener."""
    if not is_htmx() or shown.first is None:
        return response
    part = shown.first.part
    text = ngettext(
        "%(num)s item, %(total)s to pay.",
        "%(num)s items, %(total)s to pay.",
        shown.cart.count,
        total=money_text(part.quote.total_minor, part.currency, "always"),
    )
    return trigger(response, "announce", {"text": text})


def _on_cart_page() -> bool:
    return urlsplit(request.headers.get("HX-Current-URL", "")).path == url_for("cart.page")


def _back() -> str:
    if request.form.get("back") == "checkout":
        return url_for("order.checkout")
    return url_for("cart.page")


def _chosen_variant() -> str | None:
    """The public id of the variant that a product page's picker shows, when it sent its values."""
    values = [value for name, value in request.form.items() if name.startswith("option-")]
    slug = request.form.get("product", "")
    if not slug or not values:
        return None
    found = catalog.variant_of(slug, values)
    if found is not None:
        return found
    product = catalog.product_page(slug, current_lang())
    if product is None:
        raise NotFound("variant-not-sold")
    chosen = catalog.picker(product, None, {}, values).chosen
    if chosen is None:
        raise Invalid("combination-not-made")
    return chosen.public_id


def _explained(error: Conflict) -> Conflict:
    """Too few in stock, told apart: none at all, or what is left is in the cart already."""
    if error.reason != "stock-short":
        return error
    if not error.params.get("available"):
        return Conflict("sold-out")
    if error.params.get("held"):
        return Conflict("stock-short-held", **error.params)
    return error


def _quantity() -> int:
    typed = request.form.get("quantity", "1").strip() or "1"
    if not typed.isdecimal() or len(typed) > 6:
        raise Invalid("quantity-out-of-range", field="quantity", maximum=services.MAX_QUANTITY)
    return int(typed)
