"""When an order placed now leaves and arrives. Pure: no clock, no database.

Days are the store's own: everything is counted in its time zone and in its open days, which are the working
days of its week without its holidays.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

DAY_MINUTES = 24 * 60
EVERY_DAY = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class Calendar:
    """How a store works. ``cutoff_minute``: minutes after midnight from which an order counts for the next
    open day (1440: never); ``handling_days``: open days until the parcel leaves (0: the same day);
    ``working_days``: 0 is Monday. ``country`` (ISO 3166): where it stands."""

    country: str = "CN"
    handling_days: int = 0
    cutoff_minute: int = DAY_MINUTES
    working_days: frozenset[int] = EVERY_DAY
    holidays: frozenset[date] = field(default_factory=frozenset)

    def open_on(self, day: date) -> bool:
        """Whether the store works on ``day``."""
        return day.weekday() in self.working_days and day not in self.holidays

    def open_from(self, day: date) -> date:
        """The first open day that is ``day`` or later."""
        while not self.open_on(day):
            day += timedelta(days=1)
        return day

    def after(self, day: date, days: int) -> date:
        """The ``days``-th open day after an open ``day``; the day itself for 0."""
        for _ in range(days):
            day = self.open_from(day + timedelta(days=1))
        return day


@dataclass(frozen=True, slots=True)
class Promise:
    """The last day on which the parcel leaves, and the first and last on which it arrives: all open days,
    none before today. ``first`` and ``last`` are None where nobody can say."""

    ship_by: date
    first: date | None = None
    last: date | None = None


def begin(now: datetime, zone: tzinfo, calendar: Calendar) -> date:
    """The open day that an order placed at ``now`` counts for."""
    local = now.astimezone(zone)
    day = local.date()
    if local.hour * 60 + local.minute >= calendar.cutoff_minute:
        day += timedelta(days=1)
    return calendar.open_from(day)


def promise(
    now: datetime, zone: tzinfo, calendar: Calendar, min_days: int | None, max_days: int | None
) -> Promise:
    """The dates of an order placed at ``now`` that travels from ``min_days`` to ``max_days`` open days.

    A later ``now`` or longer ways never give earlier dates.
    """
    if not calendar.working_days:
        raise ValueError("a store works on one day of the week at least")
    ship_by = calendar.after(begin(now, zone, calendar), calendar.handling_days)
    if min_days is None or max_days is None:
        return Promise(ship_by)
    first = calendar.after(ship_by, min_days)
    return Promise(ship_by, first, calendar.after(first, max(0, max_days - min_days)))
