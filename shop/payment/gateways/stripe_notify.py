"""Stripe's webhook: a time and HMAC-SHA256 signatures over ``time.body`` in one header."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from stripe import WebhookSignature

from shop.core import clock
from shop.payment.gateways import stripe_units
from shop.payment.gateways.base import (
    BadSignature,
    Event,
    EventKind,
    ForeignMerchant,
    RefundStatus,
)

MAX_BODY_BYTES = 256 * 1024
SKEW = timedelta(minutes=5)
REFUNDS = {
    "succeeded": RefundStatus.DONE,
    "pending": RefundStatus.PROCESSING,
    "requires_action": RefundStatus.ABNORMAL,
    "failed": RefundStatus.FAILED,
    "canceled": RefundStatus.FAILED,
}
_SESSIONS = {
    "checkout.session.completed": EventKind.PAID,
    "checkout.session.async_payment_succeeded": EventKind.PAID,
    "checkout.session.async_payment_failed": EventKind.CLOSED,
    "checkout.session.expired": EventKind.CLOSED,
}
_OF_REFUNDS = frozenset(
    ("refund.created", "refund.updated", "refund.failed", "charge.refund.updated")
)


def parse(
    headers: Mapping[str, str], raw_body: bytes, *, secrets: Sequence[str], live: bool
) -> Event:
    """Signature by any of ``secrets``, age, account and mode, content: in this order.

    An event that is signed but tells of nothing of ours has an empty number. Raises ``BadSignature``
    for what is unsigned, changed, too old or unreadable, and ``ForeignMerchant`` for an event of
    another account or of the other mode (live or test).
    """
    header = next((v for name, v in headers.items() if name.lower() == "stripe-signature"), "")
    if len(raw_body) > MAX_BODY_BYTES:
        raise BadSignature(detail="too long")
    # Every secret is tried, so that the time tells nothing of which one it was.
    genuine = [_is_genuine(raw_body, header, secret) for secret in secrets]
    if not any(genuine):
        raise BadSignature(detail="signature")
    if not _is_fresh(header):
        raise BadSignature(detail="too old")
    try:
        event = json.loads(raw_body)
        event_id, kind, content = str(event["id"]), str(event["type"]), event["data"]["object"]
        # Only events of connected accounts name one, and we have none.
        foreign = bool(event.get("account")) or event["livemode"] is not live
        no = str(content.get("client_reference_id") or _metadata(content, "attempt_no"))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BadSignature(detail="unreadable") from None
    if foreign:
        raise ForeignMerchant(no=no[:64])
    mode = ("live" if live else "test",)
    try:
        if kind in _SESSIONS:
            return _session(event_id, kind, content, no, mode, read_time(event.get("created")))
        if kind in _OF_REFUNDS:
            return _refund(event_id, content, no, mode)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BadSignature(detail="incomplete") from None
    return Event(EventKind.PENDING, "", None, 0, mode, event_id, raw_status=kind)


def read_time(seconds: object) -> datetime | None:
    """Seconds since the epoch in UTC; None when there are none."""
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not 0 < seconds < 1 << 33:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def _is_genuine(raw_body: bytes, header: str, secret: str) -> bool:
    try:
        # Compares in constant time; the age is looked at apart, by the shop's clock.
        return bool(WebhookSignature.verify_header(raw_body, header, secret, tolerance=None))
    except Exception:  # noqa: BLE001 - malformed headers and bodies raise what they like
        return False


def _is_fresh(header: str) -> bool:
    stamp = next((part[2:] for part in header.split(",") if part.startswith("t=")), "")
    if not stamp.isascii() or not stamp.isdecimal() or len(stamp) > 12:
        return False
    return abs(clock.now().timestamp() - int(stamp)) <= SKEW.total_seconds()


def _session(
    event_id: str,
    kind: str,
    session: dict[str, Any],
    no: str,
    mode: tuple[str, ...],
    at: datetime | None,
) -> Event:
    currency = str(session["currency"]).upper()
    told = _SESSIONS[kind]
    if told == EventKind.PAID and session["payment_status"] != "paid":
        told = EventKind.PENDING  # a way to pay that takes days; the next event tells
    intent = session.get("payment_intent")
    return Event(
        kind=told,
        no=no,
        refund_no=None,
        amount=stripe_units.to_minor(session["amount_total"], currency),
        merchant_ids=mode,
        event_id=event_id,
        provider_id=intent if isinstance(intent, str) else None,
        paid_at=at,
        raw_status=kind,
        currency=currency,
    )


def _refund(event_id: str, refund: dict[str, Any], no: str, mode: tuple[str, ...]) -> Event:
    currency = str(refund["currency"]).upper()
    return Event(
        kind=EventKind.REFUNDED,
        no=no,
        refund_no=_metadata(refund, "refund_no"),
        amount=0,
        merchant_ids=mode,
        event_id=event_id,
        raw_status=str(refund["status"]),
        refund_status=REFUNDS[refund["status"]],
        refund_amount=stripe_units.to_minor(refund["amount"], currency),
        currency=currency,
    )


def _metadata(content: dict[str, Any], name: str) -> str:
    return str((content.get("metadata") or {}).get(name) or "")
