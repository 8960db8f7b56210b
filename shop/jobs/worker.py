"""The long-running processes: one that works through the queue, one that fills it on time.

Both outlive their Redis: they wait for it and go on. SIGTERM and Ctrl-C end them at once, or after the
job in hand.
"""

import signal
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

import structlog
from flask import Flask
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.cron import CronScheduler
from rq.exceptions import StopRequested

from shop.core.db import db
from shop.jobs.queue import QUEUE
from shop.jobs.schedule import register_all

_PAUSE = 2.0

log = structlog.get_logger(__name__)


class ShopWorker(Worker):
    """RQ's worker, sooner back after an outage, and knowing whether it was asked to stop."""

    max_connection_wait_time = 5.0

    @property
    def asked_to_stop(self) -> bool:
        """Whether a signal ended it rather than a fault."""
        return self._shutdown_requested_date is not None


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


def work(app: Flask) -> None:
    """Work through the queue until a signal says stop.

    One queue, because from one queue RQ takes a job atomically. Every job runs in a process forked from
    this one, so this one must not hold a database connection.
    """

    def once(redis: Redis) -> bool:
        with app.app_context():
            db.engine.dispose()
        worker = ShopWorker(
            [Queue(QUEUE, connection=redis)],
            connection=redis,
            # What a killed worker left is looked for this often; RQ's default is ten minutes.
            maintenance_interval=30,
            worker_ttl=60,
            job_monitoring_interval=10,
            log_job_description=False,
        )
        try:
            worker.work(logging_level="WARNING")
        finally:
            stop = worker.asked_to_stop
            if stop:
                log.info("worker stopped")
        return stop

    log.info("worker started", queue=QUEUE)
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
