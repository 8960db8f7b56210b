"""How an order is written for WeChat Pay."""

import re
from datetime import datetime
from typing import Any

from shop.payment.gateways.alipay_client import BEIJING

_NUMBER = re.compile(r"[A-Za-z0-9]{6,32}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


def order_fields(
    attempt_no: str, amount: int, subject: str, expires_at: datetime | None, notify_url: str
) -> dict[str, Any]:
    """What every kind of order says; raises ``ValueError`` for what no caller may pass.

    ``time_expire`` is RFC 3339 with its zone.
    """
    if not _NUMBER.fullmatch(attempt_no):
        raise ValueError("attempt_no must be 6 to 32 letters and digits")
    if amount <= 0:
        raise ValueError("amount must be positive")
    order: dict[str, Any] = {
        "out_trade_no": attempt_no,
        "amount": {"total": amount, "currency": "CNY"},
        "description": title(subject, 127) or attempt_no,
        "notify_url": notify_url,
    }
    if expires_at is not None:
        order["time_expire"] = expires_at.astimezone(BEIJING).isoformat(timespec="seconds")
    return order


def title(text: str, size: int) -> str:
    """One line of at most ``size`` bytes, since the provider counts those."""
    line = " ".join(_CONTROL.sub(" ", text).split())
    return line.encode()[:size].decode(errors="ignore")
