"""How the admin says what a method of delivery costs and what its kind means."""

from typing import Any

from flask_babel import gettext, lazy_gettext

from shop.store.delivery import Method
from shop.web.ui.format import money_text, number
from shop.web.ui.locale import current_lang

_KINDS = {
    "flat": (lazy_gettext("One rate"), lazy_gettext("Every parcel costs the same.")),
    "weight": (lazy_gettext("By weight"), lazy_gettext("Steps by the weight of the parcel.")),
    "price": (lazy_gettext("By worth"), lazy_gettext("Steps by what the goods are worth.")),
    "count": (lazy_gettext("By number"), lazy_gettext("Steps by the number of pieces.")),
    "per_item": (lazy_gettext("Per piece"), lazy_gettext("Each piece costs the same.")),
    "local": (
        lazy_gettext("Local delivery"),
        lazy_gettext("Brought by you, at a time that the customer chooses."),
    ),
    "pickup": (
        lazy_gettext("Pick-up point"),
        lazy_gettext("Customers fetch the order; nobody is asked for an address."),
    ),
}


def kind(code: str) -> str:
    """A kind of method."""
    return str(_KINDS[code][0])


def kind_note(code: str) -> str:
    """What it means."""
    return str(_KINDS[code][1])


def rate(method: Method, currency: str) -> str:
    """What a method costs, its first step last: ``¥8, from 2 kg ¥15``."""
    price = money_text(method.price_minor, currency) if method.price_minor else gettext("free")
    if method.kind == "per_item":
        price = gettext("%(price)s a piece", price=price)
    parts = [price]
    for start, cost in method.tiers:
        if method.kind == "weight":
            reached = gettext("%(num)s kg", num=number(start / 1000))
        elif method.kind == "price":
            reached = money_text(start, currency)
        else:
            reached = gettext("%(num)s pieces", num=number(start))
        parts.append(
            gettext("from %(reached)s %(price)s", reached=reached, price=money_text(cost, currency))
        )
    if method.free_from_minor is not None and method.price_minor:
        amount = money_text(method.free_from_minor, currency)
        parts.append(gettext("free from %(amount)s", amount=amount))
    return comma().join(parts)


def comma() -> str:
    """Between parts of a list."""
    return "，" if current_lang() == "zh" else ", "


def context() -> dict[str, Any]:
    """The words that the templates use."""
    return {"say_kind": kind, "say_kind_note": kind_note, "say_rate": rate, "say_comma": comma}
