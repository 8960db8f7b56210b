"""What is bought together, found anew from time to time."""

from collections.abc import Callable
from datetime import timedelta

from shop.analytics import together
from shop.catalog import related
from shop.core import clock
from shop.core.db import db
from shop.core.transaction import transaction
from shop.jobs.context import job


def relate_all(
    window: timedelta = together.WINDOW, on_batch: Callable[[int], object] = lambda _count: None
) -> int:
    """Write down for every product what is bought together with it; returns for how many that changed.

    A batch of products is a transaction. What did not change is not written, so a run that finds nothing
    new disturbs nobody; one that was killed is made good by the next. ``on_batch`` is told how many
    products were looked at.
    """
    since = clock.now() - window
    counts = together.sold(since)
    changed, last = 0, 0
    while batch := together.batch_after(last):
        found, before = together.ties(batch, since, counts), related.kept_ties(batch)
        news = {one: ties for one, ties in found.items() if ties != before.get(one, [])}
        if news:
            with transaction():
                related.set_ties(news)
        db.session.rollback()  # a reader does not hold its snapshot from batch to batch
        changed, last = changed + len(news), batch[-1]
        on_batch(len(batch))
    return changed


@job
def relate() -> int:
    """The same, by itself."""
    return relate_all()
