"""What a merchant added to an imported product outlives the next version of the file."""

from dataclasses import replace

from shop.catalog.data import OptionData, OptionValueData, ProductData


def merged(data: ProductData, current: ProductData) -> ProductData:
    """``data`` of the file, with what a file cannot say taken from the product as it is.

    Kept: other languages, fact, lead and specifications where the file has none, swatches, a category the file does not
    name, what makes a product digital or a service, and that it is featured.
    """
    texts = dict(current.texts)
    for locale, text in data.texts.items():
        before = current.texts.get(locale)
        if before is not None:
            text = replace(text, fact=before.fact, lead=text.lead or before.lead)
        texts[locale] = text
    delivered = data.kind == "physical"
    return replace(
        data,
        texts=texts,
        specs={**current.specs, **data.specs},
        options=[_option(option, current) for option in data.options],
        category_id=data.category_id or current.category_id,
        featured=data.featured or current.featured,
        kind=data.kind if delivered or current.kind == "physical" else current.kind,
        status=data.status if delivered or current.kind == "physical" else current.status,
        digital_name=current.digital_name,
        validity_days=current.validity_days,
        tax_class=current.tax_class,
    )


def _option(option: OptionData, current: ProductData) -> OptionData:
    """The option of the file with the words and swatches of the one of the same name."""
    for before in current.options:
        if any(before.names.get(locale) == name for locale, name in option.names.items()):
            known = {value.key: value for value in before.values}
            return OptionData(
                {**before.names, **option.names},
                [_value(value, known.get(value.key)) for value in option.values],
            )
    return option


def _value(value: OptionValueData, before: OptionValueData | None) -> OptionValueData:
    if before is None:
        return value
    return OptionValueData(value.key, {**before.labels, **value.labels}, before.swatch)
