"""What pages of the catalogue tell search engines: schema.org's terms as JSON-LD.

Fields as in https://schema.org and as Google's merchant listings ask for them: a Product has a name, a
picture and offers with price, currency and availability; ratings only where buyers gave some.
"""

from collections.abc import Sequence
from typing import Any

from flask import request, url_for
from flask_babel import gettext

from shop.catalog.views import ProductPage
from shop.core.money import to_text
from shop.review import samples
from shop.review.samples import Sample
from shop.web.catalog.blueprint import bp
from shop.web.ui.assets import asset
from shop.web.ui.locale import TAGS, current_lang
from shop.web.ui.visitor import user_id

_CONTEXT = "https://schema.org"
bp.add_app_template_filter(to_text, "plain_amount")


def product_data(page: ProductPage, available: dict[int, int | None]) -> dict[str, Any]:
    """The product with one offer per variant. ``available`` as ``inventory.queries.availability`` gives."""
    data: dict[str, Any] = {
        "@context": _CONTEXT,
        "@type": "Product",
        "name": page.title,
        "description": page.seo_description or page.lead or page.fact or page.title,
        "url": url_for("catalog.product", slug=page.slug, _external=True),
        "productID": page.public_id,
        "offers": [
            {
                "@type": "Offer",
                "price": to_text(variant.price_minor, page.currency),
                "priceCurrency": page.currency,
                "availability": f"{_CONTEXT}/"
                + ("OutOfStock" if available.get(variant.id) == 0 else "InStock"),
                "itemCondition": f"{_CONTEXT}/NewCondition",
                "url": url_for("catalog.product", slug=page.slug, sku=variant.code, _external=True),
                "seller": {"@type": "Organization", "name": page.store.name},
            }
            | ({"sku": variant.sku} if variant.sku else {})
            for variant in page.variants
        ],
    }
    if page.images:  # an empty list would be read as a mistake
        data["image"] = [_origin() + image.url(960, "jpeg") for image in page.images]
    skus = [variant.sku for variant in page.variants if variant.sku]
    if skus:
        data["sku"] = skus[0]
    if page.path:
        data["category"] = " > ".join(crumb.name for crumb in page.path)
    if page.brand:
        data["brand"] = {"@type": "Brand", "name": page.brand}
    if page.rating.mean is not None and page.rating.count:
        data["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": page.rating.mean,
            "reviewCount": page.rating.count,
            "bestRating": 5,
            "worstRating": 1,
        }
        # Who reads this never signs in, and members' pages ask the database for more already.
        said = samples.latest(page.id) if user_id() is None else []
        if said:
            data["review"] = [_review(sample) for sample in said]
    return data


def _review(sample: Sample) -> dict[str, Any]:
    data: dict[str, Any] = {
        "@type": "Review",
        "author": {"@type": "Person", "name": sample.author or gettext("A buyer")},
        "datePublished": sample.created_at.date().isoformat(),
        "inLanguage": TAGS.get(sample.locale, sample.locale),
        "reviewBody": sample.text,
        "reviewRating": {"@type": "Rating", "ratingValue": sample.stars, "bestRating": 5},
    }
    return data | ({"name": sample.title} if sample.title else {})


@bp.app_template_global()
def crumbs_of(page: ProductPage) -> list[tuple[str, str]]:
    """The way to a product as (address, name); its own address is left out."""
    way = [(url_for("catalog.category", slug=crumb.slug), crumb.name) for crumb in page.path]
    return [(url_for("catalog.home"), gettext("Home")), *way, ("", page.title)]


@bp.app_template_global()
def crumb_data(crumbs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """The way to a page. ``crumbs``: (path, name), the page itself last, whose path may be empty."""
    steps = []
    for position, (path, name) in enumerate(crumbs, start=1):
        step: dict[str, Any] = {"@type": "ListItem", "position": position, "name": str(name)}
        if path and position < len(crumbs):
            step["item"] = _origin() + path
        steps.append(step)
    return {"@context": _CONTEXT, "@type": "BreadcrumbList", "itemListElement": steps}


@bp.app_template_global()
def site_data() -> list[dict[str, Any]]:
    """Who runs the shop, and how it is searched: for the front page."""
    home = url_for("catalog.home", _external=True)
    search = url_for("catalog.search", _external=True)
    owner = {
        "@type": "Organization",
        "@id": _origin() + "/#organization",
        "name": gettext("Xiaopu"),
        "url": home,
        "logo": _origin() + asset("img/favicon.svg"),
    }
    site = {
        "@type": "WebSite",
        "@id": home + "#website",
        "name": gettext("Xiaopu"),
        "url": home,
        "inLanguage": TAGS[current_lang()],
        "publisher": {"@id": owner["@id"]},
        "potentialAction": {
            "@type": "SearchAction",
            "target": {"@type": "EntryPoint", "urlTemplate": search + "?q={search_term_string}"},
            "query-input": "required name=search_term_string",
        },
    }
    return [{"@context": _CONTEXT} | data for data in (owner, site)]


def _origin() -> str:
    return request.host_url.rstrip("/")
