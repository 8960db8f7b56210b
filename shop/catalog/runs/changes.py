"""What a save changes of a product, field by field, bounded in size, in no language.

A change: ``field`` (a code that the page words), ``of`` (a language, or the values of a variant), ``kind`` of
its values, ``old`` and ``new``. A new product is told by its new values alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from shop.catalog import html
from shop.catalog.data import ProductData, VariantData
from shop.catalog.exports.reading import Goods, goods

MOST = 40
LONGEST = 240
_LEAD_IN = 40
_TEXTS = ("title", "fact", "lead", "description_html", "seo_title", "seo_description")
_PLAIN = ("status", "kind", "brand", "featured", "validity_days")
_VARIANT = (
    ("price_minor", "money"),
    ("compare_at_minor", "money"),
    ("cost_minor", "money"),
    ("sku", "text"),
    ("barcode", "text"),
    ("weight_grams", "grams"),
    ("tracked", "flag"),
)

Change = dict[str, Any]
Levels = Mapping[tuple[int, int], int]


@dataclass(frozen=True, slots=True)
class Seen:
    """A product with its stock at one moment."""

    goods: Goods
    levels: Levels


def see(store_id: int, product_id: int, levels: Levels) -> Seen | None:
    """A product as it is now; some statements."""
    found = next(goods(store_id, [product_id]), None)
    return None if found is None else Seen(found, levels)


def between(old: Seen | None, new: Seen) -> list[Change]:
    """What differs, at most ``MOST`` changes and how many more there are."""
    found = list(_new(new) if old is None else _changed(old, new))
    if len(found) <= MOST:
        return found
    return [*found[:MOST], {"field": "more", "kind": "number", "new": len(found) - MOST}]


def title(data: ProductData, locale: str) -> str:
    """What a product is called, in this language if it can be had."""
    text = data.texts.get(locale) or next(iter(data.texts.values()), None)
    return "" if text is None else " ".join(text.title.split())[:255]


def _new(new: Seen) -> Iterator[Change]:
    data = new.goods.data
    prices = sorted({variant.price_minor for variant in data.variants})
    yield {"field": "status", "kind": "code", "new": data.status}
    yield {"field": "price_minor", "kind": "money", "new": prices[0] if prices else 0}
    if len(prices) > 1:
        yield {"field": "price_to", "kind": "money", "new": prices[-1]}
    if len(data.variants) > 1:
        yield {"field": "variants", "kind": "number", "new": len(data.variants)}
    if data.category_id is not None:
        yield {"field": "category", "kind": "category", "new": data.category_id}
    if data.brand:
        yield {"field": "brand", "kind": "text", "new": data.brand}
    if data.images:
        yield {"field": "pictures", "kind": "number", "new": len(data.images)}
    if new.levels:
        yield {"field": "stock", "kind": "number", "new": sum(new.levels.values())}


def _changed(old: Seen, new: Seen) -> Iterator[Change]:
    before, after = old.goods.data, new.goods.data
    for name in _PLAIN:
        kind = {"brand": "text", "featured": "flag", "validity_days": "number"}.get(name, "code")
        yield from _one(name, kind, getattr(before, name), getattr(after, name))
    yield from _one("tax_class", "text", before.tax_class or "", after.tax_class or "")
    yield from _one("category", "category", before.category_id, after.category_id)
    yield from _one("slug", "text", old.goods.slug, new.goods.slug)
    yield from _one("tags", "text", ", ".join(before.tags), ", ".join(after.tags))
    yield from _texts(before, after)
    yield from _one("options", "text", _options(before), _options(after))
    yield from _variants(old, new)
    yield from _one("pictures", "text", _pictures(before), _pictures(after))
    yield from _beside(old.goods, new.goods)


def _beside(before: Goods, after: Goods) -> Iterator[Change]:
    """What stands beside a product: attributes, what it is shown with, terms, parts of bundles."""
    was, becomes = before.extras, after.extras
    for name in ("attributes", "related"):
        told = [
            ", ".join(": ".join(one) if isinstance(one, tuple) else one for one in all_of.values())
            for all_of in (getattr(was, name), getattr(becomes, name))
        ]
        yield from _one(name, "text", *told)
    for name, old in asdict(was.terms).items():
        yield from _one(name, "number", old, getattr(becomes.terms, name))
    yield from _one("parts", "text", _parts(before), _parts(after))


def _parts(goods: Goods) -> str:
    return "; ".join(
        ", ".join(f"{units} x {reference}" for units, reference in parts.values())
        for parts in goods.extras.parts.values()
    )


def _one(field: str, kind: str, old: Any, new: Any, of: str = "") -> Iterator[Change]:
    if old == new:
        return
    if isinstance(old, str) and isinstance(new, str) and kind == "text":
        old, new = _around(old, new)
    yield {"field": field, "kind": kind, "of": of[:120], "old": old, "new": new}


def _texts(before: ProductData, after: ProductData) -> Iterator[Change]:
    for locale in sorted({*before.texts, *after.texts}):
        old, new = before.texts.get(locale), after.texts.get(locale)
        for name in _TEXTS:
            was, becomes = (getattr(text, name) if text else "" for text in (old, new))
            if name == "description_html" and html.plain(was) != html.plain(becomes):
                was, becomes = html.plain(was), html.plain(becomes)
            yield from _one(name, "text", was, becomes, locale)
    for locale in sorted({*before.specs, *after.specs}):
        was, becomes = (_specs(data, locale) for data in (before, after))
        yield from _one("specs", "text", was, becomes, locale)


def _specs(data: ProductData, locale: str) -> str:
    return "; ".join(f"{spec.name}: {spec.value}" for spec in data.specs.get(locale, ()))


def _options(data: ProductData) -> str:
    return "; ".join(
        f"{_word(option.names)}: {', '.join(_word(value.labels) or value.key for value in option.values)}"
        for option in data.options
    )


def _word(words: Mapping[str, str]) -> str:
    return words.get("en") or next(iter(words.values()), "")


def _pictures(data: ProductData) -> str:
    return ", ".join(image.url.rpartition("/")[2] for image in data.images or ())


def _variants(old: Seen, new: Seen) -> Iterator[Change]:
    before, after = _by_values(old), _by_values(new)
    for values, (variant, units) in after.items():
        of = " / ".join(values)
        if values not in before:
            yield {"field": "variant", "kind": "money", "of": of, "new": variant.price_minor}
            continue
        was, had = before[values]
        for name, kind in _VARIANT:
            yield from _one(name, kind, getattr(was, name), getattr(variant, name), of)
        yield from _one("stock", "number", had, units, of)
    for values, (variant, _) in before.items():
        if values not in after:
            of = " / ".join(values)
            yield {"field": "variant", "kind": "money", "of": of, "old": variant.price_minor}


def _by_values(seen: Seen) -> dict[tuple[str, ...], tuple[VariantData, int]]:
    """Labels of a variant's values → the variant and its units."""
    data = seen.goods.data
    labels = [
        {value.key: _word(value.labels) or value.key for value in option.values}
        for option in data.options
    ]
    units: dict[int, int] = {}
    for (variant_id, _), number in seen.levels.items():
        units[variant_id] = units.get(variant_id, 0) + number
    return {
        tuple(_label(labels, place, key) for place, key in enumerate(variant.values)): (
            variant,
            units.get(variant_id, 0),
        )
        for variant_id, variant in zip(seen.goods.variant_ids, data.variants, strict=True)
    }


def _label(labels: Sequence[Mapping[str, str]], place: int, key: str) -> str:
    return labels[place].get(key, key) if place < len(labels) else key


def _around(old: str, new: str) -> tuple[str, str]:
    """Two texts, cut around the first place where they differ."""
    if max(len(old), len(new)) <= LONGEST:
        return old, new
    same = next(
        (place for place, (a, b) in enumerate(zip(old, new, strict=False)) if a != b),
        min(len(old), len(new)),
    )
    start = max(0, same - _LEAD_IN)
    return _cut(old, start), _cut(new, start)


def _cut(text: str, start: int) -> str:
    piece = text[start : start + LONGEST]
    return ("…" if start else "") + piece + ("…" if start + LONGEST < len(text) else "")
