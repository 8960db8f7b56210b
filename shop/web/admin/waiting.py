"""Who waits for what is sold out: which goods, how many people, since when."""

from typing import Any

from flask import Response, request

from shop.analytics.sales import faces
from shop.catalog import queries as catalog
from shop.inventory import waiting_queries
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.products import product_id_or_404, variant_id_or_404
from shop.web.ui.htmx import is_partial, render
from shop.web.ui.locale import current_lang

_PAGE = 50


@bp.get("/inventory/waiting")
def waiting() -> Response:
    """What is waited for, most wanted first, of one product with `?product=`; the people of one variant,
    who asked first first, with `?variant=`."""
    after = request.args.get("after", "")
    offset = int(after) if after.isascii() and after.isdigit() and len(after) < 7 else 0
    variant = request.args.get("variant", "")
    if variant:
        shown = _people(variant, offset)
    else:
        shown = _goods(request.args.get("product", ""), offset)
    if offset and is_partial():
        return render("admin/inventory/_waiting.html", more=True, **shown)
    return render("admin/inventory/waiting.html", **shown)


def _people(variant: str, offset: int) -> dict[str, Any]:
    variant_id = variant_id_or_404(variant)
    people = waiting_queries.queue(variant_id, after=offset, limit=_PAGE + 1)
    about = catalog.variants_for_cart([variant_id], current_lang())[variant_id]
    return {
        "people": people[:_PAGE],
        "first": offset + 1,
        "about": about,
        "product": "",
        "variant": variant,
        "next_offset": offset + _PAGE if len(people) > _PAGE else None,
    }


def _goods(product: str, offset: int) -> dict[str, Any]:
    here = desk()
    product_id = product_id_or_404(product) if product else None
    found = waiting_queries.most_wanted(
        here.store_ids, product_id=product_id, offset=offset, limit=_PAGE + 1
    )
    rows = found[:_PAGE]
    about = catalog.variants_for_cart([row.variant_id for row in rows], current_lang())
    name = ""
    if product_id is not None:
        ((name, _),) = faces([product_id], current_lang()).values()
    return {
        "rows": [(row, about[row.variant_id]) for row in rows],
        "about": None,
        "product": product,
        "name": name,
        "variant": "",
        "next_offset": offset + _PAGE if len(found) > _PAGE else None,
    }
