"""Pieces of how an order is said to its buyer: its steps, what was promised, how long it is kept."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import ngettext

from shop.core import clock
from shop.order.delivery_views import DeliveryView
from shop.web.ui.deliveries import dates
from shop.web.ui.format import day, local, moment


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the timeline: ``state`` is done, now, next or failed."""

    title: str
    state: str
    time: str = ""
    note: str = ""


def minutes_left(expires_at: datetime | None) -> int:
    """Whole minutes until an unpaid order gives its goods back, at least one while there is time."""
    if expires_at is None or expires_at <= clock.now():
        return 0
    return max(1, int((expires_at - clock.now()).total_seconds() // 60))


def kept_for(expires_at: datetime | None) -> str:
    """How long the goods are kept, in words."""
    left = minutes_left(expires_at)
    if not left:
        return _("The time to pay is over.")
    if left < 120:
        return ngettext(
            "Kept for you for another %(num)s minute.",
            "Kept for you for another %(num)s minutes.",
            left,
        )
    return _("Kept for you until %(time)s.", time=moment(expires_at or clock.now()))


def promised(delivery: DeliveryView) -> str:
    """The promised days as far as they lie ahead; "" for what is fetched."""
    today = local(clock.now()).date()
    if delivery.fetched or delivery.first is None or delivery.last is None:
        return ""
    return "" if delivery.last < today else dates(max(delivery.first, today), delivery.last)


def ready_step(delivery: DeliveryView) -> Step:
    """Of what is fetched: it lies ready."""
    title = _("Ready for pick-up")
    if delivery.collected_at is not None:
        return Step(title, "done", moment(delivery.ready_at or delivery.collected_at))
    if delivery.ready_at is not None:
        return Step(title, "now", moment(delivery.ready_at))
    return Step(title, "next", _("by %(time)s", time=day(delivery.ship_by)))
