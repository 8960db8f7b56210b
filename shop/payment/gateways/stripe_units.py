"""Amounts as Stripe writes them. Its smallest units are mostly ours, but not always.

Facts: docs.stripe.com/currencies. Some currencies have no decimals there; those with three are taken in
tens of their thousandths only; ISK and UGX have two decimals on paper that must be zeros.
"""

from shop.core import money

_NONE = frozenset(
    (
        *("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF"),
        *("VND", "VUV", "XAF", "XOF", "XPF"),
    )
)
_THREE = frozenset(("BHD", "JOD", "KWD", "OMR", "TND"))
_WHOLE = frozenset(("ISK", "UGX"))
_TWO = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CNY
COP CRC CVE CZK DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR JMD
KES KGS KHR KYD KZT LAK LBP LKR LRD LSL MAD MDL MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK
NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SEK SGD SHP SLE SOS SRD STD SZL THB TJS TOP
TRY TTD TWD TZS UAH USD UYU UZS WST XCD YER ZAR ZMW
"""
CURRENCIES = frozenset(_TWO.split()) | _NONE | _THREE | _WHOLE
"""What a card can be charged in."""


def to_units(minor: int, currency: str) -> int:
    """Our minor units as Stripe's; raises ``ValueError`` for an amount that it cannot charge exactly."""
    shift = places(currency) - money.exponent(currency)
    units, rest = _shifted(minor, shift)
    step = 10 if currency in _THREE else 100 if currency in _WHOLE else 1
    if rest or units % step:
        raise ValueError(f"{minor} of {currency} is no amount of Stripe's")
    return units


def to_minor(units: object, currency: str) -> int:
    """Stripe's units as ours; raises ``ValueError`` for anything that is no such amount."""
    if not isinstance(units, int) or isinstance(units, bool) or abs(units) >= money.MAX_MINOR:
        raise ValueError("not an amount")
    shift = money.exponent(currency) - places(currency)
    minor, rest = _shifted(units, shift)
    if rest:
        raise ValueError("a part of a minor unit")
    return minor


def places(currency: str) -> int:
    """How many decimals Stripe gives a currency; raises ``ValueError`` for one that it does not charge."""
    if currency not in CURRENCIES:
        raise ValueError(f"Stripe charges no {currency}")
    return 0 if currency in _NONE else 3 if currency in _THREE else 2


def _shifted(amount: int, places: int) -> tuple[int, int]:
    """``amount`` with the point moved, and what is lost by that."""
    if places >= 0:
        return amount * int(10**places), 0
    return divmod(amount, int(10**-places))
