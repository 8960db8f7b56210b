"""The fields of a postal address, in checkout and in the address book, and how an address is written."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape
from wtforms import SelectField, StringField
from wtforms.validators import Length, Optional

from shop.web.ui.forms import FieldError, Form, PhoneField, Required, choices, national
from shop.web.ui.locale import current_lang
from shop.web.ui.pasted import parse
from shop.web.ui.regions import HOME, Shape, countries, country_name, divisions, problems, shape

PARTS = ("country", "province", "city", "district", "street", "postcode")
_ORDER = {
    "en": ("email", "name", "street", "postcode", "city", "province", "country", "phone"),
    "zh": ("name", "phone", "province", "city", "district", "street", "postcode", "email"),
}


class AddressForm(Form):
    """Name, phone and address. Which parts are asked for follows the country and the language."""

    name = StringField(_l("Full name"), [Required(_l("Write a name.")), Length(max=80)])
    street = StringField(_l("Street address"), [Optional(), Length(max=200)])
    postcode = StringField(_l("Postcode"), [Optional(), Length(max=16)])
    city = StringField(_l("City"), [Optional(), Length(max=80)])
    province = StringField(_l("State or province"), [Optional(), Length(max=80)])
    district = StringField(_l("District"), [Optional(), Length(max=80)])
    country = SelectField(_l("Country or region"), validate_choice=True)
    phone = PhoneField(_l("Mobile"), [Optional(), Length(max=32)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country.choices = choices(countries(current_lang()))
        if not self.country.data:
            self.country.data = HOME
        self.phone.region = self.country.data
        self.settle()

    @property
    def shape(self) -> Shape:
        """What is asked for now."""
        return shape(self.country.data or HOME, current_lang())

    def settle(self) -> None:
        """Drop divisions that do not lie in the chosen country, and give the selects ids of their own.

        A select whose choices are others is another select: so neither the browser nor htmx carries a
        choice over by its place in the list.
        """
        country = self.country.data or HOME
        wanted = self.shape
        if wanted.cascade:
            self.province.label.text = _l("Province")
            self.street.label.text = _l("Street, house, room")
            provinces = divisions(country)
            # What is in no list at all may be newer than ours and stays; what lies elsewhere goes.
            if self.province.data not in provinces:
                self._clear("province", "city", "district")
            city = self.city.data
            if city not in self.cities and any(city in divisions(country, p) for p in provinces):
                self._clear("city")
            if not self.city.data:
                self._clear("district")
            district, others = self.district.data, self.cities
            if district not in self.districts and any(
                district in divisions(country, self.province.data or "", c) for c in others
            ):
                self._clear("district")
            place = provinces.index(self.province.data) if self.province.data else "x"
            city = self.cities.index(self.city.data) if self.city.data in self.cities else "x"
            self.city.id = f"city-{place}"
            self.district.id = f"district-{place}-{city}"
        elif wanted.provinces:
            self.province.id = f"province-{country.lower()}"
            if self.province.data not in dict(wanted.provinces):
                self._clear("province")

    @property
    def cities(self) -> tuple[str, ...]:
        """What lies in the chosen province."""
        found = self.province.data
        return divisions(self.country.data or HOME, found) if found else ()

    @property
    def districts(self) -> tuple[str, ...]:
        """What lies in the chosen city."""
        found, city = self.province.data, self.city.data
        return divisions(self.country.data or HOME, found, city) if found and city else ()

    def region_options(self, level: str) -> list[tuple[str, str]]:
        """The choices of one select of the cascade: province, city or district."""
        names = {
            "province": divisions(self.country.data or HOME),
            "city": self.cities,
            "district": self.districts,
        }[level]
        return [(name, name) for name in names]

    def sort_pasted(self) -> bool:
        """Fill the form from its ``paste`` field, a Chinese address; what was not found stays as it was.

        Says so at the field when nothing was found.
        """
        found = parse(self["paste"].data or "")
        if found.street or found.province:
            self.country.data = HOME
            for name in ("province", "city", "district", "street"):
                self.put(name, getattr(found, name))
        for name in ("name", "phone", "postcode"):
            if getattr(found, name):
                self.put(name, getattr(found, name))
        self.settle()
        if not (found.name or found.phone or found.province):
            self.blame("paste", _l("We found no name, phone or address in this. Write them below."))
            return False
        self.put("paste", "")
        self["paste"].id = "paste-done"  # another box: htmx would leave the typed text in this one
        return True

    def put(self, name: str, value: str) -> None:
        """Set a field as if it had been typed."""
        self[name].data = value
        self[name].raw_data = [value]

    def check_address(self) -> bool:
        """Add what is missing in the address to the errors, so that every problem shows at once."""
        found = list(problems(self, current_lang()))
        if self.country.data == HOME and not self.phone.data and not self.phone.errors:
            found.append(("phone", _l("Write a phone number: the courier will call it.")))
        for name, text in found:
            self.blame(name, text)
        return not found

    def blame(self, name: str, text: Any) -> None:
        """Show ``text`` at a field that has no error yet."""
        if not self[name].errors:
            self[name].errors = [text]

    def error_list(self) -> list[FieldError]:
        """The errors in the order in which the page shows the fields."""
        order = {self[name].id: n for n, name in enumerate(_ORDER[current_lang()]) if name in self}
        return sorted(super().error_list(), key=lambda line: order.get(line.field_id, 99))

    def parts(self) -> dict[str, str]:
        """The address alone, without what the country does not use."""
        wanted = self.shape
        unused = set() if wanted.cascade else {"district"}
        unused |= {
            name
            for name, used in (
                ("province", wanted.province),
                ("city", wanted.city),
                ("postcode", wanted.postcode or wanted.cascade),
            )
            if not used
        }
        return {name: "" if name in unused else (self[name].data or "") for name in PARTS}

    def _clear(self, *names: str) -> None:
        for name in names:
            self.put(name, "")


def address_lines(where: Any) -> list[str]:
    """An address as an envelope shows it: Chinese ones from large to small, others by country."""
    get = where.get if isinstance(where, Mapping) else lambda name: getattr(where, name, "")
    street, city, province, district = (
        get(name) or "" for name in ("street", "city", "province", "district")
    )
    postcode, country = get("postcode") or "", get("country") or ""
    if not street and not city:
        return []
    abroad = country_name(country, current_lang()) if country and country != HOME else ""
    if any("\u4e00" <= char <= "\u9fff" for char in province + city + district):
        whole = "".join(dict.fromkeys((province, city, district)))
        apart = " " if street[:1].isascii() and whole else ""
        lines = [f"{whole}{apart}{street}", postcode, abroad]
    else:
        region = dict(shape(country, "en").provinces).get(province, province) if country else ""
        towns = ", ".join(dict.fromkeys(part for part in (district, city, region) if part))
        lines = [street, f"{towns} {postcode}".strip(), abroad]
    return [line for line in lines if line]


def address_html(where: Any) -> Markup:
    """The lines of an address, broken."""
    return Markup("<br>").join(escape(line) for line in address_lines(where))


def masked_phone(number: str) -> str:
    """A phone number that its owner recognises and a glance over the shoulder does not: ``138 **** 1234``."""
    shown = national(number).replace(" ", "").replace("-", "") if number else ""
    if len(shown) < 8:
        return shown
    return f"{shown[:-8]} **** {shown[-4:]}"
