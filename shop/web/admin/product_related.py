"""What a merchant shows with a product: chosen by hand, beside what orders say by themselves."""

from flask import Response, request, url_for
from flask_babel import gettext

from shop.catalog import queries as catalog
from shop.catalog import related, related_queries
from shop.core import audit
from shop.core.errors import ShopError
from shop.core.i18n import pick
from shop.core.transaction import transaction
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.messages import say
from shop.web.admin.product_editor import product_or_404
from shop.web.admin.replies import went_to
from shop.web.ui.errors import status_of
from shop.web.ui.htmx import Undo, redirect_after_post, render, toast
from shop.web.ui.locale import current_lang

_SHOWN = 8


@bp.get("/products/<product>/related")
def product_related(product: str) -> Response:
    """What goes with a product: a field to choose another, those chosen, those found in orders."""
    return _page(product)


@bp.post("/products/<product>/related")
def product_pin(product: str) -> Response:
    """Choose another product by its address or SKU."""
    found, typed, here = product_or_404(product), request.form.get("other", ""), desk()
    try:
        with transaction():
            other = related.pin(found.id, typed[:500], store_ids=here.store_ids)
            _audit("product.pin", found.id, other=other)
    except ShopError as error:
        return _page(product, status_of(error), typed, say(error))
    return went_to(gettext("It is shown first."), url_for("admin.product_related", product=product))


@bp.post("/products/<product>/related/removal")
def product_unpin(product: str) -> Response:
    """Take one away again; the toast takes that back."""
    found, other = product_or_404(product), request.form.get("other", "")
    with transaction():
        related.unpin(found.id, other)
        _audit("product.unpin", found.id, other=other)
    undo = Undo(url_for("admin.product_pin", product=product), {"other": other})
    answer = redirect_after_post(url_for("admin.product_related", product=product))
    return toast(answer, gettext("Taken away."), undo)


def _page(product: str, status: int = 200, typed: str = "", problem: str = "") -> Response:
    found = product_or_404(product)
    lang = current_lang()
    return render(
        "admin/products/related.html",
        status=status,
        product=found,
        title=pick({one: text.title for one, text in found.data.texts.items()}, lang),
        pins=related_queries.pinned(found.id, lang),
        bought=catalog.cards(related_queries.bought_with(found.id, _SHOWN), lang),
        typed=typed,
        problem=problem,
    )


def _audit(action: str, product_id: int, **detail: object) -> None:
    here = desk()
    audit.write(
        action,
        f"product {product_id}",
        actor=here.actor,
        user_id=here.user_id,
        store_id=here.store_id,
        **detail,
    )
