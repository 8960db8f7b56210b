"""From the outbox to the handlers: drained, delivered, swept.

What makes it safe to kill a worker anywhere: the event is a committed row; its deliveries are unique
rows; a try takes a lease, and only the end of the work marks the delivery done. The queue is nothing but
a hurry. A handler may therefore be called twice and must bear it.

Mails are made in batches by whichever job looks first. Everything else, and every mail that was tried in
vain, is made in a job of its own, in the lane that it belongs to: what hangs there or ends its process takes
nothing along.
"""

import time
from collections.abc import Sequence
from datetime import timedelta

import structlog
from rq.timeouts import BaseTimeoutException
from sqlalchemy import delete, exists, select, update

from shop import subscriptions
from shop.core import clock, outbox
from shop.core.db import db
from shop.core.models import Delivery, Outbox
from shop.core.transaction import transaction
from shop.jobs import actions, lanes, mails, queue
from shop.jobs.context import ending, job
from shop.jobs.lanes import Lane
from shop.jobs.trying import LEASE, failed

SWEEP_AFTER = timedelta(seconds=10)
_SECONDS = 10.0
"""Of one job: then it calls the next one, behind what waits in the queue already."""

log = structlog.get_logger(__name__)


@job
def work() -> None:
    """Drain events and make their mails until nothing waits, or the time of a job is over."""
    waiting = queue.present()
    if waiting is not None:
        waiting.looking()
    ends = time.monotonic() + _SECONDS
    while True:
        events, apart = drain()
        for delivery_id, lane in apart:
            if waiting is not None:
                waiting.deliver(delivery_id, lane)
        made = mails.deliver_new()
        if not events and not made.taken:
            return
        if time.monotonic() > ends or ending():
            break
    if waiting is not None:
        waiting.wake()


@job
def deliver(delivery_id: int) -> None:
    """Make one delivery."""
    deliver_now(delivery_id)


@job
def sweep() -> int:
    """Enqueue what lies there: events that nobody has drained, deliveries whose time has come.

    Returns for how many of them a worker was called.
    """
    waiting = queue.present()
    if waiting is None:
        return 0
    events, due = outbox.undrained(SWEEP_AFTER), outbox.due_deliveries()
    db.session.rollback()  # no read transaction stays open while Redis is talked to
    apart = [
        (one.id, lanes.of(one.handler))
        for one in due
        if one.attempts or not mails.is_mail(one.handler)
    ]
    together = len(events) + len(due) - len(apart)
    called = waiting.sweep(apart)
    return called + (together if together and waiting.wake() else 0)


@job
def forget_delivered(older_than: timedelta = timedelta(days=30), limit: int = 500) -> int:
    """Delete events that were delivered to everybody long ago; returns how many."""
    with transaction():
        open_one = exists().where(Delivery.outbox_id == Outbox.id, Delivery.state != "done")
        old = (
            select(Outbox.id)
            .where(Outbox.drained_at < clock.now() - older_than, ~open_one)
            .order_by(Outbox.id)
            .limit(limit)
        )
        gone = delete(Outbox).where(Outbox.id.in_(old)).returning(Outbox.id)
        return len(db.session.scalars(gone).all())


def drain() -> tuple[int, list[tuple[int, Lane]]]:
    """Turn waiting events into deliveries; how many events, and which deliveries want a job of their own in
    which lane.
    """
    with transaction():
        drained = outbox.drain(subscriptions.HANDLERS)
    return drained.events, [
        (number, lanes.of(handler))
        for number, handler in drained.deliveries
        if not mails.is_mail(handler)
    ]


def deliver_now(delivery_id: int) -> bool | None:
    """Make one delivery in this process: True done, False failed, None not ours to make now."""
    with transaction():
        delivery = outbox.claim(delivery_id, LEASE)
        if delivery is None:
            return None
        row = db.session.get_one(Outbox, delivery.outbox_id)
        name, payload = delivery.handler, dict(row.payload)
    try:
        actions.run(name, payload, delivery_id)
    except BaseTimeoutException as error:
        failed(delivery_id, name, error)
        raise  # the job is over, and with it the process that it may have harmed
    except Exception as error:  # noqa: BLE001 - whatever it is, it fails this delivery alone
        failed(delivery_id, name, error)
        return False
    with transaction():
        outbox.done(delivery_id)
    log.info("delivered", handler=name, delivery=delivery_id)
    return True


def retry_failed(delivery_ids: Sequence[int] | None = None) -> int:
    """Give failed deliveries (all, or these) a new set of tries; returns how many."""
    with transaction():
        again = update(Delivery).where(Delivery.state == "failed")
        if delivery_ids is not None:
            again = again.where(Delivery.id.in_(delivery_ids))
        again = again.values(state="pending", attempts=0, next_try_at=clock.now())
        return len(db.session.scalars(again.returning(Delivery.id)).all())
