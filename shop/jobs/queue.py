"""The way into the job queue.

Enqueueing is a courtesy: what must happen lies in the outbox, and the sweeper finds what was not
enqueued. So nothing here may delay or refuse what a shopper does: sockets give up after half a second,
errors are logged, and after one the queue is left alone for a few seconds.
"""

import time
from collections.abc import Callable, Iterable

import structlog
from flask import Flask, current_app
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry as RedisRetry
from rq import Queue
from rq.job import Retry

from shop.core import outbox
from shop.jobs.lanes import Lane

WORK = "shop.jobs.outbox.work"
DELIVER = "shop.jobs.outbox.deliver"

_AWAKE = "xiaopu:outbox-awake"
_AWAKE_FOR = 10
"""Seconds after which a call for a worker counts as unheard."""
_EXTENSION = "job_queue"
_REST = 5.0  # seconds after a failure in which Redis is not asked again

log = structlog.get_logger(__name__)


class JobQueue:
    """Enqueues by name."""

    def __init__(self, url: str) -> None:
        self.redis = Redis.from_url(
            url,
            socket_connect_timeout=0.5,
            socket_timeout=0.5,
            retry=RedisRetry(NoBackoff(), 0),
        )
        self._queues = {lane: Queue(lane, connection=self.redis) for lane in Lane}
        self._rests_until = 0.0

    def wake(self) -> bool:
        """Let a worker look into the outbox, unless one that was called has not looked yet.

        The job says ``looking`` before it looks: whoever committed before that is seen by it, and whoever
        commits after it calls the next one.
        """
        return self._trying(self._wake)

    def looking(self) -> None:
        """The job that was called begins: what is committed from now on needs another."""
        self._trying(lambda: self.redis.delete(_AWAKE))

    def deliver(self, delivery_id: int, lane: Lane) -> bool:
        """Let a worker make a delivery, in a job of its own."""
        return self._trying(
            lambda: self._enqueue(lane, DELIVER, (delivery_id,), f"deliver-{delivery_id}")
        )

    def sweep(self, deliveries: Iterable[tuple[int, Lane]]) -> int:
        """Enqueue those deliveries that do not wait in their lane already; returns how many."""
        try:
            waiting = {job_id for one in self._queues.values() for job_id in one.job_ids}
        except RedisError as error:
            self._failed(error)
            return 0
        return sum(
            self.deliver(delivery_id, lane)
            for delivery_id, lane in deliveries
            if f"deliver-{delivery_id}" not in waiting
        )

    def _wake(self) -> bool:
        if not self.redis.set(_AWAKE, 1, nx=True, ex=_AWAKE_FOR):
            return False
        self._enqueue(Lane.SOON, WORK, (), None)
        return True

    def _enqueue(
        self, lane: Lane, function: str, args: tuple[int, ...], job_id: str | None
    ) -> None:
        self._queues[lane].enqueue_call(
            function,
            args=args,
            job_id=job_id,
            timeout=50,  # below the lease of a delivery, so that two never work on one
            result_ttl=0,
            failure_ttl=3600,
            # Without Retry, RQ moves the job of a killed worker to the failed ones.
            retry=Retry(max=3),
        )

    def _trying(self, action: Callable[[], object]) -> bool:
        """Whether it was done: not while Redis is away. What says False was not needed."""
        if time.monotonic() < self._rests_until:
            return False
        try:
            return action() is not False
        except RedisError as error:
            self._failed(error)
            return False

    def _failed(self, error: RedisError) -> None:
        self._rests_until = time.monotonic() + _REST
        log.warning("job queue away, the outbox keeps what is to be done", error=str(error))


def init_queue(app: Flask) -> None:
    """Connect ``app`` to its queue (none without REDIS_URL) and let commits wake it."""
    app.extensions.pop(_EXTENSION, None)
    if app.config.get("REDIS_URL"):
        app.extensions[_EXTENSION] = JobQueue(app.config["REDIS_URL"])
    outbox.set_waker(wake)


def present() -> JobQueue | None:
    """The queue of the current application, or None without Redis."""
    return current_app.extensions.get(_EXTENSION)


def wake(_event_id: int) -> None:
    """An event was committed: let a worker look soon. Never raises for want of Redis."""
    queue = present()
    if queue is not None:
        queue.wake()
