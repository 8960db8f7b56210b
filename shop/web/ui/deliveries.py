"""How goods come, in words: methods, dates, times; and the region that a visitor said they go to."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from babel.dates import format_time
from flask import g, has_request_context, session
from flask_babel import gettext as _
from flask_babel import ngettext

from shop.account import queries as accounts
from shop.campaigns.engine.delivery import rate
from shop.campaigns.engine.values import Line
from shop.cart.delivery import Option, rule_of
from shop.core import clock
from shop.core.i18n import pick
from shop.store import delivery_queries
from shop.store.delivery import Method, Plan, Window
from shop.store.places import Destination, same_province
from shop.store.promise import Promise
from shop.web.ui import kept
from shop.web.ui.format import day, day_range, weekday
from shop.web.ui.locale import current_lang, present_locale
from shop.web.ui.regions import HOME, country_name, provinces
from shop.web.ui.visitor import houses

_SMALL = [Line(0, 0, 0, None, "physical", 0, 1)]

REGION = "region"
"""Session key: country, province and postcode that the visitor named."""


def plans() -> Mapping[int, Plan]:
    """How every store delivers; kept. No statement where all have but their flat rate."""
    return kept.value("delivery", _read_plans)


def _read_plans() -> dict[int, Plan]:
    known = houses()
    if not all(house.plain_delivery for house in known):
        return delivery_queries.plans()
    return {
        house.id: Plan(
            house.id,
            house.timezone,
            flat_minor=house.flat_delivery_minor,
            free_from_minor=house.free_delivery_from_minor,
        )
        for house in known
    }


def taken(slot_ids: Collection[int], first: date) -> Mapping[tuple[int, date], int]:
    """How full slots are, asked once in a request."""
    found: dict[Any, Mapping[tuple[int, date], int]] = g.setdefault("slots_taken", {})
    asked = (tuple(slot_ids), first)
    if asked not in found:
        found[asked] = delivery_queries.taken(slot_ids, first)
    return found[asked]


def forget_taken() -> None:
    """Ask again how full slots are."""
    g.pop("slots_taken", None)


def region() -> Destination | None:
    """Where the visitor's goods go, as far as they said so; it stands in the session. No statement."""
    said = session.get(REGION) if has_request_context() else None
    if isinstance(said, list) and len(said) == 3 and all(isinstance(part, str) for part in said):
        return Destination(*said)
    return None


def remember_region(place: Destination) -> None:
    """Show dates and costs for this region from now on."""
    session[REGION] = [place.country[:2], place.province[:80], place.postcode[:16]]


def remember_home(user_id: int) -> None:
    """At sign-in: the region of the default entry of the address book."""
    book = accounts.addresses(user_id)
    if book:
        remember_region(Destination(book[0].country, book[0].province, book[0].postcode))


def place_name(place: Destination) -> str:
    """A region as a sentence names it: the province, else the country."""
    lang = current_lang()
    names = dict(provinces(place.country, lang))
    if place.country == HOME:
        # A Latin address names no province, but its postcode does.
        names = {same_province(HOME, code): name for code, name in names.items()}
        return names.get(place.region) or country_name(HOME, lang)
    return names.get(place.province, place.province) or country_name(place.country, lang)


def method_name(kind: str, names: Mapping[str, Any]) -> str:
    """What a method is called; that of a store which set up none is plain delivery."""
    return pick(names, current_lang()) or (
        _("Pick-up") if kind == "pickup" else _("Standard delivery")
    )


def dates(first: date | None, last: date | None) -> str:
    """``24–26 Nov``; "" where nobody can say."""
    if first is None or last is None:
        return ""
    return day(first) if first == last else day_range(first, last)


def arrives(promise: Promise) -> str:
    """When something that is brought arrives."""
    text = dates(promise.first, promise.last)
    if text:
        return _("Arrives %(dates)s", dates=text)
    return _("Leaves by %(day)s", day=day(promise.ship_by))


def clock_time(minute: int) -> str:
    """A time of day from minutes after midnight, as the reader's language writes it."""
    moment = time(minute // 60 % 24, minute % 60)
    return str(format_time(moment, "HH:mm", locale=present_locale()))


def span(start: int, end: int) -> str:
    """``10:00–12:00``."""
    return f"{clock_time(start)}–{clock_time(end)}"


def window_text(window: Window) -> str:
    """A slot of local delivery with what is left of it."""
    return ngettext(
        "%(day)s, %(time)s (%(num)s place left)",
        "%(day)s, %(time)s (%(num)s places left)",
        window.left,
        day=weekday(window.day),
        time=span(window.slot.from_minute, window.slot.until_minute),
    )


def option_note(option: Option) -> str:
    """What stands below the name of a method in the checkout."""
    method = option.method
    note = pick(method.notes, current_lang())
    if method.kind == "pickup":
        ready = _("Ready by %(day)s", day=day(option.promise.ship_by))
        return f"{ready} · {note}" if note else ready
    if method.kind == "local":
        return note or _("At a time you choose")
    if method.id is None:
        if option.promise.first is None:
            return _("How long it travels depends on the post of your country.")
        return _("Standard, to your door.")
    when = arrives(option.promise)
    return f"{when} · {note}" if note else when


def option_title(option: Option) -> str:
    """The name of a method, or its dates where a store has only one kind of delivery."""
    if option.method.id is None:
        if option.promise.first is None:
            return _("Leaves by %(day)s", day=day(option.promise.ship_by))
        return arrives(option.promise)
    return method_name(option.method.kind, option.method.names)


@dataclass(frozen=True, slots=True)
class HomeRate:
    """What one parcel to a region costs at least, from which worth it is free, and when it arrives."""

    place: Destination
    flat_minor: int
    free_from_minor: int | None
    promise: Promise

    @property
    def first(self) -> date | None:
        """The first day on which it may arrive."""
        return self.promise.first

    @property
    def last(self) -> date | None:
        """The last one."""
        return self.promise.last


def home_rate(
    store_id: int, place: Destination | None = None, line: Line | None = None
) -> HomeRate | None:
    """``rate_of`` a store by its kept plan, by default to its own country. No statement."""
    plan = plans().get(store_id)
    return None if plan is None else rate_of(plan, place or plan.home, clock.now(), line)


def rate_of(
    plan: Plan, place: Destination, now: datetime, line: Line | None = None
) -> HomeRate | None:
    """The cheapest parcel to a place with ``line`` in it, or with one small thing. None where nothing is
    brought."""
    lines = [line] if line else []
    worth = line.items_minor if line else 0
    found: list[tuple[int, int, Method]] = [
        (rate(rule_of(method), worth, lines or _SMALL), at, method)
        for at, method in enumerate(plan.methods(place))
        if method.parcel
    ]
    if not found:
        return None
    fee, _at, method = min(found, key=lambda one: one[:2])
    return HomeRate(place, fee, method.free_from_minor, plan.promise(method, now))


def context() -> dict[str, Any]:
    """The words that templates use."""
    return {
        "say_way": option_title,
        "say_way_note": option_note,
        "say_window": window_text,
        "say_arrives": arrives,
        "say_place": place_name,
        "say_dates": dates,
        "say_span": span,
        "say_method_name": method_name,
    }
