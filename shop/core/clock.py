"""The one source of time: UTC, and settable in tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

_frozen: list[datetime] = []


def now() -> datetime:
    """The present moment, timezone-aware, in UTC."""
    return _frozen[-1] if _frozen else datetime.now(UTC)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let ``now()`` answer ``moment`` within the block: for tests and for the demo's past orders."""
    if moment.tzinfo is None:
        raise ValueError("the clock knows aware times only")
    _frozen.append(moment.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.pop()


def advance(by: timedelta) -> None:
    """Move a clock that ``at`` holds still forward; refuses to touch the real one."""
    if not _frozen:
        raise RuntimeError("only a held clock can be moved")
    _frozen[-1] += by
