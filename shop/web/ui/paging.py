"""Lists that go on: ``?after=<cursor>`` names the last row that was shown.

A cursor is no secret and carries no signature: whoever alters it pages from another row. What is not a
cursor means the beginning, never an error.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

T = TypeVar("T")
_LONGEST = 600
_BIGGEST = 2**63 - 1
_KINDS: tuple[type, ...] = (bool, int, str, datetime)


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some rows of a list; ``after`` is the cursor of the next ones, or ``None`` at the end."""

    items: Sequence[T]
    after: str | None


def cursor_id(text: str | None) -> int | None:
    """The id that a list goes on after, where ids alone are its order; None for the beginning."""
    if not text or len(text) > 18 or not (text.isascii() and text.isdigit()):
        return None
    return int(text)


def encode_cursor(*values: Any) -> str:
    """The sort values of the last row shown (whole numbers, text, times, truth values), for a URL."""
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    packed = json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def decode_cursor(text: str | None, *kinds: type) -> tuple[Any, ...] | None:
    """The values of a cursor if they are of these ``kinds`` (``int, str, datetime, bool``), else ``None``.

    Numbers beyond 64 bits, text with NUL and times without a zone are refused: databases do.
    """
    if not text or len(text) > _LONGEST or not text.isascii():
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
    if not isinstance(values, list) or len(values) != len(kinds):
        return None
    read = [_read(value, kind) for value, kind in zip(values, kinds, strict=True)]
    return None if None in read else tuple(read)


def page_of(rows: Sequence[T], limit: int, key: Callable[[T], tuple[Any, ...]]) -> Page[T]:
    """Cut ``limit + 1`` fetched rows to a page; ``key`` gives the sort values of a row."""
    if len(rows) <= limit:
        return Page(rows, None)
    shown = rows[:limit]
    return Page(shown, encode_cursor(*key(shown[-1])))


def _read(value: Any, kind: type) -> Any:
    if kind not in _KINDS:
        raise TypeError(f"a cursor does not hold {kind.__name__}")
    if kind is datetime:
        return _moment(value)
    if type(value) is not kind:
        return None
    if isinstance(value, int) and abs(value) > _BIGGEST:
        return None
    if isinstance(value, str) and not value.isprintable():
        return None
    return value


def _moment(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo is not None else None
