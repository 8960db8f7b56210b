"""Sitemaps, as in https://www.sitemaps.org/protocol.html: an index, and what it names by 10,000.

Every page is listed once for each language, and each of the two names both (and who else gets which).
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

from flask import Response, abort, url_for

from shop.catalog import sitemap_queries as catalog
from shop.catalog.sitemap_queries import PORTION, Entry
from shop.core import settings
from shop.store import queries as stores
from shop.web.site.blueprint import bp
from shop.web.site.streams import xml
from shop.web.ui.locale import LANGUAGES

_SITEMAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"
_XHTML = "http://www.w3.org/1999/xhtml"
_HELP = ("delivery", "returns", "contact", "about", "privacy")
_LISTS = (
    "catalog.new_arrivals",
    "catalog.best_sellers",
    "catalog.collections",
    "catalog.brands",
    "campaigns.coupons",
)
# Kinds whose entries are few enough to be read at once, and where they are shown.
_WHOLE = {
    "categories": (catalog.categories, "catalog.category"),
    "collections": (catalog.collections, "catalog.collection"),
    "brands": (catalog.brands, "catalog.brand"),
}

Page = tuple[dict[str, str], datetime | None]
"""The address of a page in each language, and when it was changed last."""


@bp.get("/sitemap.xml")
def sitemap_index() -> Response:
    """Which sitemaps there are, and when something in them was changed last. Four statements."""
    products = catalog.product_portions()
    named: list[tuple[str, datetime | None]] = [(_address("pages", 0), None)]
    named += [
        (_address(kind, number), _latest(part))
        for kind, (read, _endpoint) in _WHOLE.items()
        for number, part in enumerate(_parts(read()))
    ]
    named += [(_address("products", number), changed_at) for number, changed_at in products]
    return xml(_index(named), max((when for _, when in named if when), default=None))


@bp.get("/sitemaps/<kind>-<number>.xml")
def sitemap(kind: str, number: str) -> Response:
    """One of the sitemaps. At most two statements."""
    if not (number.isascii() and number.isdigit() and len(number) < 8):
        abort(404)
    place = int(number)
    if kind == "products":
        entries = catalog.products(place)
        endpoint = "catalog.product"
    elif kind in _WHOLE:
        read, endpoint = _WHOLE[kind]
        entries = next(iter(_parts(read())[place : place + 1]), [])
    elif kind == "pages" and place == 0:
        return xml(_urls(_pages()))
    else:
        abort(404)
    if not entries:
        abort(404)
    stems = _addresses(endpoint, slug="-")  # one address made, and thousands written
    pages = (
        ({lang: stem[:-1] + entry.slug for lang, stem in stems.items()}, entry.changed_at)
        for entry in entries
    )
    return xml(_urls(pages), _latest(entries))


def _parts(entries: list[Entry]) -> list[list[Entry]]:
    return [entries[start : start + PORTION] for start in range(0, len(entries), PORTION)]


def _latest(entries: list[Entry]) -> datetime | None:
    return max((entry.changed_at for entry in entries if entry.changed_at), default=None)


def _pages() -> list[Page]:
    written = [key.removeprefix("page:") for key in settings.keys("page:")]
    return [
        (_addresses("catalog.home"), None),
        (_addresses("catalog.category", slug="all"), None),
        *((_addresses(endpoint), None) for endpoint in _LISTS),
        *((_addresses("catalog.store", slug=name.slug), None) for name in stores.all_names("en")),
        *((_addresses("catalog.page", slug=s), None) for s in dict.fromkeys([*_HELP, *written])),
    ]


def _addresses(endpoint: str, **values: str) -> dict[str, str]:
    return {lang: url_for(endpoint, lang=lang, _external=True, **values) for lang in LANGUAGES}


def _address(kind: str, number: int) -> str:
    return url_for("site.sitemap", kind=kind, number=number, _external=True)


def _index(named: Iterable[tuple[str, datetime | None]]) -> Iterator[str]:
    yield f'<sitemapindex xmlns="{_SITEMAPS}">\n'
    for loc, changed_at in named:
        yield f"<sitemap><loc>{escape(loc)}</loc>{_changed(changed_at)}</sitemap>\n"
    yield "</sitemapindex>\n"


def _urls(pages: Iterable[Page]) -> Iterator[str]:
    yield f'<urlset xmlns="{_SITEMAPS}" xmlns:xhtml="{_XHTML}">\n'
    for addresses, changed_at in pages:
        others = "".join(
            f'<xhtml:link rel="alternate" hreflang="{tag}" href={quoteattr(address)}/>'
            for tag, address in [*addresses.items(), ("x-default", addresses["en"])]
        )
        for address in addresses.values():
            yield f"<url><loc>{escape(address)}</loc>{_changed(changed_at)}{others}</url>\n"
    yield "</urlset>\n"


def _changed(when: datetime | None) -> str:
    return f"<lastmod>{when.isoformat(timespec='seconds')}</lastmod>" if when else ""
