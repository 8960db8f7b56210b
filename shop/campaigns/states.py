"""Where an offer stands in its life: derived from its window and its counter, never stored."""

from datetime import datetime
from enum import StrEnum


class OfferState(StrEnum):
    """What can be said of a coupon or a promotion at a moment; a promotion is never used up."""

    SCHEDULED = "scheduled"
    ACTIVE = "active"
    USED_UP = "used-up"
    ENDED = "ended"


def state_of(
    now: datetime,
    starts_at: datetime,
    ends_at: datetime | None,
    *,
    used: int = 0,
    total_limit: int | None = None,
) -> OfferState:
    """The state at ``now``; ``ends_at`` is the earlier of the planned and the early end."""
    if ends_at is not None and now >= ends_at:
        return OfferState.ENDED
    if now < starts_at:
        return OfferState.SCHEDULED
    if total_limit is not None and used >= total_limit:
        return OfferState.USED_UP
    return OfferState.ACTIVE


def end_of(ends_at: datetime | None, ended_at: datetime | None) -> datetime | None:
    """When an offer really ends: as planned, or when somebody ended it early."""
    if ends_at is None or ended_at is None:
        return ends_at or ended_at
    return min(ends_at, ended_at)
