"""When sessions were last seen: GETs write nothing to the database, so it is noted in Redis first."""

import time
from datetime import UTC, datetime

import structlog
from redis import Redis
from redis.exceptions import RedisError, ResponseError

from shop.account import sessions
from shop.core.transaction import transaction
from shop.jobs import queue
from shop.jobs.context import job

_NOTED = "xiaopu:seen"
_TAKEN = "xiaopu:seen:taken"

log = structlog.get_logger(__name__)


def note(session_id: int) -> None:
    """Note that a session was seen just now; without Redis it is forgotten, which harms nobody."""
    waiting = queue.present()
    if waiting is None:
        return
    try:
        waiting.redis.hset(_NOTED, str(session_id), str(int(time.time())))
    except RedisError as error:
        log.warning("could not note a session", error=str(error))


@job
def write_seen() -> int:
    """Write the noted times down; returns how many. Killed in the middle, it repeats what it had taken."""
    waiting = queue.present()
    if waiting is None:
        return 0
    done = _write_taken(waiting.redis)  # what a killed run had left
    try:
        waiting.redis.rename(_NOTED, _TAKEN)
    except ResponseError:  # nothing was noted
        return done
    return done + _write_taken(waiting.redis)


def _write_taken(redis: Redis) -> int:
    taken = redis.hgetall(_TAKEN)
    if not taken:
        return 0
    seen = {int(key): datetime.fromtimestamp(int(at), UTC) for key, at in taken.items()}
    with transaction():
        sessions.touch(seen)
    redis.delete(_TAKEN)
    return len(seen)
