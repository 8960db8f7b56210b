"""What pages of the shop say of returns before anything is bought: the stores' windows, and how much of
a product comes back. No statement: the stores are kept, the figure comes with its product."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext

from shop.catalog.views import Figure
from shop.order import return_terms
from shop.store.data import StoreView
from shop.web.ui.format import percent
from shop.web.ui.visitor import houses

_RATE = lazy_gettext("Return rate %(rate)s.")
_MOSTLY = {
    "damaged": lazy_gettext("Return rate %(rate)s, mostly damaged on the way."),
    "wrong-item": lazy_gettext("Return rate %(rate)s, mostly the wrong item."),
    "not-as-described": lazy_gettext("Return rate %(rate)s, mostly not as described."),
    "size": lazy_gettext("Return rate %(rate)s, mostly size."),
    "changed-mind": lazy_gettext("Return rate %(rate)s, mostly a change of mind."),
    "quality": lazy_gettext("Return rate %(rate)s, mostly quality."),
}


@dataclass(frozen=True, slots=True)
class Windows:
    """For how many days goods can be given back. ``least``: at every store; ``alike``: it is the same at
    all of them."""

    least: int
    alike: bool


def windows(stores: Sequence[StoreView]) -> Windows:
    """The windows of these stores; of none, what a new one would have."""
    days = [days_of(store) for store in stores] or [return_terms.Terms().window_days]
    return Windows(min(days), len(set(days)) == 1)


def days_of(store: StoreView) -> int:
    """A store's window."""
    return return_terms.read(store.settings).window_days


def return_window(store_id: int) -> str:
    """``30 days to return``, as the store has it."""
    store = next(house for house in houses() if house.id == store_id)
    return days_to_return(days_of(store))


def days_to_return(days: int) -> str:
    """The same of a number."""
    return ngettext("%(num)s day to return", "%(num)s days to return", days)


def return_rate(figure: Figure) -> str:
    """``Return rate 2%, mostly size.``"""
    rate = (
        percent(figure.percent / 100) if figure.percent else _("below %(rate)s", rate=percent(0.01))
    )
    return str(_MOSTLY.get(figure.reason, _RATE)) % {"rate": rate}


def init_return_facts(app: Flask) -> None:
    """Give templates the sentences."""
    app.add_template_filter(days_of, "window_days")
    app.add_template_global(return_window, "say_return_window")
    app.add_template_global(days_to_return, "say_days_to_return")
    app.add_template_global(return_rate, "say_return_rate")
