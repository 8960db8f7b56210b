"""What a product must be before it is written. Pure; raises ``Invalid`` with the field to mend."""

import re

from shop.catalog import slugs
from shop.catalog.data import KINDS, MAX_OPTIONS, MAX_VARIANTS, STATUSES, ProductData, VariantData
from shop.core.errors import Invalid
from shop.core.money import MAX_MINOR

_SWATCH = re.compile(r"#[0-9a-fA-F]{6}")
MAX_WEIGHT_GRAMS = 10_000_000


def check(data: ProductData) -> None:
    """Raise ``Invalid`` for the first rule that ``data`` breaks.

    Codes: "kind-unknown", "status-unknown", "title-missing", "text-too-long", "slug-form",
    "validity-days", "digital-file-missing", "options-too-many", "option-name-missing",
    "option-values-missing", "option-value-repeated", "swatch-form", "variants-missing",
    "variants-too-many", "variant-values", "variant-repeated", "amount-out-of-range",
    "compare-at-not-above-price", "weight-out-of-range".
    """
    if data.kind not in KINDS:
        raise Invalid("kind-unknown", field="kind", kind=data.kind)
    if data.status not in STATUSES:
        raise Invalid("status-unknown", field="status", status=data.status)
    if data.slug is not None and not slugs.is_slug(data.slug):
        raise Invalid("slug-form", field="slug", slug=data.slug)
    if data.validity_days is not None and data.validity_days <= 0:
        raise Invalid("validity-days", field="validity_days")
    if data.kind == "digital" and data.status == "published" and not data.digital_name:
        raise Invalid("digital-file-missing", field="digital_name")
    _check_texts(data)
    _check_options(data)
    _check_variants(data)


def _check_texts(data: ProductData) -> None:
    if not data.texts or not all(text.title.strip() for text in data.texts.values()):
        raise Invalid("title-missing", field="title")
    for text in data.texts.values():
        for field, value, limit in (
            ("title", text.title, 255),
            ("fact", text.fact, 120),
            ("lead", text.lead, 255),
            ("seo_title", text.seo_title, 255),
        ):
            if len(value) > limit:
                raise Invalid("text-too-long", field=field, limit=limit)
    for specs in data.specs.values():
        if any(len(spec.name) > 120 for spec in specs):
            raise Invalid("text-too-long", field="specs", limit=120)
    if len(data.brand) > 160:
        raise Invalid("text-too-long", field="brand", limit=160)


def _check_options(data: ProductData) -> None:
    if len(data.options) > MAX_OPTIONS:
        raise Invalid("options-too-many", field="options", limit=MAX_OPTIONS)
    for option in data.options:
        if not any(name.strip() for name in option.names.values()):
            raise Invalid("option-name-missing", field="options")
        if not option.values:
            raise Invalid("option-values-missing", field="options")
        keys = [value.key for value in option.values]
        if len(set(keys)) != len(keys):
            raise Invalid("option-value-repeated", field="options")
        for value in option.values:
            if not value.key or len(value.key) > 255 or not any(value.labels.values()):
                raise Invalid("option-values-missing", field="options")
            if value.swatch is not None and not _SWATCH.fullmatch(value.swatch):
                raise Invalid("swatch-form", field="options", swatch=value.swatch)


def _check_variants(data: ProductData) -> None:
    if not data.variants:
        raise Invalid("variants-missing", field="variants")
    if len(data.variants) > MAX_VARIANTS:
        raise Invalid("variants-too-many", field="variants", limit=MAX_VARIANTS)
    known = [{value.key for value in option.values} for option in data.options]
    seen: set[tuple[str, ...]] = set()
    for variant in data.variants:
        values = tuple(variant.values)
        if len(values) != len(known) or any(
            key not in keys for key, keys in zip(values, known, strict=True)
        ):
            raise Invalid("variant-values", field="variants", values=list(values))
        if values in seen:
            raise Invalid("variant-repeated", field="variants", values=list(values))
        seen.add(values)
        _check_variant(variant)


def _check_variant(variant: VariantData) -> None:
    check_price(variant.price_minor, variant.compare_at_minor)
    if variant.cost_minor is not None and not 0 <= variant.cost_minor < MAX_MINOR:
        raise Invalid("amount-out-of-range", field="cost")
    if not 0 <= variant.weight_grams <= MAX_WEIGHT_GRAMS:
        raise Invalid("weight-out-of-range", field="weight")
    if len(variant.sku) > 255 or len(variant.barcode) > 64:
        raise Invalid("text-too-long", field="sku", limit=255 if len(variant.sku) > 255 else 64)


def check_price(price_minor: int, compare_at_minor: int | None) -> None:
    """Raise ``Invalid`` for an amount out of range or a former price that is not above the price."""
    if not 0 <= price_minor < MAX_MINOR:
        raise Invalid("amount-out-of-range", field="price")
    if compare_at_minor is not None:
        if compare_at_minor >= MAX_MINOR:
            raise Invalid("amount-out-of-range", field="compare_at")
        if compare_at_minor <= price_minor:
            raise Invalid("compare-at-not-above-price", field="compare_at")
