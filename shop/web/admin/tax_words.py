"""Sentences about taxes: what is refused, and what the settings come to."""

from flask_babel import gettext, lazy_gettext

from shop.campaigns import taxes
from shop.campaigns.engine import tax
from shop.campaigns.engine.tax import STANDARD, Taxable
from shop.core.money import exponent
from shop.store.tax_queries import Taxes
from shop.web.ui.format import money_text
from shop.web.ui.taxes import place_name

SENTENCES = {
    "tax-rate": lazy_gettext(
        "Write a rate from 0 to 100 with up to three decimals, such as 8.875."
    ),
    "tax-country": lazy_gettext("Choose a country. Files name it by two letters, such as GB."),
    "tax-region": lazy_gettext("This text is too long."),
    "tax-name": lazy_gettext("Write a name of up to 40 characters, such as VAT."),
    "tax-class-unknown": lazy_gettext("This shop has no such class."),
    "tax-class-name": lazy_gettext("Write a name of up to 60 characters."),
    "tax-class-taken": lazy_gettext("There is a class of this name already."),
    "tax-class-kept": lazy_gettext("This class stays: every shop has it."),
    "tax-classes-full": lazy_gettext("A shop has at most %(maximum)s classes."),
    "tax-rates-full": lazy_gettext("A shop has at most %(maximum)s rates."),
    "tax-rounding": lazy_gettext("Choose where to round."),
    "tax-delivery": lazy_gettext("Write yes or no under Delivery."),
    "tax-file-text": lazy_gettext("This is no CSV file in UTF-8. Save it as CSV UTF-8."),
    "tax-file-headings": lazy_gettext(
        "The first row must name the columns Country, Region, Class, Rate and Name."
    ),
    "tax-file-long": lazy_gettext("A file holds at most %(maximum)s rates."),
    "tax-file-empty": lazy_gettext("There are no rates in this file."),
}


def sample(found: Taxes | None, currency: str) -> str:
    """What a thing of 100 comes to for a shopper at home, in a sentence."""
    if found is None or not found.rates:
        return gettext("No rate is set up: no tax is charged or shown.")
    home = found.settings
    if not home.country:
        return gettext(
            "Say where the shop is, and see here what a shopper there pays. Until an address is known, "
            "no tax is shown."
        )
    price = 100 * 10 ** exponent(currency)
    rule = taxes.rule(found, None)
    shares = tax.shares(
        [Taxable(1, price, rule.of(STANDARD))], included=rule.included, rounding=rule.rounding
    )[1]
    due = tax.total(shares)
    values = {
        "place": place_name(home.country, home.region),
        "price": money_text(price, currency, "always"),
        "tax": money_text(due, currency, "always"),
        "rates": " + ".join(share.label for share in shares),
        "net": money_text(price - due, currency, "always"),
        "total": money_text(price + due, currency, "always"),
    }
    if not shares:
        return gettext(
            "A standard thing priced %(price)s that goes to %(place)s is not taxed.", **values
        )
    if rule.included:
        return gettext(
            "A standard thing priced %(price)s that goes to %(place)s: the shopper pays %(price)s, of which "
            "%(tax)s is tax (%(rates)s) and %(net)s is yours.",
            **values,
        )
    return gettext(
        "A standard thing priced %(price)s that goes to %(place)s: %(tax)s of tax (%(rates)s) is added, so "
        "the shopper pays %(total)s.",
        **values,
    )
