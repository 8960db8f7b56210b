"""How values are written: money, dates, numbers, in the language of the page and the zone of the shop."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel import Locale, dates, numbers
from flask import Flask
from flask_babel import gettext
from markupsafe import Markup, escape

from shop.core import clock, qr
from shop.core.money import Money, exponent, to_decimal
from shop.web.ui.locale import current_zone, present_locale

_DATED = re.compile(
    r"\d+月\d+日(?:至(?:\d+月)?\d+日)?(?: \d\d:\d\d)?|(?:\d+–)?\d+ [A-Z][a-z]{2}\b(?:, \d\d:\d\d)?"
)
# CLDR writes CN¥ and US$ to keep yuan and dollars of several countries apart; in a shop whose
# currency is known the plain mark is what people expect.
_SYMBOLS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£"}


def money_parts(minor: int, currency: str = "CNY") -> tuple[str, str, str, str]:
    """Sign, currency mark, whole part with separators, decimals with their mark (maybe empty)."""
    return _money_parts(minor, currency, present_locale())


@lru_cache(maxsize=8192)
def _money_parts(minor: int, currency: str, locale: Locale) -> tuple[str, str, str, str]:
    places = exponent(currency)
    figure = numbers.format_decimal(
        abs(to_decimal(minor, currency)),
        format=f"#,##0.{'0' * places}" if places else "#,##0",
        locale="en",
    )
    whole, point, decimals = figure.partition(".")
    mark = _SYMBOLS.get(currency) or numbers.get_currency_symbol(currency, locale)
    return ("−" if minor < 0 else ""), mark, whole, point + decimals


def money(amount: int | Money, currency: str = "CNY", cents: str = "auto") -> Markup:
    """An amount as drawn: small currency mark, small cents.

    ``cents``: ``"auto"`` leaves out .00 (cards, buttons), ``"always"`` keeps it (sums, bills).
    """
    sign, mark, whole, decimals = _parts(amount, currency)
    html = Markup('{}<span class="cur">{}</span>{}').format(sign, mark, whole)
    if decimals and (cents == "always" or decimals.strip(".0")):
        html += Markup('<span class="cts">{}</span>').format(decimals)
    return html


def money_text(amount: int | Money, currency: str = "CNY", cents: str = "auto") -> str:
    """The same in plain text, for sentences, titles and labels: ``¥468``, ``¥552.62``."""
    sign, mark, whole, decimals = _parts(amount, currency)
    shown = decimals if cents == "always" or decimals.strip(".0") else ""
    return f"{sign}{mark}{whole}{shown}"


def qr_code(text: str, label: str) -> Markup:
    """A text as a QR code to be scanned from screen or paper."""
    return Markup(qr.svg(text, label))  # noqa: S704 - its label is escaped


def filesize(value: int) -> str:
    """Bytes in the unit that fits: ``340 KB``, ``1.2 MB``."""
    for unit, size in (("MB", 1_000_000), ("KB", 1_000)):
        if value >= size:
            digits = 1 if value < 10 * size else 0
            return f"{numbers.format_decimal(round(value / size, digits), locale=present_locale())} {unit}"
    return f"{value} B"


def number(value: int | float | Decimal) -> str:
    """A figure with the language's separators: ``1,240``."""
    return _number(value, present_locale())


@lru_cache(maxsize=4096, typed=True)
def _number(value: int | float | Decimal, locale: Locale) -> str:
    return numbers.format_decimal(value, locale=locale)


def compact_number(value: int | float) -> str:
    """A count for narrow places: ``1.2K``, ``1.2万``."""
    return numbers.format_compact_decimal(value, locale=present_locale(), fraction_digits=1)


def percent(value: float | Decimal, digits: int = 0) -> str:
    """A share of one as a percentage: ``0.125`` → ``13%``."""
    return numbers.format_percent(
        value, format=f"#,##0.{'0' * digits}%" if digits else "#,##0%", locale=present_locale()
    )


def local(moment: datetime) -> datetime:
    """A moment in the zone that the page shows; a time without a zone is UTC."""
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return aware.astimezone(current_zone())


def day(value: datetime | date) -> str:
    """``22 Nov`` / ``11月22日``; with the year when it is not this one."""
    on = _date(value)
    chinese = _is_chinese()
    if on.year == local(clock.now()).year:
        return _date_text(on, "M月d日" if chinese else "d MMM")
    return _date_text(on, "y年M月d日" if chinese else "d MMM y")


def weekday(value: datetime | date) -> str:
    """``Tue 24 Nov`` / ``11月24日周二``."""
    return _date_text(_date(value), "M月d日EEE" if _is_chinese() else "EEE d MMM")


def moment(value: datetime) -> str:
    """Day and time: ``22 Nov, 10:02`` / ``11月22日 10:02``."""
    at = local(value)
    return f"{day(at)} {at:%H:%M}" if _is_chinese() else f"{day(at)}, {at:%H:%M}"


def time_of_day(value: datetime) -> str:
    """``10:02``."""
    return f"{local(value):%H:%M}"


def ago(value: datetime) -> str:
    """How long ago (or in how long): ``3 minutes ago`` / ``3分钟前``; after a week, the day."""
    difference = local(value) - local(clock.now())
    if abs(difference) < timedelta(seconds=45):
        return str(gettext("just now"))
    if abs(difference) > timedelta(days=7):
        return day(value)
    return dates.format_timedelta(
        difference, add_direction=True, threshold=1.2, locale=present_locale()
    )


def day_range(start: datetime | date, end: datetime | date) -> str:
    """``24–26 Nov``, ``30 Nov – 2 Dec`` / ``11月24日至26日``, ``11月30日至12月2日``."""
    first, last = _date(start), _date(end)
    if first == last:
        return day(first)
    same_month = (first.year, first.month) == (last.year, last.month)
    if _is_chinese():
        return f"{day(first)}至{last.day}日" if same_month else f"{day(first)}至{day(last)}"
    return f"{first.day}–{day(last)}" if same_month else f"{day(first)} – {day(last)}"


def iso(value: datetime | date) -> str:
    """What goes into ``<time datetime>``."""
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else value.isoformat()


def when(value: datetime, style: str = "moment") -> Markup:
    """A ``<time>`` element: ``style`` is ``moment``, ``day`` or ``ago``."""
    words = {"moment": moment, "day": day, "ago": ago}[style](value)
    return Markup('<time datetime="{}">{}</time>').format(iso(value), words)


def unbroken(text: str) -> Markup:
    """A sentence whose dates stay on one line."""
    return Markup(_DATED.sub(r'<span class="nowrap">\g<0></span>', str(escape(text))))  # noqa: S704 - escaped


def initial(text: str | None) -> str:
    """The first letter of a name, for a picture that is missing."""
    return next((char.upper() for char in text or "" if char.isalnum()), "")


FILTERS: dict[str, Callable[..., Any]] = {
    "money": money,
    "money_text": money_text,
    "number": number,
    "compact_number": compact_number,
    "percent": percent,
    "day": day,
    "weekday": weekday,
    "moment": moment,
    "time_of_day": time_of_day,
    "ago": ago,
    "when": when,
    "iso": iso,
    "unbroken": unbroken,
    "initial": initial,
    "filesize": filesize,
    "qr": qr_code,
    "qr_runs": qr.runs,
}


def init_format(app: Flask) -> None:
    """Register the filters, and ``day_range(start, end)`` as a global."""
    for name, function in FILTERS.items():
        app.add_template_filter(function, name)
    app.add_template_global(day_range, "day_range")


def _parts(amount: int | Money, currency: str) -> tuple[str, str, str, str]:
    if isinstance(amount, Money):
        return money_parts(amount.minor, amount.currency)
    return money_parts(amount, currency)


def _date(value: datetime | date) -> date:
    return local(value).date() if isinstance(value, datetime) else value


def _date_text(value: date, pattern: str) -> str:
    text: str = dates.format_date(value, pattern, locale=present_locale())
    return text


def _is_chinese() -> bool:
    return present_locale().language == "zh"
