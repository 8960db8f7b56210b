"""The cart: its page, and one address per change."""

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _

from shop.cart import queries, services
from shop.cart.views import CartView
from shop.catalog import queries as catalog
from shop.core import clock
from shop.core.errors import Conflict, Invalid, NotFound
from shop.core.transaction import transaction
from shop.web.cart import messages
from shop.web.ui.caching import make_private
from shop.web.ui.errors import words
from shop.web.ui.htmx import Undo, is_htmx, open_dialog, redirect_after_post, render, toast
from shop.web.ui.locale import LANG_PREFIX, current_lang
from shop.web.ui.visitor import owner, owner_for_writing

bp = Blueprint("cart", __name__, url_prefix=LANG_PREFIX)
make_private(bp)
messages.register()


@bp.get("/cart")
def page() -> Response:
    """The cart with its totals; lines that changed say so."""
    return render("cart/page.html", block="cart", cart=_view())


@bp.post("/cart/lines")
def add() -> Response:
    """Put a variant into the cart; with ``buy_now``, go on to the checkout."""
    variant_id = catalog.variant_id(request.form.get("variant", ""))
    if variant_id is None:
        raise NotFound("variant-not-sold")
    with transaction():
        services.add(owner_for_writing(), variant_id, _quantity())
    if request.form.get("buy_now"):
        return redirect_after_post(url_for("order.checkout"))
    if is_htmx():
        response = render("cart/_drawer.html", cart=_view(), added=request.form.get("variant", ""))
        return open_dialog(response, "cart-drawer")
    return toast(redirect_after_post(url_for("cart.page")), _("Added to the cart."))


@bp.post("/cart/lines/<line>")
def change(line: str) -> Response:
    """Set a line's quantity; nought takes it out."""
    if request.form.get("quantity", "").strip() == "0":
        return remove(line)
    try:
        with transaction():
            services.change(owner(), line, _quantity())
    except (Conflict, Invalid) as error:
        return _changed(
            status=409 if isinstance(error, Conflict) else 422, line=line, problem=words(error)
        )
    return _changed()


@bp.post("/cart/lines/<line>/removal")
def remove(line: str) -> Response:
    """Take a line out; the toast takes that back."""
    with transaction():
        variant_id, quantity = services.remove(owner(), line)
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
    with transaction():
        services.add(owner_for_writing(), variant_id, _quantity())
    return redirect_after_post(url_for("cart.page"))


@bp.post("/cart/lines/<line>/selection")
def select(line: str) -> Response:
    """Take a line along to the checkout, or leave it in the cart."""
    with transaction():
        services.select_line(owner(), line, request.form.get("selected") == "1")
    return _changed()


@bp.post("/cart/coupon")
def apply_coupon() -> Response:
    """Remember a code; the cart says what it takes off, or why it does not count."""
    code = request.form.get("code", "").strip()
    try:
        with transaction():
            services.set_coupon(owner_for_writing(), code)
    except Invalid as error:
        return _changed(status=422, coupon_problem=words(error), typed_code=code)
    return _changed()


@bp.post("/cart/coupon/removal")
def remove_coupon() -> Response:
    """Forget the code."""
    with transaction():
        services.set_coupon(owner(), None)
    return _changed()


def _changed(status: int = 200, **context: object) -> Response:
    """The cart afterwards: the fragment for htmx, the page after a redirect for everyone else."""
    if not is_htmx() and status == 200:
        return redirect_after_post(_back())
    return render(
        "cart/page.html", block="cart", status=status, cart=_view(), changed=True, **context
    )


def _back() -> str:
    return (
        url_for("order.checkout")
        if request.form.get("back") == "checkout"
        else url_for("cart.page")
    )


def _view() -> CartView:
    return queries.view(owner(), current_lang(), clock.now())


def _quantity() -> int:
    typed = request.form.get("quantity", "1").strip() or "1"
    if not typed.isdecimal() or len(typed) > 6:
        raise Invalid("quantity-out-of-range", field="quantity", maximum=services.MAX_QUANTITY)
    return int(typed)
