"""Events for what must happen later: recorded with their cause, delivered after it.

A service calls ``record`` inside its transaction. After the commit the waker (set by the application)
is told, which calls a worker to drain what waits; if Redis is away the row stays and the sweeper finds it.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from shop.core import clock
from shop.core.db import db
from shop.core.models import Delivery, Outbox
from shop.core.transaction import after_commit

MAX_ATTEMPTS = 12

_waker: list[Callable[[int], None]] = []
_hushed: list[bool] = []


@contextmanager
def hushed() -> Iterator[None]:
    """Within the block nothing is recorded: for writing down a past of which nobody is to be told."""
    _hushed.append(True)
    try:
        yield
    finally:
        _hushed.pop()


def set_waker(waker: Callable[[int], None]) -> None:
    """What to call with an event's id after its commit. It must swallow its own errors."""
    _waker[:] = [waker]


def record(name: str, **payload: Any) -> None:
    """Record event ``name`` in the present transaction. ``payload``: ids and amounts, JSON values."""
    if _hushed:
        return
    event = Outbox(name=name, payload=payload)
    db.session.add(event)
    db.session.flush()  # the id is what the waker is given
    event_id = event.id

    def wake() -> None:
        for waker in _waker:
            waker(event_id)

    after_commit(wake)


@dataclass(frozen=True, slots=True)
class Drained:
    """How many events were drained, and the (id, handler) of each delivery that this made."""

    events: int
    deliveries: list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery whose next try has come. ``attempts``: the tries before it."""

    id: int
    handler: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Taken:
    """A delivery that is ours for the length of a lease, and its event's payload."""

    id: int
    handler: str
    payload: dict[str, Any]


def drain(handlers: dict[str, list[str]], limit: int = 100) -> Drained:
    """Turn the oldest events into a delivery per handler, once each. Call inside a transaction.

    Workers do not wait for each other: what one has in hand, another passes over.
    """
    events = db.session.execute(
        select(Outbox.id, Outbox.name)
        .where(Outbox.drained_at.is_(None))
        .order_by(Outbox.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    if not events:
        return Drained(0, [])
    moment = clock.now()
    rows = [
        {
            "outbox_id": event.id,
            "handler": handler,
            "state": "pending",
            "attempts": 0,
            "next_try_at": moment,
        }
        for event in events
        for handler in handlers.get(event.name, [])
    ]
    made: Sequence[Row[int, str]] = ()
    if rows:
        insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(Delivery)
        made = db.session.execute(
            insert.values(rows)
            .on_conflict_do_nothing(index_elements=["outbox_id", "handler"])
            .returning(Delivery.id, Delivery.handler)
        ).all()
    db.session.execute(
        update(Outbox)
        .where(Outbox.id.in_([event.id for event in events]))
        .values(drained_at=moment)
        .execution_options(synchronize_session=False)
    )
    return Drained(len(events), sorted((row.id, row.handler) for row in made))


def undrained(older_than: timedelta, limit: int = 500) -> list[int]:
    """Ids of events that no job has turned into deliveries yet, oldest first."""
    return list(
        db.session.scalars(
            select(Outbox.id)
            .where(Outbox.drained_at.is_(None), Outbox.recorded_at <= clock.now() - older_than)
            .order_by(Outbox.id)
            .limit(limit)
        )
    )


def due_deliveries(limit: int = 500) -> list[Due]:
    """Deliveries whose next try has come, oldest first."""
    rows = db.session.execute(
        select(Delivery.id, Delivery.handler, Delivery.attempts)
        .where(Delivery.state == "pending", Delivery.next_try_at <= clock.now())
        .order_by(Delivery.id)
        .limit(limit)
    )
    return [Due(*row) for row in rows]


def claim(delivery_id: int, lease: timedelta) -> Delivery | None:
    """Take a pending delivery for one try, or nothing when it is done or another job has it.

    The lease moves ``next_try_at`` forward, so that a job killed in the middle is tried again after
    it and two jobs never work on it at once.
    """
    moment = clock.now()
    taken = db.session.execute(
        update(Delivery)
        .where(
            Delivery.id == delivery_id, Delivery.state == "pending", Delivery.next_try_at <= moment
        )
        .values(attempts=Delivery.attempts + 1, next_try_at=moment + lease)
        .returning(Delivery.id)
    ).scalar()
    return None if taken is None else db.session.get_one(Delivery, taken, populate_existing=True)


def claim_new(handlers: Collection[str], lease: timedelta, limit: int) -> list[Taken]:
    """Take the oldest deliveries to ``handlers`` that nobody has tried yet, ``limit`` at most.

    What was tried before is for ``claim``, alone: should it kill whoever tries it, nothing else waits.
    """
    moment = clock.now()
    ids = db.session.scalars(
        select(Delivery.id)
        .where(
            Delivery.state == "pending",
            Delivery.next_try_at <= moment,
            Delivery.attempts == 0,
            Delivery.handler.in_(handlers),
        )
        .order_by(Delivery.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    if not ids:
        return []
    db.session.execute(
        update(Delivery)
        .where(Delivery.id.in_(ids))
        .values(attempts=1, next_try_at=moment + lease)
        .execution_options(synchronize_session=False)
    )
    rows = db.session.execute(
        select(Delivery.id, Delivery.handler, Outbox.payload)
        .join(Outbox, Outbox.id == Delivery.outbox_id)
        .where(Delivery.id.in_(ids))
        .order_by(Delivery.id)
    )
    return [Taken(row.id, row.handler, dict(row.payload)) for row in rows]


def release(delivery_ids: Collection[int]) -> None:
    """Give back deliveries of ``claim_new`` that were not tried: they are as they were before."""
    db.session.execute(
        update(Delivery)
        .where(Delivery.id.in_(delivery_ids), Delivery.state == "pending")
        .values(attempts=0, next_try_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def done(*delivery_ids: int) -> None:
    """The handlers of these deliveries have done their work."""
    db.session.execute(
        update(Delivery)
        .where(Delivery.id.in_(delivery_ids))
        .values(state="done", done_at=clock.now(), error=None)
        .execution_options(synchronize_session=False)
    )


def failed(delivery_id: int, error: str) -> datetime | None:
    """The try failed: wait longer each time; after ``MAX_ATTEMPTS`` it becomes a visible failure.

    Returns when it will be tried again, or None when it will not.
    """
    delivery = db.session.get_one(Delivery, delivery_id, populate_existing=True)
    delivery.error = error[:2000]
    if delivery.attempts >= MAX_ATTEMPTS:
        delivery.state = "failed"
        return None
    delivery.next_try_at = clock.now() + timedelta(seconds=min(3600, 5 * 2**delivery.attempts))
    return delivery.next_try_at


def counts() -> dict[str, int]:
    """How many events wait to be drained and how many deliveries are in each state."""
    rows = db.session.execute(select(Delivery.state, func.count()).group_by(Delivery.state))
    waiting = select(func.count()).select_from(Outbox).where(Outbox.drained_at.is_(None))
    return {"undrained": db.session.scalar(waiting) or 0, **dict(rows.all())}
