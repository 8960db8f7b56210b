"""From the outbox to the handlers: drained, delivered, swept.

What makes it safe to kill a worker anywhere: the event is a committed row; its deliveries are unique
rows; a try takes a lease, and only the end of the work marks the delivery done. The queue is nothing but
a hurry. A handler may therefore be called twice and must bear it.
"""

from collections.abc import Sequence
from datetime import timedelta

import structlog
from sqlalchemy import delete, exists, select, update

from shop import subscriptions
from shop.core import clock, outbox
from shop.core.db import db
from shop.core.models import Delivery, Outbox
from shop.core.transaction import transaction
from shop.jobs import actions, queue
from shop.jobs.context import job

LEASE = timedelta(seconds=60)
SWEEP_AFTER = timedelta(seconds=10)

log = structlog.get_logger(__name__)


@job
def drain(event_id: int) -> None:
    """Turn an event into deliveries and enqueue those."""
    waiting = queue.present()
    for delivery_id in drain_event(event_id):
        if waiting is not None:
            waiting.deliver(delivery_id)


@job
def deliver(delivery_id: int) -> None:
    """Make one delivery."""
    deliver_now(delivery_id)


@job
def sweep() -> int:
    """Enqueue events that nobody has drained and deliveries whose time has come; returns how many."""
    waiting = queue.present()
    if waiting is None:
        return 0
    events, deliveries = outbox.undrained(SWEEP_AFTER), outbox.due_deliveries()
    db.session.rollback()  # no read transaction stays open while Redis is talked to
    return waiting.sweep(events, deliveries)


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


def drain_event(event_id: int) -> list[int]:
    """Turn an event into deliveries; returns those still to be made."""
    with transaction():
        return outbox.drain(event_id, subscriptions.HANDLERS)


def deliver_now(delivery_id: int) -> bool | None:
    """Make one delivery in this process: True done, False failed, None not ours to make now."""
    with transaction():
        delivery = outbox.claim(delivery_id, LEASE)
        if delivery is None:
            return None
        row = db.session.get_one(Outbox, delivery.outbox_id)
        name, event_name, payload = delivery.handler, row.name, dict(row.payload)
    try:
        actions.run(name, payload, delivery_id)
    except Exception as error:
        db.session.rollback()
        with transaction():
            again = outbox.failed(delivery_id, f"{type(error).__name__}: {error}")
        log.error(
            "delivery failed",
            handler=name,
            event_name=event_name,
            delivery=delivery_id,
            again=again.isoformat() if again else "never",
            exc_info=True,
        )
        return False
    with transaction():
        outbox.done(delivery_id)
    log.info("delivered", handler=name, event_name=event_name, delivery=delivery_id)
    return True


def retry_failed(delivery_ids: Sequence[int] | None = None) -> int:
    """Give failed deliveries (all, or these) a new set of tries; returns how many."""
    with transaction():
        again = update(Delivery).where(Delivery.state == "failed")
        if delivery_ids is not None:
            again = again.where(Delivery.id.in_(delivery_ids))
        again = again.values(state="pending", attempts=0, next_try_at=clock.now())
        return len(db.session.scalars(again.returning(Delivery.id)).all())
