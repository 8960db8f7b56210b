"""Bank transfers in time: shoppers reminded before theirs ends, parts sent back that were not completed."""

from datetime import timedelta

from shop.core import clock
from shop.core.db import db
from shop.core.transaction import transaction
from shop.jobs.context import job
from shop.payment import settlement, transfer_queries, transfers

REMINDED = timedelta(hours=24)
"""So long before the end."""


@job
def remind_transfers() -> int:
    """Tell shoppers whose transfer has not come that its time ends; returns how many."""
    due = transfer_queries.due_for_reminder(clock.now() + REMINDED)
    db.session.rollback()  # each reminder is a transaction of its own
    done = 0
    for order_id in due:
        with transaction():
            done += transfers.remind(order_id)
    return done


@job
def end_short_transfers() -> int:
    """End partly paid orders whose time is over; what came goes back. Returns how many."""
    due = transfer_queries.due_for_end(clock.now())
    db.session.rollback()  # each end is a transaction of its own
    done = 0
    for order_id in due:
        with transaction():
            done += settlement.end_short(order_id)
    return done
