"""The long-running processes: one that works through the queue, one that fills it on time.

Both outlive their Redis: they wait for it and go on. SIGTERM and Ctrl-C end them at once, or after the
job in hand. Those that work are processes for many jobs, one for each lane (``lanes``), renewed now and then
(``keeper``).
"""

import signal
import time
from collections.abc import Callable, Sequence
from functools import partial
from types import FrameType
from typing import Any

import structlog
from flask import Flask
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.cron import CronScheduler
from rq.exceptions import StopRequested
from rq.job import Job
from rq.timeouts import BaseTimeoutException

from shop.core.db import db
from shop.jobs.context import end_soon
from shop.jobs.keeper import Keeper, Pulse
from shop.jobs.lanes import Lane
from shop.jobs.schedule import register_all

_PAUSE = 2.0
_JOBS = 500
"""After so many jobs a process makes place for a new one, and gives back what they may have leaked."""

log = structlog.get_logger(__name__)


class ShopWorker(SimpleWorker):
    """RQ's worker that runs jobs in its own process, sooner back after an outage.

    It tells its keeper how long each job may take, and ends after one that had to be broken off: who knows
    what that left behind in the process.
    """

    max_connection_wait_time = 5.0
    pulse: Pulse
    asked_to_stop = False
    """Whether a signal ended it rather than a fault, or that it had worked enough."""

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Run a job here and now."""
        limit = job.timeout or Queue.DEFAULT_TIMEOUT
        self.pulse.beat(float(limit))
        try:
            super().execute_job(job, queue)
        finally:
            self.pulse.rest()

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        """A job failed."""
        super().handle_exception(job, *exc_info)
        if exc_info and issubclass(exc_info[0], BaseTimeoutException):
            self._stop_requested = True

    def get_heartbeat_ttl(self, job: Job, working_time: float = 0.0) -> int:
        """Seconds after which the job of a worker that was killed is looked after."""
        return int(job.timeout or Queue.DEFAULT_TIMEOUT) + 15

    def handle_warm_shutdown_request(self) -> None:
        """A signal said stop: what can be broken off in the job in hand is."""
        self.asked_to_stop = True
        end_soon()


class ShopScheduler(CronScheduler):
    """RQ's scheduler, which says goodbye to a Redis that is away without an error."""

    asked_to_stop = False

    def _request_stop(self, signum: int, frame: FrameType | None) -> None:
        self.asked_to_stop = True
        raise StopRequested

    def register_death(self, pipeline: Any = None) -> None:
        """Leave the registry, where a dead scheduler's entry runs out by itself."""
        try:
            super().register_death(pipeline)
        except RedisError as error:
            self.log.warning("scheduler could not sign off: %s", error)


def work(app: Flask, chosen: Sequence[Lane] = ()) -> None:
    """Work through the lanes (``chosen``, or all of them) until a signal says stop.

    Each has a process that knows no other: from a single queue RQ takes a job atomically.
    """
    works = {lane.name.lower(): partial(_work, app, lane) for lane in chosen or Lane}
    with app.app_context():
        db.engine.dispose()  # no connection is shared with the process that is forked
    log.info("worker started", lanes=list(works))
    Keeper(works).keep()
    log.info("worker stopped")


def _work(app: Flask, lane: Lane, pulse: Pulse) -> None:
    """What the process at work does: so many jobs, or until it is told to stop."""

    def once(redis: Redis) -> bool:
        worker = ShopWorker(
            [Queue(lane, connection=redis)],
            connection=redis,
            # What a killed worker left is looked for this often; RQ's default is ten minutes.
            maintenance_interval=30,
            worker_ttl=60,
            log_job_description=False,
        )
        worker.pulse = pulse
        worked = worker.work(logging_level="WARNING", max_jobs=_JOBS)
        return worked or worker.asked_to_stop

    _until_told(app, once)


def tick(app: Flask) -> None:
    """Enqueue the periodic jobs on time until a signal says stop."""

    def once(redis: Redis) -> bool:
        scheduler = ShopScheduler(redis, logging_level="WARNING")
        register_all(scheduler)
        try:
            scheduler.start()  # type: ignore[no-untyped-call]  # RQ leaves it untyped
        except RedisError:
            if not scheduler.asked_to_stop:
                raise
        return True

    log.info("scheduler started")
    _until_told(app, once)


def _until_told(app: Flask, once: Callable[[Redis], bool]) -> None:
    while True:
        redis = Redis.from_url(app.config["REDIS_URL"], socket_connect_timeout=5)
        try:
            if once(redis):
                return
        except RedisError as error:
            log.warning("no Redis, trying again", error=str(error))
        except StopRequested:
            return
        finally:
            redis.close()
        # RQ leaves its handlers in place; without a worker behind them a signal ends the process.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        time.sleep(_PAUSE)
