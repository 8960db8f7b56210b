"""How an address is written on paper.

In Chinese letters from large to small; in Latin ones from small to large, as the Universal Postal Union has
it: street, district, town with its postcode, region, and last the country in capitals, in English, which is
what carriers abroad read. The letters decide, not the country: who lives in Hangzhou may write "Hangzhou".
"""

import re

from shop.documents.wording import words
from shop.order.views import ContactView

_HOME = {"CN", "HK", "MO", "TW", ""}
"""Where a parcel with an address in Chinese needs no country."""
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_LETTER = re.compile(r"[^\W\d_]")

_BEFORE = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "BY",
        "CH",
        "CN",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FO",
        "FR",
        "GE",
        "GR",
        "HR",
        "HU",
        "IL",
        "IS",
        "IT",
        "LI",
        "LT",
        "LU",
        "MC",
        "ME",
        "MK",
        "MY",
        "NL",
        "NO",
        "PH",
        "PL",
        "PT",
        "RO",
        "RS",
        "SE",
        "SI",
        "SK",
        "SM",
        "TN",
        "TR",
        "VA",
        "VN",
    ]
)
"""Countries whose postcode stands before the town."""
_ONE_LINE = frozenset({"AU", "CA", "US"})
"""Countries whose region stands in the line of the town, before the postcode."""
_OWN_LINE = frozenset({"GB", "IE"})
"""Countries whose postcode has a line of its own, below everything but the country."""


def lines(contact: ContactView) -> tuple[str, ...]:
    """The lines below the name."""
    country = words("en").country(contact.country).upper() if contact.country else ""
    if _chinese(contact):
        regions = dict.fromkeys((contact.province, contact.city, contact.district))
        found = [" ".join(filter(None, regions)), contact.street, contact.postcode]
        return _filled(*found, "" if contact.country in _HOME else country)
    return _filled(contact.street, contact.district, *_town(contact), country)


def _town(contact: ContactView) -> tuple[str, ...]:
    """The lines of town, region and postcode; a town that is its own region stands once."""
    code, town = contact.postcode, contact.city
    region = "" if contact.province == town else contact.province
    if contact.country in _BEFORE:
        return _joined(code, town), region
    if contact.country in _ONE_LINE:
        return (_joined(town, region, code),)
    if contact.country in _OWN_LINE:
        return town, region, code
    return _joined(town, code), region


def _chinese(contact: ContactView) -> bool:
    """Whether most letters of the address are Chinese; one without letters is."""
    text = "".join((contact.province, contact.city, contact.district, contact.street))
    letters = len(_LETTER.findall(text))
    return len(_HAN.findall(text)) * 2 >= letters


def _joined(*parts: str) -> str:
    return " ".join(filter(None, parts))


def _filled(*found: str) -> tuple[str, ...]:
    return tuple(filter(None, found))
