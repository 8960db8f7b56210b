"""Bills of the day before, once they are ready: 10:30 in Beijing."""

import structlog
from flask import current_app

from shop.core.db import db
from shop.core.errors import ShopError
from shop.jobs import reconcile_flow
from shop.jobs.context import job
from shop.jobs.gateways import gateways

log = structlog.get_logger(__name__)


@job
def reconcile_due() -> int:
    """Read every bill that is ready and was not read yet; returns how many.

    Bills of the last three days, so that a night without workers or provider is made good. New
    differences are mailed to the operators by the event that they record.
    """
    opened = gateways()
    done = 0
    due = reconcile_flow.due(opened)
    db.session.rollback()  # no read transaction stays open while a provider is talked to
    for name, day in due:
        try:
            reconcile_flow.run(name, day, opened, rates=current_app.config.get("PAYMENT_FEE_RATES"))
        except ShopError as error:  # the next run asks again
            log.warning("bill not reconciled", gateway=name, day=day.isoformat(), error=str(error))
        else:
            done += 1
    return done
