"""Refused messages: counted in Redis by the requests, which write nothing, and written down once a minute.

Without Redis each process counts for itself, and says so in its log: a line when a minute's first one
comes, and one with the sum when the next minute's comes.
"""

import json
import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from redis.exceptions import RedisError

from shop.core import clock, security
from shop.core.security import FEW, Gathered
from shop.core.transaction import transaction
from shop.jobs import noted, queue
from shop.jobs.context import job

NOTIFY = "notify"
_NOTED = "xiaopu:security"
_TIMES, _FIRST, _LAST, _FROM = "times ", "first ", "last ", "from "
_MOST = 20_000  # fields; two days without a scheduler, under a flood of every kind

log = structlog.get_logger(__name__)


class _Here:
    """What this process counts while Redis is away."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counted: dict[tuple[str, ...], int] = {}

    def add(self, minute: str, subject: str, reason: str) -> None:
        with self._lock:
            for past in [key for key in self._counted if key[0] != minute]:
                log.warning(
                    "notify refused", gateway=past[1], reason=past[2], times=self._counted.pop(past)
                )
            key = (minute, subject, reason)
            self._counted[key] = self._counted.get(key, 0) + 1
            if self._counted[key] == 1:
                log.warning("notify refused", gateway=subject, reason=reason, counted="here alone")

    def forget(self) -> None:
        with self._lock:
            self._counted.clear()


_here = _Here()
forget = _here.forget
"""Begin to count anew in this process."""


def note(subject: str, reason: str, address: str) -> None:
    """Count one refused notify of a gateway. ``reason`` is one of a few words of ours, never the sender's."""
    now = clock.now()
    minute = security.minute_of(now).isoformat()
    waiting = queue.present()
    if waiting is None:
        _here.add(minute, subject, reason)
        return
    name = json.dumps([minute, NOTIFY, subject, reason])
    try:
        pipe = waiting.redis.pipeline()
        pipe.hlen(_NOTED)
        pipe.hincrby(_NOTED, _TIMES + name, 1)
        pipe.hsetnx(_NOTED, _FIRST + name, now.isoformat())
        pipe.hset(_NOTED, _LAST + name, now.isoformat())
        fields, times, *_ = pipe.execute()
        if int(times) <= FEW and int(fields) < _MOST:
            waiting.redis.hset(_NOTED, _FROM + json.dumps([name, address[:45]]), 1)
    except RedisError:
        _here.add(minute, subject, reason)


@job
def write_security() -> int:
    """Write down and log what was gathered, forget what is old; returns how many events there were.

    Killed between writing and clearing, it adds the same again: the figures may be too high, never lost.
    """
    return noted.write_down(_NOTED, _write)


def _write(fields: Mapping[str, str]) -> int:
    sources: dict[str, list[str]] = {}
    for field in fields:
        if field.startswith(_FROM):
            name, address = json.loads(field.removeprefix(_FROM))
            sources.setdefault(name, []).append(address)
    events = [
        _event(field.removeprefix(_TIMES), fields, sources)
        for field in fields
        if field.startswith(_TIMES)
    ]
    with transaction():
        security.add(events)
        security.forget_old()
    for event in events:
        log.warning(
            "notify refused",
            gateway=event.subject,
            reason=event.reason,
            times=event.times,
            minute=event.minute.isoformat(),
            addresses=list(event.addresses),
        )
    return len(events)


def _event(name: str, fields: Mapping[str, str], sources: Mapping[str, list[str]]) -> Gathered:
    minute, kind, subject, reason = json.loads(name)
    last = _moment(fields.get(_LAST + name, minute))
    return Gathered(
        minute=_moment(minute),
        kind=kind,
        subject=subject,
        reason=reason,
        times=int(fields[_TIMES + name]),
        first_at=min(last, _moment(fields.get(_FIRST + name, minute))),
        last_at=last,
        addresses=tuple(sorted(sources.get(name, []))[:FEW]),
    )


def _moment(text: Any) -> datetime:
    return datetime.fromisoformat(text)
