"""Lanes of the job queue, so that what is slow keeps nothing waiting that is quick.

A provider that does not answer holds whoever asks it for ten seconds at a time. In one lane with everything
else that was enough to keep mails and invoices waiting for minutes.
"""

from enum import StrEnum


class Lane(StrEnum):
    """A queue in Redis, with a process of its own in every worker."""

    SOON = "xiaopu"
    """What is over in a moment: events, mails, papers, dates that have come."""
    PAYMENTS = "xiaopu-payments"
    """What waits for payment providers."""
    LONG = "xiaopu-long"
    """What takes its time: imports, pictures and parcels of other servers, statistics, tidying up."""


_OF = {
    "payment.close_left": Lane.PAYMENTS,
    "refund.submit": Lane.PAYMENTS,
    "brand.merge": Lane.LONG,
    "import.apply": Lane.LONG,
    "import.check": Lane.LONG,
    "import.undo": Lane.LONG,
    "search.reindex_brand": Lane.LONG,
    "search.reindex_category": Lane.LONG,
    "search.reindex_store": Lane.LONG,
}


def of(handler: str) -> Lane:
    """The lane of a delivery to ``handler``."""
    return _OF.get(handler, Lane.SOON)
