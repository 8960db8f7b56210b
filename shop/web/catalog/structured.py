"""What a product page tells search engines: schema.org's Product as JSON-LD.

Fields as in https://schema.org/Product and https://schema.org/Offer.
"""

from typing import Any

from flask import request, url_for

from shop.catalog.views import ProductPage
from shop.core.money import to_decimal


def product_data(page: ProductPage, available: dict[int, int | None]) -> dict[str, Any]:
    """The product with one offer per variant. ``available`` as ``inventory.queries.availability`` gives."""
    origin = request.host_url.rstrip("/")
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": page.title,
        "description": page.seo_description or page.lead or page.fact or page.title,
        "image": [origin + image.url(960, "jpeg") for image in page.images],
        "url": url_for("catalog.product", slug=page.slug, _external=True),
        "offers": [
            {
                "@type": "Offer",
                "sku": variant.sku,
                "price": str(to_decimal(variant.price_minor, page.currency)),
                "priceCurrency": page.currency,
                "availability": "https://schema.org/"
                + ("OutOfStock" if available.get(variant.id) == 0 else "InStock"),
                "url": url_for("catalog.product", slug=page.slug, sku=variant.code, _external=True),
                "seller": {"@type": "Organization", "name": page.store.name},
            }
            for variant in page.variants
        ],
    }
    if page.brand:
        data["brand"] = {"@type": "Brand", "name": page.brand}
    if page.rating.mean is not None:
        data["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": page.rating.mean,
            "reviewCount": page.rating.count,
        }
    return data
