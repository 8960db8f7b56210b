"""The outbox without Redis, in this very process: for tests, and for operators whose queue is away."""

from dataclasses import dataclass
from datetime import timedelta

from shop.core import outbox
from shop.core.db import db
from shop.jobs.outbox import deliver_now, drain_event

_ROUNDS = 100


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did."""

    events: int
    delivered: int
    failed: int


def run_all() -> Report:
    """Drain every event and make every due delivery, also of events that these record.

    A delivery that fails waits for its next try like any other. Call it outside a transaction.
    """
    events = delivered = failed = 0
    for _ in range(_ROUNDS):
        waiting = outbox.undrained(timedelta(0))
        for event_id in waiting:
            drain_event(event_id)
        due = outbox.due_deliveries()
        for delivery_id in due:
            made = deliver_now(delivery_id)
            delivered += made is True
            failed += made is False
        events += len(waiting)
        if not waiting and not due:
            break
    db.session.rollback()  # the caller's next read sees what was written
    return Report(events, delivered, failed)
