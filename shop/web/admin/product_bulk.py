"""One change to many products: choose it, look at what it does, make it.

The page that shows the preview carries the products it was made for, so that what is applied is what was
seen. Each product is a transaction with a key of its own: a form that is sent twice, or again after it was
cut off, changes every product once.
"""

from collections import Counter
from typing import Any

from flask import Response, abort, request, url_for
from flask_babel import gettext, ngettext

from shop.analytics import goods
from shop.catalog import bulk
from shop.catalog import queries as catalog
from shop.catalog.bulk import Change
from shop.core import audit, idempotency, ids
from shop.core.errors import ShopError
from shop.core.transaction import transaction
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.messages import say
from shop.web.admin.product_bulk_form import NAMES, after, read, stands
from shop.web.admin.replies import went_to
from shop.web.ui.htmx import render
from shop.web.ui.locale import current_lang

SHOWN = 20


@bp.post("/products/bulk")
def products_bulk() -> Response:
    """Choose a change for the ticked products or for all that match; with ``step=preview`` see what it does."""
    chosen = _chosen()
    if not chosen:
        return went_to(gettext("Tick some products first."), url_for("admin.products"))
    if request.form.get("step") != "preview":
        return _page(chosen)
    change, errors = read(request.form, desk().currency, _categories())
    if change is None:
        return _page(chosen, errors=errors, status=422)
    return _page(chosen, change=change)


@bp.post("/products/bulk/apply")
def products_bulk_apply() -> Response:
    """Make the change that was looked at."""
    chosen = _chosen()
    change, errors = read(request.form, desk().currency, _categories())
    key = request.form.get("key", "")
    if not chosen or change is None or not (16 <= len(key) <= 64 and key.isascii()):
        return _page(chosen, errors=errors, status=422)
    done, skipped = 0, Counter[str]()
    for product_id in chosen:
        try:
            _apply(product_id, change, key)
        except ShopError as error:
            skipped[say(error)] += 1
        else:
            done += 1
    said = ngettext("%(num)s product changed.", "%(num)s products changed.", done)
    for why, count in skipped.items():
        said += " " + ngettext(
            "%(num)s skipped: %(why)s", "%(num)s skipped: %(why)s", count, why=why
        )
    return went_to(said, url_for("admin.products"))


def _apply(product_id: int, change: Change, key: str) -> None:
    here = desk()
    with transaction():
        scope, own = "product-bulk", f"{key}:{product_id}"
        if idempotency.begin(scope, own, repr(change)) is not None:
            return
        bulk.apply(product_id, change)
        audit.write(
            "product.bulk",
            f"product {product_id}",
            actor=here.actor,
            user_id=here.user_id,
            store_id=here.store_id,
            change=repr(change)[:500],
        )
        idempotency.finish(scope, own, "done")


def _chosen() -> list[int]:
    """The products that the form names, of this store: ticked, all that match, or those of the preview."""
    here = desk()
    if request.form.get("scope") == "all":
        view, q = request.form.get("view", ""), request.form.get("q", "").strip()[:80]
        return goods.matching(here.store_ids, view=view, q=q, limit=bulk.MOST)
    named = request.form.getlist("product") + request.form.get("products", "").split()
    named = list(dict.fromkeys(named))[: bulk.MOST]
    found = goods.product_ids(named, here.store_ids)
    if len(found) < len(named):
        abort(404)
    return found


def _categories() -> dict[str, tuple[int, str]]:
    """Public id → id and name."""
    nodes = catalog.walk(catalog.categories(current_lang()))
    return {node.public_id: (node.id, node.name) for node in nodes}


def _page(
    chosen: list[int],
    *,
    change: Change | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    here, form = desk(), request.form
    view, q = form.get("view", ""), form.get("q", "").strip()[:80]
    names = dict(_categories().values())
    rows: list[Any] = []
    if change is not None:
        for row in bulk.before(chosen[:SHOWN], current_lang()):
            old = stands(change, row, names, here.currency)
            try:
                rows.append((row.title, old, after(change, row, names, here.currency), ""))
            except ShopError as error:
                rows.append((row.title, old, "", say(error)))
    public = goods.public_ids(chosen)
    return render(
        "admin/products/bulk.html",
        status=status,
        public_ids=[public[product_id] for product_id in chosen if product_id in public],
        matching=len(goods.matching(here.store_ids, view=view, q=q, limit=bulk.MOST)),
        most=bulk.MOST,
        view=view,
        q=q,
        typed=form,
        names=NAMES,
        categories=catalog.categories(current_lang()),
        previewed=change is not None,
        rows=rows,
        errors=errors or {},
        key=ids.token(),
    )
