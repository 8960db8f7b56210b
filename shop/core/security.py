"""Security events: what was refused, gathered by the minute. A flood is one row a minute, not one each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, case, delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from shop.core import clock
from shop.core.db import db
from shop.core.security_models import SecurityEvent

KEPT = timedelta(days=90)
"""How long they are kept: addresses are about people."""
FEW = 5
"""Of so many addresses is told where it came from."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What came within ``minute`` (its begin, UTC): ``kind`` of event, about what, and why it was refused."""

    minute: datetime
    kind: str
    subject: str
    reason: str
    times: int
    first_at: datetime
    last_at: datetime
    addresses: tuple[str, ...]
    id: int = 0


def minute_of(moment: datetime) -> datetime:
    """The begin of a moment's minute."""
    return moment.replace(second=0, microsecond=0)


def add(events: Iterable[Gathered]) -> int:
    """Write events down, adding to what is there of their minute; returns how many. Call in a transaction.

    Of a minute that comes in two parts, the addresses of the first one are kept.
    """
    many = 0
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(SecurityEvent)
    for event in events:
        many += 1
        row = insert.values(
            minute=event.minute,
            kind=event.kind,
            subject=event.subject,
            reason=event.reason,
            times=event.times,
            first_at=event.first_at,
            last_at=event.last_at,
            addresses=list(event.addresses[:FEW]),
        )
        new = row.excluded
        db.session.execute(
            row.on_conflict_do_update(
                index_elements=["minute", "kind", "subject", "reason"],
                set_={
                    "times": SecurityEvent.times + new.times,
                    "first_at": case(
                        (new.first_at < SecurityEvent.first_at, new.first_at),
                        else_=SecurityEvent.first_at,
                    ),
                    "last_at": case(
                        (new.last_at > SecurityEvent.last_at, new.last_at),
                        else_=SecurityEvent.last_at,
                    ),
                },
            )
        )
    return many


def latest(*, after: int = 0, limit: int = 50, since: datetime | None = None) -> list[Gathered]:
    """The newest events, or those older than the one with the id ``after``; none before ``since``."""
    asked = select(SecurityEvent)
    if since is not None:
        asked = asked.where(SecurityEvent.minute >= since)
    if after:
        last = db.session.execute(
            select(SecurityEvent.minute, SecurityEvent.id).where(SecurityEvent.id == after)
        ).one_or_none()
        if last is not None:
            same = and_(SecurityEvent.minute == last.minute, SecurityEvent.id < last.id)
            asked = asked.where(or_(SecurityEvent.minute < last.minute, same))
    rows = db.session.scalars(
        asked.order_by(SecurityEvent.minute.desc(), SecurityEvent.id.desc()).limit(limit)
    )
    return [
        Gathered(
            row.minute,
            row.kind,
            row.subject,
            row.reason,
            row.times,
            row.first_at,
            row.last_at,
            tuple(row.addresses),
            row.id,
        )
        for row in rows
    ]


def forget_old() -> None:
    """Delete what is older than ``KEPT``. Call in a transaction."""
    db.session.execute(delete(SecurityEvent).where(SecurityEvent.minute < clock.now() - KEPT))
