"""When sessions were last seen: GETs write nothing to the database, so it is noted in Redis first."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime

import structlog
from redis.exceptions import RedisError

from shop.account import sessions
from shop.core.transaction import transaction
from shop.jobs import noted, queue
from shop.jobs.context import job

_NOTED = "xiaopu:seen"

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
    return noted.write_down(_NOTED, _write)


def _write(fields: Mapping[str, str]) -> int:
    seen = {int(key): datetime.fromtimestamp(int(at), UTC) for key, at in fields.items()}
    with transaction():
        sessions.touch(seen)
    return len(seen)
