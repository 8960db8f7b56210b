"""How often somebody may send what no provider signed. A genuine provider is never limited."""

from flask import request
from limits import parse
from limits.errors import StorageError
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from redis.exceptions import RedisError

from shop.web.extensions import limiter

REFUSALS = parse("60 per minute")

# When Redis is away each worker counts for itself.
_here = FixedWindowRateLimiter(MemoryStorage())


def too_many() -> bool:
    """Count one refused notify of this address. Beyond the limit nothing is written down either, so
    that a flood leaves at most so many lines a minute."""
    if not limiter.enabled:
        return False
    key = request.remote_addr or "unknown"
    try:
        return not limiter.limiter.hit(REFUSALS, "notify-refused", key)
    except (RedisError, StorageError):
        return not _here.hit(REFUSALS, "notify-refused", key)
