"""The demo's forged notifies: a flood that somebody tried, and one that was meant for another shop."""

from datetime import timedelta

from shop.core import clock, security
from shop.core.security import Gathered
from shop.core.transaction import transaction

# Addresses that nobody has (RFC 5737).
_TRIED = (
    (26, "alipay", "signature", 214, ("198.51.100.23", "203.0.113.77")),
    (50, "wechatpay", "foreign", 1, ("192.0.2.40",)),
)


def write() -> None:
    """Write them down as the periodic job would have."""
    with transaction():
        for hours, subject, reason, times, addresses in _TRIED:
            minute = security.minute_of(clock.now() - timedelta(hours=hours))
            last = minute + timedelta(seconds=min(times, 48))
            security.add(
                [Gathered(minute, "notify", subject, reason, times, minute, last, addresses)]
            )
