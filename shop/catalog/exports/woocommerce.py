"""The rows of WooCommerce's product CSV: a simple product, or a variable one and its variations."""

from collections.abc import Iterable, Iterator, Mapping

from shop.catalog.data import VariantData
from shop.catalog.exports.reading import Goods
from shop.catalog.exports.shopify import Picture, handle
from shop.core.i18n import pick
from shop.core.money import to_text

HEADINGS = (
    "Type",
    "SKU",
    "GTIN, UPC, EAN, or ISBN",
    "Name",
    "Published",
    "Is featured?",
    "Visibility in catalog",
    "Short description",
    "Description",
    "In stock?",
    "Stock",
    "Backorders allowed?",
    "Weight (kg)",
    "Sale price",
    "Regular price",
    "Categories",
    "Tags",
    "Brands",
    "Images",
    "Parent",
    "Position",
)
# Three options at most; what follows them are details of the product that nobody chooses by.
_ATTRIBUTES = 20


def headings() -> list[str]:
    """All headings, with those of the numbered attributes."""
    parts = ("name", "value(s)", "visible", "global")
    return [
        *HEADINGS,
        *(f"Attribute {n} {part}" for n in range(1, _ATTRIBUTES + 1) for part in parts),
    ]


def rows(
    item: Goods,
    currency: str,
    stock: Mapping[int, Mapping[str, int]],
    *,
    locale: str,
    category: str,
    picture: Picture,
) -> Iterator[dict[str, str]]:
    """The product, then its variations."""
    data = item.data
    text = data.texts.get(locale) or next(iter(data.texts.values()))
    choices = [
        (
            pick(option.names, locale),
            {value.key: pick(value.labels, locale) or value.key for value in option.values},
        )
        for option in data.options
    ]
    virtual = "" if data.kind == "physical" else ", virtual"
    common = {
        "Name": text.title,
        "Published": {"published": "1", "archived": "0"}.get(data.status, "-1"),
        "Is featured?": str(int(data.featured)),
        "Visibility in catalog": "visible",
        "Short description": _escaped(text.lead),
        "Description": _escaped(text.description_html),
        "Categories": _listed([category.replace(">", "›")]),
        "Tags": _listed(data.tags),
        "Brands": _listed([data.brand]),
        "Images": _listed([picture(item, image.url) for image in data.images or ()]),
        "Position": "0",
    }
    shown = [(name, _listed(labels.values())) for name, labels in choices]
    shown += [(spec.name, _listed([spec.value])) for spec in data.specs.get(locale, ())]
    common.update(_attributes(shown[:_ATTRIBUTES]))
    if not choices:
        variant = data.variants[0] if data.variants else VariantData(0)
        units = stock.get(item.variant_ids[0], {}) if item.variant_ids else {}
        sold = _variant(variant, currency, sum(units.values()))
        yield {**common, **sold, "Type": f"simple{virtual}", "SKU": variant.sku or handle(item)}
        return
    parent = handle(item)
    yield {**common, "Type": "variable", "SKU": parent}
    for place, variant in enumerate(data.variants):
        chosen = [
            (name, _listed([labels[key]]))
            for (name, labels), key in zip(choices, variant.values, strict=True)
        ]
        yield {
            "Type": f"variation{virtual}",
            "SKU": variant.sku,
            "Name": text.title,
            "Published": "1",
            "Parent": parent,
            "Position": str(place + 1),
            "Images": _listed([picture(item, variant.image)] if variant.image else []),
            **_variant(variant, currency, sum(stock.get(item.variant_ids[place], {}).values())),
            **_attributes(chosen),
        }


def _variant(variant: VariantData, currency: str, units: int) -> dict[str, str]:
    """Reduced goods have a sale price beside the regular one."""
    price = to_text(variant.price_minor, currency)
    before = variant.compare_at_minor
    return {
        "GTIN, UPC, EAN, or ISBN": variant.barcode,
        "In stock?": str(int(units > 0 or not variant.tracked)),
        "Stock": str(units) if variant.tracked else "",
        "Backorders allowed?": "0",
        "Weight (kg)": format(variant.weight_grams / 1000, ".3f") if variant.weight_grams else "",
        "Sale price": price if before is not None else "",
        "Regular price": price if before is None else to_text(before, currency),
    }


def _attributes(shown: list[tuple[str, str]]) -> dict[str, str]:
    cells = {}
    for number, (name, values) in enumerate(shown, start=1):
        cells[f"Attribute {number} name"] = name
        cells[f"Attribute {number} value(s)"] = values
        cells[f"Attribute {number} visible"] = "1"
        cells[f"Attribute {number} global"] = "0"
    return cells


def _listed(values: Iterable[str]) -> str:
    return ", ".join(value.replace(",", "\\,") for value in values if value)


def _escaped(text: str) -> str:
    return text.replace("\n", "\\n")
