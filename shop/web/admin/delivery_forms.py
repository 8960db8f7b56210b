"""Forms of delivery: how the store works, a zone, a method. Rows are read from the request as they came."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import request
from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from shop.core.errors import Invalid
from shop.core.money import parse, to_decimal
from shop.store.delivery import TIERED, Method, MethodData, Zone
from shop.store.places import Region
from shop.web.ui.deliveries import clock_time
from shop.web.ui.forms import Form, MoneyField, Required, choices
from shop.web.ui.locale import current_lang
from shop.web.ui.regions import HOME, countries, country_name, divisions

_LONG = lazy_gettext("This text is too long.")
_DAYS = NumberRange(0, 365, lazy_gettext("Write a number of days from 0 to 365."))


class CalendarForm(Form):
    """The week of a store, until when an order counts for today, and the days it is closed."""

    country = SelectField(lazy_gettext("Stands in"), validate_choice=True)
    handling_days = IntegerField(
        lazy_gettext("Working days to pack"),
        [InputRequired(), NumberRange(0, 60, lazy_gettext("Write a number of days from 0 to 60."))],
    )
    cutoff = StringField(lazy_gettext("Orders count for today until"), [Optional(), Length(max=5)])
    holidays = TextAreaField(
        lazy_gettext("Closed on"), [Optional(), Length(max=4000, message=_LONG)]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country.choices = choices(countries(current_lang()))

    def days(self) -> frozenset[date]:
        """The holidays, one a line. Raises ``Invalid("day-form")``."""
        found = set()
        for line in re.split(r"[\s,，、]+", self.holidays.data or ""):
            if line:
                try:
                    found.add(date.fromisoformat(line))
                except ValueError:
                    raise Invalid("day-form", field="holidays", text=line[:20]) from None
        return frozenset(found)

    def cutoff_minute(self) -> int:
        """Minutes after midnight; 1440 for none. Raises ``Invalid("cutoff-time")``."""
        return minutes(self.cutoff.data or "", "cutoff") if self.cutoff.data else 1440


class ZoneForm(Form):
    """The name of a zone and the places in it."""

    name = StringField(
        lazy_gettext("Name of the zone"),
        [Required(), Length(max=80, message=_LONG)],
        id="zone-name",
    )
    rest = BooleanField(lazy_gettext("Everywhere that no other zone covers"))
    others = TextAreaField(
        lazy_gettext("Other places"), [Optional(), Length(max=8000, message=_LONG)]
    )

    def places(self, home: list[str]) -> list[Region]:
        """The ticked provinces of the home country ("*": all of it) and the lines of other places.

        Raises ``Invalid("place-unknown")``.
        """
        known = set(divisions(HOME))
        ticked = [Region(HOME)] if "*" in home else [Region(HOME, p) for p in home if p in known]
        lines = (line for line in (self.others.data or "").splitlines() if line.strip())
        return [*ticked, *(read_place(line) for line in lines)]

    def fill(self, zone: Zone) -> list[str]:
        """Show a zone; returns what is to be ticked."""
        self.name.data, self.rest.data = zone.name, zone.rest
        ticked = ["*" if not one.province else one.province for one in zone.regions if _ticked(one)]
        self.others.data = "\n".join(write_place(one) for one in zone.regions if not _ticked(one))
        return ticked


def _ticked(region: Region) -> bool:
    return region.country == HOME and not region.postcode


def write_place(region: Region) -> str:
    """A place as a line: ``Germany``, ``United States, CA``, ``China, 上海市, 2000``."""
    parts = [country_name(region.country, current_lang()), region.province, region.postcode]
    if region.postcode and not region.province:
        parts[1] = "*"
    return ", ".join(part for part in parts if part)


def read_place(line: str) -> Region:
    """A line as ``write_place`` makes it; the country by its code or its name in any language."""
    parts = [part.strip() for part in re.split(r"[,，]", line)]
    code = _country(parts[0])
    province = parts[1] if len(parts) > 1 and parts[1] != "*" else ""
    postcode = parts[2] if len(parts) > 2 else ""
    if code is None or len(parts) > 3 or len(province) > 80 or len(postcode) > 16:
        raise Invalid("place-unknown", field="others", text=line.strip()[:40])
    return Region(code, province, postcode)


def _country(text: str) -> str | None:
    for lang in ("en", "zh"):
        for code, name in countries(lang):
            if text.casefold() in {code.casefold(), name.casefold()}:
                return code
    return None


class MethodForm(Form):
    """A method. Which fields are shown follows its kind."""

    name_en = StringField(lazy_gettext("Name"), [Length(max=80, message=_LONG)])
    name_zh = StringField(lazy_gettext("Name"), [Length(max=80, message=_LONG)])
    note_en = TextAreaField(lazy_gettext("Note"), [Length(max=400, message=_LONG)])
    note_zh = TextAreaField(lazy_gettext("Note"), [Length(max=400, message=_LONG)])
    price = MoneyField(lazy_gettext("Costs"), [Required()], id="method-price")
    free_from = MoneyField(lazy_gettext("Free from"))
    min_days = IntegerField(lazy_gettext("Days on the way, at least"), [Optional(), _DAYS])
    max_days = IntegerField(lazy_gettext("Days on the way, at most"), [Optional(), _DAYS])
    location = SelectField(lazy_gettext("Place"), validate_choice=True)
    active = BooleanField(lazy_gettext("Offered to customers"), default=True)

    def fill(self, method: Method, location: str) -> None:
        """Show a method."""
        for lang in ("en", "zh"):
            self[f"name_{lang}"].data = method.names.get(lang, "")
            self[f"note_{lang}"].data = method.notes.get(lang, "")
        self.price.data, self.free_from.data = method.price_minor, method.free_from_minor
        self.min_days.data, self.max_days.data = method.min_days, method.max_days
        self.active.data, self.location.data = method.active, location

    def read(self, kind: str, location_id: int | None, currency: str) -> MethodData:
        """What was sent. Raises ``Invalid`` for rows that cannot be read."""
        return MethodData(
            kind,
            {lang: self[f"name_{lang}"].data or "" for lang in ("en", "zh")},
            int(self.price.data or 0),
            self.free_from.data,
            read_tiers(kind, currency) if kind in TIERED else (),
            self.min_days.data,
            self.max_days.data,
            {lang: self[f"note_{lang}"].data or "" for lang in ("en", "zh")},
            location_id,
            read_slots() if kind == "local" else (),
            bool(self.active.data),
        )


def minutes(text: str, field: str) -> int:
    """``09:30`` → 570; ``24:00`` is the end of a day. Raises ``Invalid("cutoff-time")``."""
    found = re.fullmatch(r"(\d{1,2}):(\d{2})", text.strip(), re.ASCII)
    value = int(found[1]) * 60 + int(found[2]) if found and int(found[2]) < 60 else 9999
    if value > 1440:
        raise Invalid("cutoff-time", field=field)
    return value


def _rows(*names: str) -> Iterator[tuple[str, ...]]:
    """Rows of the sent form in which anything but the first field is filled in."""
    for row in zip(*(request.form.getlist(name) for name in names), strict=False):
        stripped = tuple(part.strip() for part in row)
        if any(stripped):
            yield stripped


def read_tiers(kind: str, currency: str) -> list[tuple[int, int]]:
    """Rows of "from" and "costs": kilograms, amounts or pieces. Raises ``Invalid("tier-values")``."""
    found = []
    for value, price in _rows("tier_from", "tier_price"):
        try:
            if kind == "weight":
                grams = Decimal(value) * 1000
                start = int(grams) if grams.is_finite() and abs(grams) < 10**12 else 0
            else:
                start = parse(value, currency) if kind == "price" else int(value)
            found.append((start, parse(price, currency)))
        except (ValueError, InvalidOperation, Invalid):
            raise Invalid("tier-values", field="tiers") from None
    return found


def read_slots() -> list[tuple[int, int, int, int]]:
    """Rows of weekday, times and room. Raises ``Invalid("slot-values")``."""
    found = []
    names = ("slot_from", "slot_until", "slot_room", "slot_day")
    for start, end, room, weekday in _rows(*names):
        if not (start or end or room):
            continue
        if not (weekday.isdecimal() and room.isascii() and room.isdecimal() and len(room) < 6):
            raise Invalid("slot-values", field="slots")
        try:
            times = minutes(start, "slots"), minutes(end, "slots")
        except Invalid:
            raise Invalid("slot-values", field="slots") from None
        found.append((int(weekday[:2]), *times, int(room)))
    return found


def tier_rows(method: Method | None, kind: str, currency: str) -> list[tuple[str, str]]:
    """The rows of tiers that the form shows: as sent, else as kept, and some empty ones."""
    if request.method == "POST":
        return [*((row[0], row[1]) for row in _rows("tier_from", "tier_price")), ("", "")]
    found = []
    for value, price in method.tiers if method else ():
        start = (
            _short(Decimal(value) / 1000)
            if kind == "weight"
            else _short(to_decimal(value, currency))
            if kind == "price"
            else str(value)
        )
        found.append((start, _short(to_decimal(price, currency))))
    return [*found, *[("", "")] * (3 if not found else 1)]


def slot_rows(method: Method | None) -> list[tuple[str, str, str, str]]:
    """The rows of slots that the form shows: from, until, room, weekday."""
    if request.method == "POST":
        names = ("slot_from", "slot_until", "slot_room", "slot_day")
        sent = [row for row in _rows(*names) if any(row[:3])]
        return [*((r[0], r[1], r[2], r[3]) for r in sent), ("", "", "", "0")]
    kept = [
        (clock_time(s.from_minute), clock_time(s.until_minute), str(s.capacity), str(s.weekday))
        for s in (method.slots if method else ())
    ]
    return [*kept, *[("", "", "", str(day)) for day in (range(5) if not kept else (0, 0))]]


def _short(value: Decimal) -> str:
    text = format(value.normalize(), "f")
    return text if "." in text else str(int(value))


def week() -> list[str]:
    """The days of a week by their names, Monday first."""
    return [
        gettext("Monday"),
        gettext("Tuesday"),
        gettext("Wednesday"),
        gettext("Thursday"),
        gettext("Friday"),
        gettext("Saturday"),
        gettext("Sunday"),
    ]
