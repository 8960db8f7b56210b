"""The outbox without Redis, in this very process: for tests, and for operators whose queue is away."""

from dataclasses import dataclass

from shop.core import outbox
from shop.core.db import db
from shop.jobs.mails import deliver_new
from shop.jobs.outbox import deliver_now, drain

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
        drained, _apart = drain()
        events += drained
        made = deliver_new()
        delivered += made.delivered
        failed += made.failed
        due = outbox.due_deliveries()
        for one in due:
            one_made = deliver_now(one.id)
            delivered += one_made is True
            failed += one_made is False
        if not drained and not made.taken and not due:
            break
    db.session.rollback()  # the caller's next read sees what was written
    return Report(events, delivered, failed)
