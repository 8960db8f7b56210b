"""Notifies that no provider signed: how they are told apart, counted and slowed down.

A genuine provider is never limited, whatever its address: only what failed its signature counts.
"""

from flask import request
from limits import parse
from limits.errors import StorageError
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from redis.exceptions import RedisError

from shop.jobs import security
from shop.payment.gateways.base import BadSignature, ForeignMerchant
from shop.web.extensions import limiter

MAX_BODY_BYTES = 256 * 1024
"""No provider sends more; each gateway has a closer bound of its own."""
REFUSALS = parse("60 per minute")

# Details of ours that name a reason; whatever else a gateway says is about the signature.
_REASONS = {
    "too long": "too-long",
    "too old": "too-old",
    "not a text": "unreadable",
    "not a form": "unreadable",
    "repeated field": "unreadable",
    "unreadable": "unreadable",
    "incomplete": "unreadable",
    "unnamed": "unreadable",
}

# When Redis is away each worker counts for itself.
_here = FixedWindowRateLimiter(MemoryStorage())


def note(gateway: str, error: BadSignature) -> None:
    """Gather a refusal for the operators: one event a minute, nothing of what was sent."""
    if isinstance(error, ForeignMerchant):
        reason = "foreign"
    else:
        reason = _REASONS.get(str(error.params.get("detail", "")), "signature")
    security.note(gateway, reason, request.remote_addr or "")


def too_many() -> bool:
    """Count one refused notify of this address; whether it has had its minute's worth."""
    if not limiter.enabled:
        return False
    key = request.remote_addr or "unknown"
    try:
        return not limiter.limiter.hit(REFUSALS, "notify-refused", key)
    except (RedisError, StorageError):
        return not _here.hit(REFUSALS, "notify-refused", key)
