"""What happens to codes of services by themselves."""

from itertools import groupby

from shop.core.db import db
from shop.core.transaction import transaction
from shop.jobs.context import job
from shop.order import code_queries, code_reminders


@job
def remind_codes() -> int:
    """Remind buyers of codes that end soon, a transaction per order. Harmless to run twice."""
    due = code_queries.ending()
    db.session.rollback()
    done = 0
    for (order_id, mail), rows in groupby(sorted(due), key=lambda row: (row[0], row[2])):
        with transaction():
            done += code_reminders.remind(order_id, [row[1] for row in rows], mail=mail)
    return done
