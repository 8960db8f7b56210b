"""The rows of Shopify's product CSV, in the headings since 2025 and in the classic ones."""

from collections.abc import Callable, Iterator, Mapping

from shop.catalog.data import VariantData
from shop.catalog.exports.reading import Goods
from shop.core.i18n import pick
from shop.core.money import to_text

# field → (the heading since 2025, the classic one)
HEADINGS = {
    "handle": ("URL handle", "Handle"),
    "title": ("Title", "Title"),
    "body": ("Description", "Body (HTML)"),
    "vendor": ("Vendor", "Vendor"),
    "type": ("Type", "Type"),
    "tags": ("Tags", "Tags"),
    "published": ("Published on online store", "Published"),
    "status": ("Status", "Status"),
    **{
        f"option{place}_{part}": (f"Option{place} {part}", f"Option{place} {part.title()}")
        for place in (1, 2, 3)
        for part in ("name", "value")
    },
    "sku": ("SKU", "Variant SKU"),
    "barcode": ("Barcode", "Variant Barcode"),
    "grams": ("Weight value (grams)", "Variant Grams"),
    "unit": ("Weight unit for display", "Variant Weight Unit"),
    "tracker": ("Inventory tracker", "Variant Inventory Tracker"),
    "quantity": ("Inventory quantity", "Variant Inventory Qty"),
    "policy": ("Continue selling when out of stock", "Variant Inventory Policy"),
    "service": ("Fulfillment service", "Variant Fulfillment Service"),
    "price": ("Price", "Variant Price"),
    "compare_at": ("Compare-at price", "Variant Compare At Price"),
    "cost": ("Cost per item", "Cost per item"),
    "shipping": ("Requires shipping", "Variant Requires Shipping"),
    "image": ("Product image URL", "Image Src"),
    "image_position": ("Image position", "Image Position"),
    "image_alt": ("Image alt text", "Image Alt Text"),
    "variant_image": ("Variant image URL", "Variant Image"),
    "gift_card": ("Gift card", "Gift Card"),
    "seo_title": ("SEO title", "SEO Title"),
    "seo_description": ("SEO description", "SEO Description"),
}
_STATUSES = {"published": "Active", "draft": "Draft", "archived": "Archived"}
Picture = Callable[[Goods, str], str]
"""The address under which others find a picture of a product."""


def headings(classic: bool) -> list[str]:
    """The headings of one generation."""
    return [pair[classic] for pair in HEADINGS.values()]


def rows(
    item: Goods,
    currency: str,
    stock: Mapping[int, Mapping[str, int]],
    *,
    classic: bool,
    locale: str,
    category: str,
    picture: Picture,
) -> Iterator[dict[str, str]]:
    """A row for each variant, the first with the product's texts; pictures beside them and below."""
    pictures = [(picture(item, image.url), image) for image in item.data.images or ()]
    for place in range(max(len(item.data.variants), len(pictures))):
        cells = {"handle": handle(item)}
        if place == 0:
            cells.update(_product(item, locale, category))
        if place < len(item.data.variants):
            variant = item.data.variants[place]
            units = sum(stock.get(item.variant_ids[place], {}).values())
            cells.update(_variant(item, variant, currency, units, classic, locale))
            if variant.image:
                cells["variant_image"] = picture(item, variant.image)
        if place < len(pictures):
            address, image = pictures[place]
            cells["image"], cells["image_position"] = address, str(place + 1)
            cells["image_alt"] = pick(image.alts, locale)
        yield {HEADINGS[name][classic]: value for name, value in cells.items()}


def handle(item: Goods) -> str:
    """What others may call the product: its handle where that is one, else its address."""
    return item.slug if ":" in item.handle else item.handle


def _product(item: Goods, locale: str, category: str) -> dict[str, str]:
    data = item.data
    text = data.texts.get(locale) or next(iter(data.texts.values()))
    names = {
        f"option{place}_name": pick(option.names, locale)
        for place, option in enumerate(data.options, start=1)
    }
    return {
        "title": text.title,
        "body": text.description_html,
        "vendor": data.brand,
        "type": category,
        "tags": ", ".join(data.tags),
        "published": "true" if data.status == "published" else "false",
        "status": _STATUSES[data.status],
        "gift_card": "false",
        "seo_title": text.seo_title,
        "seo_description": text.seo_description,
        **(names or {"option1_name": "Title"}),
    }


def _variant(
    item: Goods, variant: VariantData, currency: str, units: int, classic: bool, locale: str
) -> dict[str, str]:
    values = {
        f"option{place}_value": _label(item, place - 1, key, locale)
        for place, key in enumerate(variant.values, start=1)
    }
    compare_at, cost = variant.compare_at_minor, variant.cost_minor
    return {
        "sku": variant.sku,
        "barcode": variant.barcode,
        "grams": str(variant.weight_grams),
        "unit": "g",
        "tracker": "shopify" if variant.tracked else "",
        "quantity": str(units) if variant.tracked else "",
        "policy": "deny" if classic else "false",
        "service": "manual",
        "price": to_text(variant.price_minor, currency),
        "compare_at": "" if compare_at is None else to_text(compare_at, currency),
        "cost": "" if cost is None else to_text(cost, currency),
        "shipping": "true" if item.data.kind == "physical" else "false",
        **(values or {"option1_value": "Default Title"}),
    }


def _label(item: Goods, place: int, key: str, locale: str) -> str:
    """The label of a value in the language of the file, unless two values share it."""
    labels = {value.key: pick(value.labels, locale) for value in item.data.options[place].values}
    label = labels.get(key) or key
    return label if list(labels.values()).count(label) == 1 else key
