"""The parts of a bundle: chosen by search, counted, taken out."""

from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext

from shop.analytics import goods
from shop.catalog import bundles as catalog
from shop.catalog import cart_queries
from shop.catalog import queries as products
from shop.core import audit
from shop.core.errors import Conflict, ShopError
from shop.core.transaction import transaction
from shop.inventory import bundles
from shop.inventory import queries as stock
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.messages import say
from shop.web.admin.products import variant_id_or_404
from shop.web.admin.replies import went_to
from shop.web.ui.htmx import render
from shop.web.ui.locale import current_lang


@bp.get("/variants/<variant>/parts")
def bundle(variant: str) -> Response:
    """What one unit consists of; `?q=` finds what can be added."""
    return _page(variant, variant_id_or_404(variant))


@bp.post("/variants/<variant>/parts")
def bundle_part(variant: str) -> Response:
    """So many of a part in each; none takes it out."""
    bundle_id = variant_id_or_404(variant)
    part, typed = request.form.get("part", "")[:16], request.form.get("quantity", "").strip()[:6]
    if request.form.get("act") == "remove":
        typed = "0"
    here = desk()
    number = int(typed) if typed.isascii() and typed.isdigit() else -1
    if number == 0 and request.form.get("act") != "remove":
        number = -1  # a typed 0 is a slip of the finger; the button says what it does
    try:
        with transaction():
            part_id = cart_queries.variant_id(part) or 0
            bundles.set_part(bundle_id, part_id, number)
            audit.write(
                "bundle.part",
                f"variant {bundle_id}",
                actor=here.actor,
                user_id=here.user_id,
                store_id=here.store_id,
                part=part_id,
                quantity=number,
            )
    except ShopError as error:
        status = 409 if isinstance(error, Conflict) else 422
        return _page(variant, bundle_id, status, problem=say(error), at=part, typed=typed)
    said = gettext("Taken out.") if number == 0 else gettext("Saved.")
    return went_to(said, url_for("admin.bundle", variant=variant))


def _page(
    variant: str,
    variant_id: int,
    status: int = 200,
    *,
    problem: str = "",
    at: str = "",
    typed: str = "",
) -> Response:
    lang, here = current_lang(), desk()
    q = request.values.get("q", "").strip()[:80]
    parts = catalog.parts_of([variant_id]).get(variant_id, [])
    wanted = [part.variant_id for part in parts]
    found = catalog.candidates(here.store_id, variant_id, q) if q else []
    shown: dict[str, Any] = {
        "variant": variant,
        "whole": products.variants_for_cart([variant_id], lang)[variant_id],
        "product": goods.variant(variant_id).product,
        "parts": parts,
        "free": stock.availability([variant_id, *wanted, *(one.variant_id for one in found)]),
        "variant_id": variant_id,
        "q": q,
        "found": found,
        "problem": problem,
        "at": at,
        "typed": typed,
        "lang": lang,
    }
    return render("admin/products/bundle.html", block="main", status=status, **shown)
