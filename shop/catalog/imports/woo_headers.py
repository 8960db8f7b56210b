"""The headings of WooCommerce's product CSV, in English and in WooCommerce's own Russian.

Letter case and spacing do not matter. Attributes are numbered without end; what this shop has no use
for (tax, dimensions, upsells, meta) is passed over.
"""

import re

_FIELDS: dict[str, tuple[str, ...]] = {
    "id": ("id",),
    "type": ("type", "тип"),
    "sku": ("sku", "артикул"),
    "barcode": ("gtin, upc, ean, or isbn", "gtin, upc, ean или isbn"),
    "title": ("name", "имя", "название"),
    "published": ("published", "опубликован"),
    "featured": ("is featured?", "рекомендуемый?"),
    "visibility": ("visibility in catalog", "видимость в каталоге"),
    "lead": ("short description", "короткое описание", "краткое описание"),
    "body": ("description", "описание"),
    "sale_starts": ("date sale price starts", "дата начала действия продажной цены"),
    "sale_ends": ("date sale price ends", "дата окончания действия продажной цены"),
    "in_stock": ("in stock?", "в наличии?", "наличие"),
    "quantity": ("stock", "запасы"),
    "backorders": ("backorders allowed?", "возможен ли предзаказ?"),
    "sale_price": ("sale price", "акционная цена", "цена распродажи"),
    "price": ("regular price", "базовая цена"),
    "cost": ("cost of goods",),
    "categories": ("categories", "категории"),
    "tags": ("tags", "метки"),
    "vendor": ("brands", "бренды"),
    "images": ("images", "изображения"),
    "external": ("external url", "внешний url"),
    "parent": ("parent", "родительский"),
}
_BY_HEADING = {heading: name for name, headings in _FIELDS.items() for heading in headings}
_WEIGHT = re.compile(r"(?:weight|вес) \((\w+)\)")
_ATTRIBUTE = (
    ("name", re.compile(r"attribute (\d{1,3}) name|название атрибута (\d{1,3})")),
    ("values", re.compile(r"attribute (\d{1,3}) value\(s\)|значени[яе] атрибут(?:а|ов) (\d{1,3})")),
)
_UNITS = {"кг": "kg", "г": "g", "lbs": "lb"}


def field_of(heading: str) -> str | None:
    """The field of a heading in lower case: ``attribute-2-name``, ``weight-kg``; None for others."""
    if heading in _BY_HEADING:
        return _BY_HEADING[heading]
    weight = _WEIGHT.fullmatch(heading)
    if weight:
        unit = weight.group(1)
        return f"weight-{_UNITS.get(unit, unit)}"
    for part, pattern in _ATTRIBUTE:
        found = pattern.fullmatch(heading)
        if found:
            return f"attribute-{int(found.group(1) or found.group(2))}-{part}"
    return None


def is_ours(headings: set[str]) -> bool:
    """Whether these headings, in lower case, are of a WooCommerce product file."""
    fields = {field_of(heading) for heading in headings}
    return "title" in fields and bool(fields & {"price", "sale_price"})
