"""A product: its page, its picker, and what goes with it."""

from collections.abc import Mapping
from typing import Any

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from shop.catalog import queries as catalog
from shop.catalog.views import ProductPage
from shop.web.catalog import moved
from shop.web.catalog.blueprint import bp
from shop.web.catalog.buying import Buying, buying
from shop.web.catalog.context import store_names, tree
from shop.web.catalog.structured import product_data
from shop.web.catalog.waits import Wait, standing
from shop.web.ui import kept
from shop.web.ui.cards import CardView, card_views
from shop.web.ui.htmx import is_partial, render
from shop.web.ui.locale import current_lang

RELATED = 4
_OPTION = "option-"


@bp.get("/p/<slug>")
@kept.page
def product(slug: str) -> Response:
    """A product with one of its variants chosen: by ``?sku=``, or by the values a picker sent.

    htmx asks with the picker's values; the address then takes the variant's code.
    """
    page = page_of(slug)
    kept.about(page.id)
    box = buying(page, request.args.get("sku"), list(_choice(request.args).values()))
    if is_partial():
        response = render("catalog/_picked.html", **_shown(page, box))
        response.headers["HX-Replace-Url"] = _url(page, box)
        return response
    return show(page, box)


def show(page: ProductPage, box: Buying, status: int = 200, wait: Wait | None = None) -> Response:
    """The whole page; ``wait``: the form of who waits as it was sent."""
    shown = _shown(page, box) | ({"wait": wait} if wait else {})
    data = product_data(page, box.stock)
    return render("catalog/product.html", status=status, data=data, **shown)


def _shown(page: ProductPage, box: Buying) -> dict[str, Any]:
    stands = standing(page, box)
    return {
        "product": page,
        "buy": box,
        "saved": stands.saved,
        "wait": stands.wait,
        "several_stores": bool(store_names()),
    }


@bp.post("/p/<slug>/choice")
def choose(slug: str) -> BaseResponse:
    """The picker without scripts: leads to the address of the variant that was chosen."""
    page = page_of(slug)
    found = catalog.picker(page, None, {}, list(_choice(request.form).values()))
    if found.chosen is not None:
        return redirect(url_for("catalog.product", slug=slug, sku=found.chosen.code), 303)
    return redirect(url_for("catalog.product", slug=slug, **_choice(request.form)), 303)


@bp.get("/p/<slug>/related")
@kept.page
def related(slug: str) -> Response:
    """Other things of the same kind: its category's best sellers, then those of the one above."""
    page = page_of(slug)
    return render("catalog/related.html", block="cards", product=page, items=_related(page))


def _related(page: ProductPage) -> list[CardView]:
    found: list[CardView] = []
    for node in reversed(catalog.path_to(tree(), page.path[-1].slug) if page.path else []):
        cards = catalog.listing(
            locale=current_lang(), category_id=node.id, sort="sales", limit=RELATED + 1
        )
        seen = {item.slug for item in found} | {page.slug}
        found += [item for item in card_views(cards.items) if item.slug not in seen]
        if len(found) >= RELATED:
            break
    return found[:RELATED]


def page_of(slug: str) -> ProductPage:
    """The published product of this address, or the answer for one that is not there."""
    found = catalog.product_page(slug, current_lang(), tree=tree())
    if found is None:
        moved.product(slug)
    return found


def _url(page: ProductPage, box: Buying) -> str:
    if box.variant is None:
        return url_for("catalog.product", slug=page.slug, **_choice(request.args))
    return url_for("catalog.product", slug=page.slug, sku=box.variant.code)


def _choice(sent: Mapping[str, str]) -> dict[str, Any]:
    """The fields of a picker among what was sent; no product has more options than this."""
    return dict([(name, value) for name, value in sent.items() if name.startswith(_OPTION)][:10])
