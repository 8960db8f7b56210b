"""A product: its page and its picker."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from shop.catalog import queries as catalog
from shop.catalog.views import ProductPage
from shop.web.catalog import moved
from shop.web.catalog.blueprint import bp
from shop.web.catalog.buying import Buying, buying
from shop.web.catalog.context import store_names, tree
from shop.web.catalog.own_price import coupon_price
from shop.web.catalog.structured import product_data
from shop.web.catalog.waits import Wait, standing
from shop.web.ui import kept, trail
from shop.web.ui.caching import private
from shop.web.ui.htmx import is_partial, redirect_after_post, render
from shop.web.ui.locale import current_lang

_OPTION = "option-"


@bp.get("/p/<slug>")
@kept.page
def product(slug: str) -> Response:
    """A product with one of its variants chosen: by ``?sku=``, or by the values a picker sent.

    htmx asks with the picker's values; the address then takes the variant's code.
    """
    page = page_of(slug)
    kept.about(page.id)
    kept.again(partial(trail.see, page.public_id))
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


@bp.get("/p/<slug>/coupon")
@private
def own_coupon(slug: str) -> Response:
    """The price with the best coupon that this visitor can have: a part of the buy box for those who have
    signed in. As a page it leads to the coupons."""
    page = page_of(slug)
    if not is_partial():
        return redirect_after_post(url_for("campaigns.coupons"))
    variant = catalog.find_variant(page.variants, request.args.get("sku"))
    best = coupon_price(page, variant) if variant else None
    return render("catalog/_coupon_price.html", product=page, best=best, variant=variant)


@bp.post("/p/<slug>/choice")
def choose(slug: str) -> BaseResponse:
    """The picker without scripts: leads to the address of the variant that was chosen."""
    page = page_of(slug)
    found = catalog.picker(page, None, {}, list(_choice(request.form).values()))
    if found.chosen is not None:
        return redirect(url_for("catalog.product", slug=slug, sku=found.chosen.code), 303)
    return redirect(url_for("catalog.product", slug=slug, **_choice(request.form)), 303)


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
