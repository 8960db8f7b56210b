"""WeChat Pay's notify: signed in its headers, its resource encrypted with the APIv3 key."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from shop.core import clock
from shop.payment.gateways.base import (
    BadSignature,
    Event,
    EventKind,
    ForeignMerchant,
    RefundStatus,
)
from shop.payment.gateways.wechatpay_client import HEADERS

MAX_BODY_BYTES = 64 * 1024
SKEW = timedelta(minutes=5)
REFUNDS = {
    "SUCCESS": RefundStatus.DONE,
    "PROCESSING": RefundStatus.PROCESSING,
    "ABNORMAL": RefundStatus.ABNORMAL,
    "CLOSED": RefundStatus.FAILED,
}


def parse(
    headers: Mapping[str, str],
    raw_body: bytes,
    *,
    is_genuine: Callable[[dict[str, str], str], bool],
    open_notify: Callable[[dict[str, str], str], Any],
    app_id: str,
    mch_id: str,
) -> Event:
    """Serial and signature, age, content, merchant: in this order.

    Raises ``BadSignature`` for what is unsigned, changed, too old or unreadable, and
    ``ForeignMerchant`` for what is signed for someone else.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    given = {name: lower.get(name.lower(), "") for name in HEADERS}
    if len(raw_body) > MAX_BODY_BYTES:
        raise BadSignature(detail="too long")
    try:
        text = raw_body.decode("utf-8")
    except UnicodeDecodeError:
        raise BadSignature(detail="not a text") from None
    if not is_genuine(given, text):
        raise BadSignature(detail="signature")
    if not _is_fresh(given["Wechatpay-Timestamp"]):
        raise BadSignature(detail="too old")
    try:
        opened = open_notify(given, text)
        event_id, content = opened["id"], opened["resource"]
        merchant = (content.get("appid", app_id), content["mchid"])
    except Exception:  # noqa: BLE001 - the SDK raises plain exceptions for what it cannot read
        raise BadSignature(detail="unreadable") from None
    if merchant != (app_id, mch_id):
        raise ForeignMerchant(no=str(content.get("out_trade_no", ""))[:64])
    try:
        return _event(str(event_id), content, merchant)
    except (KeyError, TypeError, AttributeError):
        raise BadSignature(detail="incomplete") from None


def read_time(text: object) -> datetime | None:
    """An RFC 3339 time in UTC; None when there is none or it cannot be read."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None


def read_fen(value: object) -> int:
    """A whole number of fen; raises ``TypeError`` for anything else."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError("not an amount in fen")
    return value


def _is_fresh(timestamp: str) -> bool:
    if not timestamp.isascii() or not timestamp.isdecimal() or len(timestamp) > 12:
        return False
    return abs(clock.now().timestamp() - int(timestamp)) <= SKEW.total_seconds()


def _event(event_id: str, content: dict[str, Any], merchant: tuple[str, str]) -> Event:
    amount = content["amount"]
    refund_status = content.get("refund_status")
    if refund_status is not None:
        return Event(
            kind=EventKind.REFUNDED,
            no=content["out_trade_no"],
            refund_no=content["out_refund_no"],
            amount=read_fen(amount["total"]),
            merchant_ids=merchant,
            event_id=event_id,
            provider_id=content.get("transaction_id"),
            raw_status=str(refund_status),
            refund_status=REFUNDS[refund_status],
            refund_amount=read_fen(amount["refund"]),
        )
    if amount.get("currency", "CNY") != "CNY":
        raise TypeError("another currency")
    kinds = {"SUCCESS": EventKind.PAID, "NOTPAY": EventKind.PENDING, "CLOSED": EventKind.CLOSED}
    return Event(
        kind=kinds[content["trade_state"]],
        no=content["out_trade_no"],
        refund_no=None,
        amount=read_fen(amount["total"]),
        merchant_ids=merchant,
        event_id=event_id,
        provider_id=content.get("transaction_id"),
        paid_at=read_time(content.get("success_time")),
        raw_status=content["trade_state"],
    )
