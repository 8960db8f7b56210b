"""The headings of Shopify's product CSV, old and new, under one set of names.

Classic exports say ``Variant Price``, those since 2025 ``Price``; other tools write them in other
letter case and spacing. (Shopify Help Center, "Using CSV files to import and export products".)
"""

from collections.abc import Sequence
from dataclasses import dataclass

from shop.catalog.imports.problems import FileRefused

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
    """Where each field stands, and how many cells a whole row has."""

    places: dict[str, int]
    names: dict[str, str]
    width: int

    def named(self, field: str) -> str:
        """The heading of a field as the file writes it."""
        return self.names.get(field, field)


def read(cells: Sequence[str]) -> Headings:
    """Recognise the headings. Raises ``FileRefused``: "file-inventory", "file-columns"."""
    width = len(cells)
    while width and not cells[width - 1].strip():
        width -= 1  # spreadsheets leave empty columns behind
    places: dict[str, int] = {}
    names: dict[str, str] = {}
    known = set()
    for place, cell in enumerate(cells[:width]):
        heading = " ".join(cell.replace("\ufeff", "").replace("\u00a0", " ").split())
        known.add(heading.lower())
        field = _BY_HEADING.get(heading.lower())
        if field is not None and field not in places:
            places[field] = place
            names[field] = heading
    if "price" not in places and "location" in known and any("on hand" in name for name in known):
        raise FileRefused("file-inventory")
    missing = [
        heading
        for field, heading in (("title", "Title"), ("price", "Variant Price (or Price)"))
        if field not in places
    ]
    if missing:
        raise FileRefused("file-columns", columns=" and no column ".join(missing))
    return Headings(places, names, width)
