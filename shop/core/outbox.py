"""Events for what must happen later: recorded with their cause, delivered after it.

A service calls ``record`` inside its transaction. After the commit the waker (set by the application)
is told the event's id, which enqueues a job; if Redis is away the row stays and the sweeper finds it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
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


def drain(event_id: int, handlers: dict[str, list[str]]) -> list[int]:
    """Turn one event into a delivery per handler; returns the ids of deliveries still to be made.

    Harmless when repeated: the unique rows stay as they are. Call inside a transaction.
    """
    event = db.session.get(Outbox, event_id)
    if event is None:
        return []
    for handler in handlers.get(event.name, []):
        insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(Delivery)
        db.session.execute(
            insert.values(
                outbox_id=event_id,
                handler=handler,
                state="pending",
                attempts=0,
                next_try_at=clock.now(),
            ).on_conflict_do_nothing(index_elements=["outbox_id", "handler"])
        )
    if event.drained_at is None:
        event.drained_at = clock.now()
    pending = select(Delivery.id).where(Delivery.outbox_id == event_id, Delivery.state == "pending")
    return list(db.session.scalars(pending.order_by(Delivery.id)))


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


def due_deliveries(limit: int = 500) -> list[int]:
    """Ids of deliveries whose next try has come."""
    return list(
        db.session.scalars(
            select(Delivery.id)
            .where(Delivery.state == "pending", Delivery.next_try_at <= clock.now())
            .order_by(Delivery.id)
            .limit(limit)
        )
    )


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


def done(delivery_id: int) -> None:
    """The handler has done its work."""
    db.session.execute(
        update(Delivery)
        .where(Delivery.id == delivery_id)
        .values(state="done", done_at=clock.now(), error=None)
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
