"""What the filters of an address mean to the index, and how each is called."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask_babel import gettext as _
from pyroaring import BitMap

from shop.catalog.facets import counting
from shop.catalog.facets.brand_queries import BrandName
from shop.catalog.facets.choice import Choice
from shop.catalog.facets.index import Data
from shop.core.errors import Invalid
from shop.core.i18n import pick
from shop.core.money import parse
from shop.web.catalog.context import brands
from shop.web.catalog.filters import Filters, Part
from shop.web.ui.format import money_text
from shop.web.ui.locale import current_lang


@dataclass(frozen=True, slots=True)
class Asked:
    """Filters, and what the index makes of them. ``filters`` holds only what is known."""

    filters: Filters
    choice: Choice
    currency: str | None
    brands: dict[str, BrandName]
    error: str = ""


def understand(data: Data, products: BitMap, filters: Filters) -> Asked:
    """What was chosen, as the index knows it."""
    known = {one.slug: one for one in brands().called(filters.brands)}
    values: dict[str, tuple[str, ...]] = {}
    for name, keys in filters.values.items():
        group = data.groups.get(name)
        kept = tuple(key for key in keys if group is not None and key in group.values)
        if kept:
            values[name] = kept
    currency = counting.currency(data, products)
    filters = replace(filters, brands=tuple(known), values=values)
    least = most = None
    error = ""
    if filters.price_min or filters.price_max:
        if currency is None:
            # Amounts of several currencies cannot be compared; nor can those of no goods.
            filters = replace(filters, price_min="", price_max="")
        else:
            try:
                least, most = _price(filters, currency)
            except Invalid as refused:
                error = _complaint(refused)
    return Asked(filters, _choice(data, filters, known, least, most), currency, known, error)


def without(data: Data, asked: Asked, part: Part) -> Choice:
    """The choice but for one filter."""
    left = asked.filters.without(part)
    bound = left.price_min or left.price_max
    least, most = (asked.choice.least, asked.choice.most) if bound else (None, None)
    return _choice(data, left, asked.brands, least, most)


def _choice(
    data: Data,
    filters: Filters,
    known: Mapping[str, BrandName],
    least: int | None,
    most: int | None,
) -> Choice:
    return Choice(
        stores=tuple(store.id for store in filters.stores),
        brands=tuple(known[slug].id for slug in filters.brands),
        values={
            name: tuple(data.groups[name].values[key].id for key in keys)
            for name, keys in filters.values.items()
        },
        least=least,
        most=most,
        rating=filters.rating or None,
        in_stock=filters.in_stock,
        on_offer=filters.on_offer,
    )


def label(data: Data, asked: Asked, part: Part) -> str:
    """What the chip of a filter says."""
    name, value = part
    filters = asked.filters
    if name == "price":
        return _price_label(asked)
    if name == "store":
        return next(one.name for one in filters.stores if one.slug == value)
    if name == "brand":
        return asked.brands[value].name
    if name == "rating":
        return stars(int(value))
    if name in {"stock", "offer"}:
        return _("In stock") if name == "stock" else _("On offer")
    return pick(data.groups[name].values[value].labels, current_lang())


def _price_label(asked: Asked) -> str:
    least, most, currency = asked.choice.least, asked.choice.most, asked.currency or ""
    if asked.error:
        return _("Price")
    if least is None:
        return _("Up to %(amount)s", amount=money_text(most or 0, currency))
    if most is None:
        return _("From %(amount)s", amount=money_text(least, currency))
    low, high = money_text(least, currency), money_text(most, currency)
    return _("%(low)s to %(high)s", low=low, high=high)


def _price(filters: Filters, currency: str) -> tuple[int | None, int | None]:
    """Both ends in minor units. Raises ``Invalid``."""
    least, most = (
        parse(typed.lstrip("¥￥$€£ "), currency) if typed else None
        for typed in (filters.price_min, filters.price_max)
    )
    if (least or 0) < 0 or (most or 0) < 0:
        raise Invalid("money-unreadable")
    if least is not None and most is not None and least > most:
        raise Invalid("price-crosswise")
    return least, most


def _complaint(refused: Invalid) -> str:
    if refused.reason == "price-crosswise":
        return _("The lowest price is above the highest one. Change one of the two.")
    if refused.reason == "money-too-large":
        return _("Nothing here costs as much as that. Write a smaller amount.")
    return _("Write the price in figures, such as 88 or 88.50. It is not used yet.")


def stars(least: int) -> str:
    """So many stars and up."""
    return _("%(stars)s stars and up", stars=least)
