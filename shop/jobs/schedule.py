"""Every periodic job, in one list."""

from collections.abc import Callable
from dataclasses import dataclass

from rq.cron import CronScheduler

from shop.jobs import (
    cards,
    catalog,
    codes,
    housekeeping,
    outbox,
    parcels,
    payments,
    photos,
    pictures,
    reconciliation,
    related,
    return_figures,
    returns,
    searches,
    security,
    seen,
    transfers,
    waiting,
)
from shop.jobs.lanes import Lane


@dataclass(frozen=True, slots=True)
class Periodic:
    """A job and the seconds between two of its runs. Runs may overlap and repeat: each job bears it."""

    name: str
    function: Callable[[], int]
    every: int
    timeout: int = 60
    lane: Lane = Lane.SOON


PERIODIC = (
    Periodic("sweep-outbox", outbox.sweep, 20),
    Periodic("poll-payments", payments.poll, 15, timeout=120, lane=Lane.PAYMENTS),
    Periodic("submit-refunds", payments.submit_refunds, 20, timeout=120, lane=Lane.PAYMENTS),
    Periodic("reconcile", reconciliation.reconcile_due, 1800, timeout=1800, lane=Lane.LONG),
    Periodic("expire-orders", payments.expire_orders, 30, timeout=120, lane=Lane.PAYMENTS),
    Periodic("remind-transfers", transfers.remind_transfers, 1800, timeout=300),
    Periodic("end-short-transfers", transfers.end_short_transfers, 300, timeout=300),
    Periodic("track-parcels", parcels.track_parcels, 30, timeout=300, lane=Lane.LONG),
    Periodic("receive-due", parcels.receive_due, 300, timeout=300),
    Periodic("remind-receipts", parcels.remind_receipts, 1800, timeout=300),
    Periodic("return-dates", returns.return_dates, 300, timeout=300),
    Periodic("publish-due", catalog.publish_due, 30, timeout=120),
    Periodic("follow-rules", catalog.follow_rules, 60, timeout=300, lane=Lane.LONG),
    Periodic("fetch-pictures", pictures.fetch_pictures, 30, timeout=240, lane=Lane.LONG),
    Periodic("write-seen", seen.write_seen, 60),
    Periodic("write-searches", searches.write_searches, 60),
    Periodic("write-security", security.write_security, 60),
    Periodic("index-missing", searches.index_missing, 300, timeout=240, lane=Lane.LONG),
    Periodic("serve-waits", waiting.serve_due, 3600, timeout=600, lane=Lane.LONG),
    Periodic("tell-wishes", waiting.tell_wishes, 86_400, timeout=1800, lane=Lane.LONG),
    Periodic("relate", related.relate, 6 * 3600, timeout=1800, lane=Lane.LONG),
    Periodic("figure-returns", return_figures.figure_returns, 86_400, timeout=1800, lane=Lane.LONG),
    Periodic("remind-codes", codes.remind_codes, 3600, timeout=300),
    Periodic("expire-cards", cards.expire_cards, 3600, timeout=300),
    Periodic("tidy-photos", photos.tidy_photos, 6 * 3600, timeout=600, lane=Lane.LONG),
    Periodic("tidy", housekeeping.tidy, 3600, timeout=600, lane=Lane.LONG),
)


def register_all(scheduler: CronScheduler) -> None:
    """Give the scheduler every periodic job.

    A job that no worker has taken by the time of its next run is dropped: a worker that comes back after
    an hour finds one of each, not hundreds.
    """
    for periodic in PERIODIC:
        scheduler.register(
            periodic.function,
            periodic.lane,
            name=periodic.name,
            interval=periodic.every,
            job_timeout=periodic.timeout,
            ttl=periodic.every,
            result_ttl=0,
            failure_ttl=3600,
        )


def by_name(name: str) -> Periodic | None:
    """The periodic job of this name."""
    return next((periodic for periodic in PERIODIC if periodic.name == name), None)
