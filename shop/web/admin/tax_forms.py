"""Forms of a store's taxes."""

from typing import Any

from flask_babel import lazy_gettext
from flask_wtf.file import FileField
from wtforms import BooleanField, RadioField, SelectField, StringField
from wtforms.validators import Length

from shop.store import tax_queries
from shop.store.tax_data import RateData, TaxSettings, parse_rate
from shop.web.ui.forms import Form, Required, choices
from shop.web.ui.locale import current_lang
from shop.web.ui.regions import countries, shape

CLASS_NAMES = {
    "standard": lazy_gettext("Standard"),
    "reduced": lazy_gettext("Reduced"),
    "zero": lazy_gettext("Zero"),
}
"""What the classes that every store has are called."""

_LONG = lazy_gettext("This text is too long.")


def class_name(code: str, name: str = "") -> str:
    """A class as staff read it."""
    return name or str(CLASS_NAMES.get(code, code))


def class_choices(store_id: int) -> list[tuple[str, str]]:
    """Codes and names of a store's classes. One statement."""
    return [(code, class_name(code, name)) for code, name in tax_queries.classes(store_id)]


def region_code(country: str, text: str) -> str:
    """A region as addresses keep it: its code where the country has codes (NY), else its name."""
    typed = text.strip().casefold()
    for lang in ("en", "zh"):
        for code, name in shape(country, lang).provinces if country else ():
            if typed in (code.casefold(), name.casefold()):
                return code
    return " ".join(text.split())


class TaxSettingsForm(Form):
    """Prices with or without tax, where to round, and the place that holds until an address is known."""

    mode = RadioField(
        lazy_gettext("Prices of the shop"),
        choices=choices(
            [
                ("included", lazy_gettext("Prices include tax")),
                ("excluded", lazy_gettext("Tax is added to prices")),
            ]
        ),
    )
    rounding = RadioField(
        lazy_gettext("Rounding"),
        choices=choices(
            [
                ("line", lazy_gettext("Round each line")),
                ("order", lazy_gettext("Round once per order")),
            ]
        ),
    )
    home = SelectField(lazy_gettext("Country of the shop"), id="home")
    home_region = StringField(
        lazy_gettext("Region of the shop"), [Length(max=80, message=_LONG)], id="home-region"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.home.choices = choices([("", lazy_gettext("Not said")), *countries(current_lang())])

    def read(self) -> TaxSettings:
        """What was chosen."""
        country = str(self.home.data or "")
        return TaxSettings(
            self.mode.data == "included",
            str(self.rounding.data),
            country,
            region_code(country, str(self.home_region.data or "")),
        )


class RateForm(Form):
    """A rate of a class and a place."""

    country = SelectField(lazy_gettext("Country"), id="rate-country")
    region = StringField(lazy_gettext("Region"), [Length(max=80, message=_LONG)], id="rate-region")
    tax_class = SelectField(lazy_gettext("Class"), id="rate-class")
    name = StringField(
        lazy_gettext("Name on the bill"),
        [Required(), Length(max=40, message=_LONG)],
        id="rate-name",
    )
    rate = StringField(lazy_gettext("Rate"), [Required(), Length(max=12)], id="rate-percent")
    delivery = BooleanField(lazy_gettext("It holds for delivery, too"), id="rate-delivery")

    def __init__(self, *args: Any, classes: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country.choices = choices(countries(current_lang()))
        self.tax_class.choices = choices((code, class_name(code, name)) for code, name in classes)

    def read(self) -> RateData:
        """What was typed. Raises ``Invalid`` for a rate that cannot be read."""
        country = str(self.country.data)
        return RateData(
            str(self.tax_class.data),
            country,
            region_code(country, str(self.region.data or "")),
            str(self.name.data),
            parse_rate(str(self.rate.data)),
            bool(self.delivery.data),
        )


class ClassForm(Form):
    """A class of the merchant's own."""

    class_name = StringField(
        lazy_gettext("Name of the class"),
        [Required(), Length(max=60, message=_LONG)],
        id="class-name",
    )


class RatesFileForm(Form):
    """Rates from a file."""

    file = FileField(lazy_gettext("File"), id="rates-file")
