"""The list of products: prices, stock and status changed in place."""

from datetime import timedelta
from typing import Any

from flask import Response, abort, request, url_for
from flask_babel import gettext, ngettext

from shop.analytics import goods, stock
from shop.catalog import prices
from shop.catalog import products as catalog
from shop.catalog import queries as reading
from shop.core import audit, clock
from shop.core.db import db
from shop.core.errors import Invalid
from shop.core.transaction import transaction
from shop.inventory import waiting_queries
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.goods_forms import PriceForm, StatusForm
from shop.web.admin.messages import say
from shop.web.admin.replies import done, went_to
from shop.web.ui.format import money_text
from shop.web.ui.htmx import Undo, is_partial, render, toast
from shop.web.ui.locale import current_lang

VIEWS = ("", *goods.VIEWS)
_SOLD_OVER = timedelta(days=30)


@bp.get("/products")
def products() -> Response:
    """Products, changed last first, in saved views; `q` searches titles, SKUs and barcodes."""
    here = desk()
    view = request.args.get("view", "")
    view = view if view in VIEWS else ""
    q = request.args.get("q", "").strip()[:80]
    after = request.args.get("after", "")
    offset = int(after) if after.isascii() and after.isdigit() and len(after) < 7 else 0
    page = goods.products(
        here.store_ids,
        current_lang(),
        since=clock.now() - _SOLD_OVER,
        view=view,
        q=q,
        offset=offset,
    )
    shown: dict[str, Any] = {"view": view, "q": q, "page": page, "places": _places()}
    shown["waiting"] = waiting_queries.per_product([row.id for row in page.rows])
    if offset and is_partial():
        return render("admin/products/_more.html", **shown)
    return render("admin/products/list.html", counts=goods.view_counts(here.store_ids), **shown)


def _places() -> int:
    return len(stock.places(desk().store_ids))


def product_row(product_id: int) -> dict[str, Any]:
    """What the template of one row needs."""
    (row,) = goods.product_rows([product_id], current_lang(), since=clock.now() - _SOLD_OVER)
    waiting = waiting_queries.per_product([product_id])
    return {"row": row, "places": _places(), "view": "", "waiting": waiting}


def product_id_or_404(public_id: str) -> int:
    """The id of a product of this store."""
    found = goods.product_id(public_id, desk().store_ids)
    if found is None:
        abort(404)
    return found


def variant_id_or_404(public_id: str) -> int:
    """The id of a variant of this store."""
    found = reading.admin_variant(public_id, desk().store_ids)
    if found is None:
        abort(404)
    return found


@bp.post("/products/<product>/status")
def product_status(product: str) -> Response:
    """Publish, take back or put away one product."""
    product_id = product_id_or_404(product)
    form = StatusForm()
    if not form.validate_on_submit():
        return went_to(gettext("Choose a status."), url_for("admin.product", product=product))
    return _set_statuses([product_id], str(form.status.data))


@bp.post("/products/status")
def products_status() -> Response:
    """Publish, take back or put away the products that are ticked."""
    ids = [product_id_or_404(public_id) for public_id in request.form.getlist("product")[:500]]
    form = StatusForm()
    if not ids or not form.validate_on_submit():
        return done(gettext("Tick some products first."), url_for("admin.products"))
    return _set_statuses(ids, str(form.status.data))


def _set_statuses(ids: list[int], status: str) -> Response:
    here = desk()
    count, refusal = 0, ""
    for product_id in ids:
        try:
            with transaction():
                catalog.set_status(product_id, status)
                audit.write(
                    "product.status",
                    f"product {product_id}",
                    actor=here.actor,
                    user_id=here.user_id,
                    store_id=here.store_id,
                    status=status,
                )
            count += 1
        except Invalid as error:
            refusal = say(error)
    said = {
        "published": ngettext("%(num)s product published.", "%(num)s products published.", count),
        "draft": ngettext("%(num)s product is a draft.", "%(num)s products are drafts.", count),
        "archived": ngettext("%(num)s product archived.", "%(num)s products archived.", count),
    }[status]
    if refusal:
        skipped = len(ids) - count
        said += " " + ngettext(
            "%(num)s skipped: %(why)s", "%(num)s skipped: %(why)s", skipped, why=refusal
        )
    return done(said, url_for("admin.products"))


@bp.post("/variants/<variant>/price")
def variant_price(variant: str) -> Response:
    """A new price; Undo brings the old one back."""
    variant_id = variant_id_or_404(variant)
    found = goods.variant(variant_id)
    form = PriceForm()
    form.price.currency = form.compare_at.currency = desk().currency
    form.process(request.form)
    error = None
    if form.validate():
        compare = form.compare_at.data if "compare_at" in request.form else found.compare_at_minor
        price = int(form.price.data or 0)
        if "compare_at" not in request.form and compare is not None and compare <= price:
            compare = None  # a price raised to the former one is no reduction any more
        try:
            _set_price(variant_id, found, price, compare)
        except Invalid as refused:
            error = say(refused)
        else:
            return _priced(variant, found, price)
    message = error or " ".join(str(text) for text in form.price.errors or form.compare_at.errors)
    if form.at.data == "row" and is_partial():
        return render(
            "admin/products/_row.html",
            status=422,
            typed={"price": request.form.get("price", "")},
            problem={"price": message},
            **product_row(found.product_id),
        )
    answer = went_to(message, url_for("admin.product", product=found.product))
    return answer


def _set_price(variant_id: int, found: goods.VariantFacts, price: int, compare: int | None) -> None:
    here = desk()
    with transaction():
        prices.set_price(variant_id, price, compare)
        audit.write(
            "price.change",
            f"variant {found.sku or variant_id}",
            actor=here.actor,
            user_id=here.user_id,
            store_id=here.store_id,
            old_minor=found.price_minor,
            new_minor=price,
        )


def _priced(variant: str, found: goods.VariantFacts, price: int) -> Response:
    db.session.rollback()  # read what was just committed
    currency = desk().currency
    said = gettext("Price is now %(price)s.", price=money_text(price, currency, "always"))
    undo = Undo(
        url_for("admin.variant_price", variant=variant),
        {
            "price": goods.plain(found.price_minor, currency),
            "compare_at": goods.plain(found.compare_at_minor, currency),
        },
    )
    if is_partial() and request.form.get("at") == "row":
        answer = render("admin/products/_row.html", saved="price", **product_row(found.product_id))
        return toast(answer, said, undo)
    return done(said, url_for("admin.products"), undo)
