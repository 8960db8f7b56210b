"""Taxes as pages tell them: where a visitor's goods are taxed, and what a price is said to hold."""

from datetime import date

from babel import dates
from flask import Flask

from shop.account import queries as accounts
from shop.core.percent import percent
from shop.store.places import Destination
from shop.web.ui import deliveries
from shop.web.ui.locale import current_lang, present_locale
from shop.web.ui.regions import country_name, shape
from shop.web.ui.visitor import houses, user_id


def remembered() -> Destination | None:
    """Where the visitor's parcels usually go: to the default address of who is signed in, else where
    they said."""
    uid = user_id()
    book = accounts.addresses(uid) if uid is not None else []
    if book:
        return Destination(book[0].country, book[0].province, book[0].postcode)
    return deliveries.region()


def included(store_id: int) -> bool | None:
    """Whether prices of a store hold their tax; None where it taxes nothing. Kept."""
    return next((house.tax_included for house in houses() if house.id == store_id), None)


def place_name(country: str, region: str = "") -> str:
    """A country, or a region with its country, in the reader's language."""
    lang = current_lang()
    name = country_name(country, lang)
    if not region:
        return name
    own = dict(shape(country, lang).provinces).get(region, region)
    return f"{name} {own}" if lang == "zh" else f"{own}, {name}"


def month_name(first: date) -> str:
    """A month with its year, in the reader's language."""
    text: str = dates.format_skeleton("yMMMM", first, locale=present_locale())
    return text


def init_taxes(app: Flask) -> None:
    """Give templates the notes."""
    app.add_template_global(included, "tax_included")
    app.add_template_global(place_name, "place_name")
    app.add_template_filter(percent, "tax_percent")
    app.add_template_filter(month_name, "month_name")
