"""From a draft to what the catalogue saves; what cannot be read is said at its field."""

from flask_babel import gettext

from shop.catalog.data import (
    KINDS,
    OptionData,
    OptionValueData,
    ProductData,
    Spec,
    Text,
    VariantData,
)
from shop.core.errors import Invalid
from shop.core.money import parse
from shop.web.admin.product_draft import LANGS, Draft, OptionDraft, VariantDraft

_LARGEST = 9_999_999


def to_data(
    draft: Draft,
    *,
    store_id: int,
    currency: str,
    category_id: int | None,
    status: str,
    digital_name: str | None,
    featured: bool,
) -> ProductData | None:
    """The data, or None when something cannot be read: then ``draft.errors`` says what."""
    texts = _texts(draft)
    options = [_option(draft, place, option) for place, option in enumerate(draft.used)]
    sold = [row for row in draft.variants if row.sell]
    if not sold:
        draft.complain("variants", gettext("Keep at least one variant."))
    variants = [
        _variant(draft, number, row, currency)
        for number, row in enumerate(draft.variants)
        if row.sell
    ]
    days = whole(draft, "validity_days", draft.validity_days)
    if draft.kind not in KINDS:
        draft.complain("kind", gettext("Choose what kind of thing this is."))
    if draft.errors:
        return None
    return ProductData(
        store_id=store_id,
        texts=texts,
        variants=variants,
        options=options,
        specs={lang: _specs(draft.text("specs", lang)) for lang in LANGS},
        kind=draft.kind,
        status=status,
        category_id=category_id,
        brand=draft.brand,
        tags=[tag.strip() for tag in draft.tags.replace("，", ",").split(",") if tag.strip()],
        featured=featured,
        slug=draft.slug or None,
        digital_name=digital_name if draft.kind == "digital" else None,
        validity_days=days if draft.kind == "service" else None,
        tax_class=draft.tax_class,
    )


def _texts(draft: Draft) -> dict[str, Text]:
    found = {}
    for lang in LANGS:
        title = draft.text("title", lang)
        rest = any(draft.text(name, lang) for name in ("fact", "lead", "description"))
        if title:
            found[lang] = Text(
                title=title[:255],
                fact=draft.text("fact", lang),
                lead=draft.text("lead", lang),
                description_html=draft.text("description", lang),
                seo_title=draft.text("seo_title", lang),
                seo_description=draft.text("seo_description", lang),
            )
        elif rest:
            draft.complain(f"title-{lang}", gettext("Write a title in this language too."))
    if not found:
        draft.complain("title-en", gettext("Write a title in at least one language."))
    return found


def _option(draft: Draft, place: int, option: OptionDraft) -> OptionData:
    names = {lang: name for lang, name in option.names.items() if name}
    if not names:
        where = draft.options.index(option)
        draft.complain(
            f"option-{where}-name-en", gettext("Name what shoppers choose by: size, colour.")
        )
        names = {"en": str(place + 1)}
    values = []
    for value in option.filled:
        labels = {lang: label for lang, label in value.labels.items() if label}
        value.key = value.key or value.label[:255]
        swatch = value.swatch.lower() if value.swatch else None
        values.append(OptionValueData(value.key, labels, swatch))
    if len({value.key for value in values}) < len(values):
        where = draft.options.index(option)
        draft.complain(
            f"option-{where}-name-en", gettext("Two values of this option are the same.")
        )
    return OptionData(names, values)


def _variant(draft: Draft, number: int, row: VariantDraft, currency: str) -> VariantData:
    prefix = f"variant-{number}-"
    price = amount(draft, prefix + "price", row.price, currency)
    if price is None and prefix + "price" not in draft.errors:
        draft.complain(
            prefix + "price", gettext("Write a price for %(name)s.", name=row.label or "1")
        )
    compare = amount(draft, prefix + "compare_at", row.compare_at, currency)
    if price is not None and compare is not None and compare <= price:
        draft.complain(
            prefix + "compare_at", gettext("The price before must be higher than the price.")
        )
    keys = []
    for option, place in zip(draft.used, row.at, strict=True):
        value = next(value for value in option.filled if value.place == place)
        keys.append(value.key)
    return VariantData(
        price_minor=price or 0,
        values=keys,
        sku=row.sku[:255],
        barcode=row.barcode[:64],
        compare_at_minor=compare,
        cost_minor=amount(draft, prefix + "cost", row.cost, currency),
        weight_grams=whole(draft, prefix + "weight", row.weight) or 0,
        tracked=draft.tracked,
        image=row.image or None,
    )


def _specs(text: str) -> list[Spec]:
    """Lines such as ``Height: 8 cm``; a line without a colon is a value without a name."""
    rows = []
    for line in text.splitlines():
        name, found, value = line.strip().replace("：", ":").partition(":")
        if name.strip() and found and value.strip():
            rows.append(Spec(name.strip()[:120], value.strip()))
    return rows


def amount(draft: Draft, name: str, typed: str, currency: str) -> int | None:
    """An amount in minor units; None when nothing was typed."""
    cleaned = typed.lstrip("¥￥").strip()
    if not cleaned:
        return None
    try:
        value = parse(cleaned, currency)
    except Invalid:
        value = -1
    if value < 0:
        draft.complain(name, gettext("Write an amount such as %(example)s.", example="88.80"))
        return None
    return value


def whole(draft: Draft, name: str, typed: str) -> int | None:
    """A whole number from 0 on; None when nothing was typed."""
    if not typed:
        return None
    if not typed.isascii() or not typed.isdigit() or int(typed) > _LARGEST:
        draft.complain(name, gettext("Write a whole number."))
        return None
    return int(typed)
