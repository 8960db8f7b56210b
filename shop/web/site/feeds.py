"""Product feeds: RSS 2.0 with Google's namespace, as its Merchant Center and others read it.

Attributes as in https://support.google.com/merchants/answer/7052112: id, title, description, link,
image_link, availability and price are asked of everything; brand and GTIN where there are such.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from flask import Flask, Response, abort, current_app, request, url_for

from shop.catalog import feed_queries as catalog
from shop.catalog.feed_queries import FeedItem
from shop.core.money import to_text
from shop.inventory import queries as inventory
from shop.store import queries as stores
from shop.web.site.blueprint import bp
from shop.web.site.streams import xml
from shop.web.ui.locale import current_lang

_NAMESPACE = "http://base.google.com/ns/1.0"
_TITLE, _TEXT, _PICTURES = 150, 5000, 10  # as long as is read
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@bp.get("/feeds/<store>/<any(en, zh):lang>.xml")
def feed(store: str) -> Response:
    """What a store sells, one item a variant. Two statements, and five for every 250 products."""
    found = stores.view(store, current_lang())
    if found is None:
        abort(404)
    here = Here(
        request.host_url.rstrip("/"),
        url_for("catalog.product", slug="-", _external=True)[:-1],
        found.currency,
    )
    head = [
        _tag("title", found.name),
        _tag("link", url_for("catalog.store", slug=store, _external=True)),
        _tag("description", found.about or found.tagline or found.name),
    ]
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # werkzeug's documented way past a proxy
    return xml(_channel(app, found.id, current_lang(), head, here))


@dataclass(frozen=True, slots=True)
class Here:
    """What the addresses and prices of a feed begin and end with."""

    origin: str
    product: str
    currency: str


def _channel(app: Flask, store_id: int, lang: str, head: list[str], here: Here) -> Iterator[str]:
    yield f'<rss version="2.0" xmlns:g="{_NAMESPACE}"><channel>' + "".join(head) + "\n"
    after: int | None = 0
    while after is not None:
        with app.app_context():  # a session for each batch: a slow reader holds no connection
            items, after = catalog.batch(store_id, lang, after)
            left = inventory.availability([item.variant_id for item in items])
        for item in items:
            out = left.get(item.variant_id, 0) == 0
            yield _item(item, "out_of_stock" if out else "in_stock", here)
    yield "</channel></rss>\n"


def _item(item: FeedItem, availability: str, here: Here) -> str:
    currency, before = here.currency, item.compare_at_minor
    price = f"{to_text(item.price_minor, currency)} {currency}"
    gtin = item.barcode if is_gtin(item.barcode) else ""
    pictures = [here.origin + image.url(960, "jpeg") for image in item.images]
    fields = [
        ("g:id", item.public_id),
        ("g:title", item.title[:_TITLE]),
        ("g:description", item.description[:_TEXT]),
        ("g:link", f"{here.product}{item.slug}?{urlencode({'sku': item.code})}"),
        ("g:image_link", pictures[0]),
        *(("g:additional_image_link", address) for address in pictures[1 : _PICTURES + 1]),
        ("g:availability", availability),
        ("g:condition", "new"),
        ("g:price", price if before is None else f"{to_text(before, currency)} {currency}"),
        ("g:sale_price", price if before is not None else ""),
        ("g:brand", item.brand),
        ("g:gtin", gtin),
        ("g:mpn", item.sku if item.brand and not gtin else ""),
        # Of handmade things nobody gives numbers; without this the reader waits for one.
        ("g:identifier_exists", "" if gtin or (item.brand and item.sku) else "no"),
        ("g:item_group_id", item.group),
        ("g:product_type", item.category),
    ]
    return "<item>" + "".join(_tag(name, text) for name, text in fields if text) + "</item>\n"


def is_gtin(code: str) -> bool:
    """Whether ``code`` is a GTIN of 8, 12, 13 or 14 figures with the right check digit."""
    if len(code) not in {8, 12, 13, 14} or not (code.isascii() and code.isdigit()):
        return False
    figures = [int(figure) for figure in reversed(code)]
    return sum(f * (3 if place % 2 else 1) for place, f in enumerate(figures)) % 10 == 0


def _tag(name: str, text: str) -> str:
    return f"<{name}>{escape(_NOT_XML.sub('', text))}</{name}>"
