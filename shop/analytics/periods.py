"""Stretches of days in a store's zone, and the same stretch just before."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shop.core import clock


@dataclass(frozen=True, slots=True)
class Period:
    """``days`` local days, today the last of them."""

    zone: ZoneInfo
    first: date
    days: int

    def start_of(self, index: int) -> datetime:
        """The moment (UTC) at which day ``index`` begins; negative ones lie before the period."""
        day = self.first + timedelta(days=index)
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    def day(self, index: int) -> date:
        """Day ``index`` by the calendar."""
        return self.first + timedelta(days=index)

    @property
    def last(self) -> date:
        """Today."""
        return self.day(self.days - 1)


def last_days(days: int, zone: ZoneInfo, now: datetime | None = None) -> Period:
    """The last ``days`` days with today, as the store's clock counts them."""
    today = (now or clock.now()).astimezone(zone).date()
    return Period(zone, today - timedelta(days=days - 1), days)
