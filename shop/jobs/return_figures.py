"""What product pages say of returns, worked out anew from time to time."""

from flask import current_app

from shop.analytics import returned
from shop.catalog import return_figures
from shop.core import clock
from shop.core.db import db
from shop.core.transaction import transaction
from shop.jobs.context import job

BATCH = 500


def figure_all() -> int:
    """Write down how much of each product comes back; returns for how many that changed.

    What did not change is not written, so that kept pages stay and a second run does nothing; one that
    was killed is made good by the next.
    """
    since = clock.now() - returned.WINDOW
    found = returned.figures(since, current_app.config["RETURN_RATE_SAMPLE"])
    before = return_figures.kept()
    db.session.rollback()  # a reader holds no snapshot while others write
    news = {
        product_id: found.get(product_id)
        for product_id in sorted(found.keys() | before.keys())
        if found.get(product_id) != before.get(product_id)
    }
    changed = list(news)
    for first in range(0, len(changed), BATCH):
        with transaction():
            return_figures.write({one: news[one] for one in changed[first : first + BATCH]})
    return len(news)


@job
def figure_returns() -> int:
    """The same, by itself."""
    return figure_all()
