"""How often somebody may try: counted by address and by account, in Redis where there is one.

Decorators of Flask-Limiter would do for addresses; counting by account needs what was typed, and the
answer says when to try again.
"""

import time

import structlog
from flask import request
from flask_babel import ngettext
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from redis.exceptions import RedisError

from shop.web.extensions import limiter

log = structlog.get_logger(__name__)

SIGN_IN_FROM_ADDRESS = parse("20 per 5 minutes")
SIGN_IN_TO_ACCOUNT = parse("10 per 10 minutes")
REGISTER = parse("20 per hour")
MAIL_FROM_ADDRESS = parse("10 per 15 minutes")
MAIL_TO_ACCOUNT = parse("3 per 15 minutes")
PASSWORD_AGAIN = parse("10 per 10 minutes")

# When Redis is away each worker counts for itself: weaker, but sign-in stays open.
_here = FixedWindowRateLimiter(MemoryStorage())


def address() -> str:
    """Who asks, as far as the network tells."""
    return request.remote_addr or "unknown"


def spend(item: RateLimitItem, scope: str, key: str) -> int:
    """Count one attempt; returns the seconds to wait, 0 when it was allowed."""
    if not limiter.enabled:
        return 0
    try:
        return _spend(limiter.limiter, item, scope, key)
    except (StorageError, RedisError, OSError) as error:
        log.warning("limits-without-redis", error=str(error))
        return _spend(_here, item, scope, key)


def forgive(item: RateLimitItem, scope: str, key: str) -> None:
    """Forget the attempts: the last one was right."""
    if not limiter.enabled:
        return
    try:
        limiter.limiter.clear(item, scope, key)
    except (StorageError, RedisError, OSError):
        _here.clear(item, scope, key)


def sentence(seconds: int) -> str:
    """When to try again."""
    minutes = max(1, -(-seconds // 60))
    return str(
        ngettext(
            "Too many attempts. Try again in %(num)s minute.",
            "Too many attempts. Try again in %(num)s minutes.",
            minutes,
        )
    )


def _spend(strategy: object, item: RateLimitItem, scope: str, key: str) -> int:
    assert isinstance(strategy, FixedWindowRateLimiter)  # noqa: S101 - extensions.py chose it
    if strategy.hit(item, scope, key):
        return 0
    ends = strategy.get_window_stats(item, scope, key).reset_time
    return max(1, int(ends - time.time()) + 1)
