"""Whose product file it is, and the headings of Shopify's, old and new, under one set of names.

Classic exports say ``Variant Price``, those since 2025 ``Price``; other tools write them in other
letter case and spacing. (Shopify Help Center, "Using CSV files to import and export products".)
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shop.catalog.imports import own_headers, woo_headers
from shop.catalog.imports.problems import FileRefused

FORMATS = ("own", "shopify", "woocommerce")

_FIELDS: dict[str, tuple[str, ...]] = {
    "handle": ("handle", "url handle"),
    "title": ("title",),
    "body": ("body (html)", "body html", "body", "description"),
    "vendor": ("vendor",),
    "category": ("product category", "standardized product type", "standard product type"),
    "type": ("type", "custom product type", "product type"),
    "tags": ("tags",),
    "published": ("published", "published on online store"),
    "status": ("status",),
    "option1_name": ("option1 name",),
    "option1_value": ("option1 value",),
    "option2_name": ("option2 name",),
    "option2_value": ("option2 value",),
    "option3_name": ("option3 name",),
    "option3_value": ("option3 value",),
    "sku": ("variant sku", "sku"),
    "barcode": ("variant barcode", "barcode"),
    "grams": ("variant grams", "weight value (grams)"),
    "weight": ("variant weight", "weight", "weight value"),
    "unit": ("variant weight unit", "weight unit for display", "weight unit"),
    "tracker": ("variant inventory tracker", "inventory tracker"),
    "quantity": ("variant inventory qty", "variant inventory quantity", "inventory quantity"),
    "policy": ("variant inventory policy", "continue selling when out of stock"),
    "price": ("variant price", "price"),
    "compare_at": ("variant compare at price", "compare-at price", "compare at price"),
    "cost": ("cost per item", "variant cost"),
    "shipping": ("variant requires shipping", "requires shipping"),
    "image": ("image src", "product image url", "image url"),
    "image_position": ("image position",),
    "image_alt": ("image alt text", "image alt"),
    "variant_image": ("variant image", "variant image url"),
    "gift_card": ("gift card",),
    "seo_title": ("seo title",),
    "seo_description": ("seo description",),
}
_BY_HEADING = {heading: name for name, headings in _FIELDS.items() for heading in headings}


@dataclass(frozen=True, slots=True)
class Headings:
    """Where each field stands, how many cells a whole row has, and whose file it is."""

    places: dict[str, int]
    names: dict[str, str]
    width: int
    format: str = "shopify"

    def named(self, field: str) -> str:
        """The heading of a field as the file writes it."""
        return self.names.get(field, field)


def read(cells: Sequence[str], wanted: str | None = None) -> Headings:
    """Recognise the headings; ``wanted`` says whose they are instead of letting them speak.

    Raises ``FileRefused``: "file-inventory", "file-columns", "file-format".
    """
    width = len(cells)
    while width and not cells[width - 1].strip():
        width -= 1  # spreadsheets leave empty columns behind
    titles = [
        " ".join(cell.replace("\ufeff", "").replace("\u00a0", " ").split())
        for cell in cells[:width]
    ]
    known = {title.lower() for title in titles}
    found = wanted or _recognise(known)
    places: dict[str, int] = {}
    names: dict[str, str] = {}
    for place, title in enumerate(titles):
        field = _FIELD_OF[found](title)
        if field is not None and field not in places:
            places[field] = place
            names[field] = title
    _check(found, places, known)
    return Headings(places, names, width, found)


_FIELD_OF: dict[str, Callable[[str], str | None]] = {
    "own": own_headers.field_of,
    "shopify": lambda title: _BY_HEADING.get(title.lower()),
    "woocommerce": lambda title: woo_headers.field_of(title.lower()),
}


def _recognise(known: set[str]) -> str:
    if own_headers.is_ours(known):
        return "own"
    return "woocommerce" if woo_headers.is_ours(known) else "shopify"


def _check(found: str, places: dict[str, int], known: set[str]) -> None:
    if found == "own" and not own_headers.is_ours(known):
        raise FileRefused("file-format", format="Xiaopu’s own")
    if found == "woocommerce" and not woo_headers.is_ours(known):
        raise FileRefused("file-format", format="WooCommerce’s")
    if found != "shopify":
        return
    if "price" not in places and "location" in known and any("on hand" in name for name in known):
        raise FileRefused("file-inventory")
    missing = [
        heading
        for field, heading in (("title", "Title"), ("price", "Variant Price (or Price)"))
        if field not in places
    ]
    if missing:
        raise FileRefused("file-columns", columns=", ".join(missing))
