"""When a parcel that is ordered now arrives: dates, not speeds."""

from datetime import date, timedelta

from shop.core import clock
from shop.web.ui.format import day_range, local

SOONEST = timedelta(days=2)
LATEST = timedelta(days=4)


def arrival() -> tuple[date, date]:
    """First and last day on which a parcel ordered now arrives, in the zone that the page shows."""
    today = local(clock.now()).date()
    return today + SOONEST, today + LATEST


def arrival_text() -> str:
    """The same in words: ``24–26 Nov`` / ``11月24日至26日``."""
    return day_range(*arrival())
