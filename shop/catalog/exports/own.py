"""The rows of the shop's own product file; ``imports.own_headers`` says what they mean."""

from collections.abc import Iterator, Mapping, Sequence

from shop.catalog.data import Spec
from shop.catalog.exports.reading import Goods
from shop.catalog.imports import own_references
from shop.catalog.imports.own_headers import LOCALES, STOCK, TERMS, TEXTS, fixed, localised
from shop.catalog.imports.own_references import escaped
from shop.catalog.terms import USUAL
from shop.core.money import to_text

Cells = dict[str, str]


def headings(places: Sequence[str]) -> list[str]:
    """All headings, for a store with these places."""
    return [*fixed(), *(STOCK + place for place in places)]


def rows(item: Goods, currency: str, stock: Mapping[int, Mapping[str, int]]) -> Iterator[Cells]:
    """The rows of a product: itself, its options' values, its variants, its pictures."""
    yield {"Handle": item.handle, "Row": "product", **_product(item)}
    for place, option in enumerate(item.data.options, start=1):
        for value in option.values:
            yield {
                "Handle": item.handle,
                "Row": "value",
                "Option": str(place),
                "Value": value.key,
                "Swatch": value.swatch or "",
                **_words("Label", value.labels),
            }
    for variant_id, variant in zip(item.variant_ids, item.data.variants, strict=True):
        yield {
            "Handle": item.handle,
            "Row": "variant",
            **{f"Value {place}": key for place, key in enumerate(variant.values, start=1)},
            "SKU": variant.sku,
            "Barcode": variant.barcode,
            "Price": to_text(variant.price_minor, currency),
            "Currency": currency,
            "Compare-at price": _amount(variant.compare_at_minor, currency),
            "Cost": _amount(variant.cost_minor, currency),
            "Weight in grams": str(variant.weight_grams),
            "Stock is counted": _flag(variant.tracked),
            "Variant picture": variant.image or "",
            "Parts": "\n".join(
                own_references.part(units, reference)
                for units, reference in item.extras.parts.get(variant_id, {}).values()
            ),
            **{STOCK + place: str(units) for place, units in stock.get(variant_id, {}).items()},
        }
    for image in item.data.images or ():
        yield {
            "Handle": item.handle,
            "Row": "picture",
            "Picture": image.url,
            **_words("Picture text", image.alts),
        }


def _product(item: Goods) -> Cells:
    data = item.data
    cells = {
        "Address": item.slug,
        "Kind": data.kind,
        "Status": data.status,
        "Published at": data.published_at.isoformat() if data.published_at else "",
        "Category": item.category,
        "Brand": data.brand,
        "Tags": ", ".join(data.tags),
        "Featured": _flag(data.featured),
        "Valid days": str(data.validity_days or ""),
        "Tax class": data.tax_class or "",
        "Attributes": "\n".join(
            detail(Spec(name, value)) for name, value in item.extras.attributes.values()
        ),
        "Related": "\n".join(escaped(handle) for handle in item.extras.related.values()),
    }
    terms = item.extras.terms
    if data.kind != "physical" or terms != USUAL:
        said = {name: getattr(terms, field) for name, field in TERMS.items()}
        cells |= {name: "" if value is None else str(value) for name, value in said.items()}
    for locale in LOCALES:
        text = data.texts.get(locale)
        details = "\n".join(detail(spec) for spec in data.specs.get(locale, ()))
        words = ("", "", "", "", details, "", "")
        if text is not None:
            words = (
                text.title,
                text.fact,
                text.lead,
                text.description_html,
                details,
                text.seo_title,
                text.seo_description,
            )
        cells.update(zip((localised(name, locale) for name in TEXTS), words, strict=True))
    for place, option in enumerate(data.options, start=1):
        cells.update(_words(f"Option {place}", option.names))
    return cells


def detail(spec: Spec) -> str:
    """A specification on one line: ``Height: 8 cm``; a colon in the name, a line end and a backslash
    are written with a backslash before them."""
    name = escaped(spec.name).replace(":", "\\:")
    return f"{name}: {escaped(spec.value)}"


def _words(heading: str, words: Mapping[str, str]) -> Cells:
    return {localised(heading, locale): words.get(locale, "") for locale in LOCALES}


def _amount(minor: int | None, currency: str) -> str:
    return "" if minor is None else to_text(minor, currency)


def _flag(value: bool) -> str:
    return "yes" if value else "no"
