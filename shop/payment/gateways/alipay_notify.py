"""Alipay's asynchronous notify: a form, signed over everything but ``sign`` and ``sign_type``."""

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from shop.core import money
from shop.core.errors import Invalid
from shop.payment.gateways.alipay_client import BEIJING, TIME_FORMAT
from shop.payment.gateways.base import BadSignature, Event, EventKind, ForeignMerchant

MAX_BODY_BYTES = 64 * 1024
MAX_FIELDS = 200

Verify = Callable[[dict[str, str], str], bool]


def parse(raw_body: bytes, *, verify: Verify, app_id: str, seller_id: str) -> Event:
    """Check signature, then merchant, then form.

    Raises ``BadSignature`` for what is unsigned, changed or unreadable, and ``ForeignMerchant`` for
    what is signed for someone else. ``verify`` is the SDK's: it drops ``sign_type`` itself, but
    leaves ``sign`` in, so both are taken out here.
    """
    fields = _read_form(raw_body)
    signature = fields.pop("sign", "")
    if fields.pop("sign_type", "") != "RSA2" or not signature:
        raise BadSignature(detail="sign_type")
    try:
        good = verify(dict(fields), signature)
    except ValueError:  # the signature is not base64, or not ASCII
        good = False
    if not good:
        raise BadSignature(no=fields.get("out_trade_no", "")[:64])
    if fields.get("app_id") != app_id or fields.get("seller_id") != seller_id:
        raise ForeignMerchant(no=fields.get("out_trade_no", "")[:64])
    return _event(fields)


def read_time(text: object) -> datetime | None:
    """A Beijing time as an aware one in UTC; None when there is none or it cannot be read."""
    if not isinstance(text, str):
        return None
    try:
        # Some times carry milliseconds.
        moment = datetime.strptime(text[:19], TIME_FORMAT)  # noqa: DTZ007 - Beijing, next line
    except ValueError:
        return None
    return moment.replace(tzinfo=BEIJING).astimezone(UTC)


def _read_form(raw_body: bytes) -> dict[str, str]:
    if len(raw_body) > MAX_BODY_BYTES:
        raise BadSignature(detail="too long")
    try:
        pairs = parse_qsl(
            raw_body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError:
        raise BadSignature(detail="not a form") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        # Which of two equal names was signed cannot be told.
        raise BadSignature(detail="repeated field")
    return fields


def _event(fields: dict[str, str]) -> Event:
    status = fields.get("trade_status", "")
    refund_no = fields.get("out_biz_no") or None
    # After a refund the notify repeats TRADE_SUCCESS (partial) or TRADE_CLOSED (whole).
    refunded = bool(fields.get("gmt_refund") or fields.get("refund_fee"))
    kinds = {
        "WAIT_BUYER_PAY": EventKind.PENDING,
        "TRADE_SUCCESS": EventKind.PAID,
        "TRADE_FINISHED": EventKind.PAID,
        "TRADE_CLOSED": EventKind.CLOSED,
    }
    no, event_id = fields.get("out_trade_no", ""), fields.get("notify_id", "")
    try:
        amount = money.parse(fields["total_amount"])
        total_refunded = money.parse(fields["refund_fee"]) if fields.get("refund_fee") else None
        kind = EventKind.REFUNDED if refunded else kinds[status]
    except (KeyError, Invalid):
        raise BadSignature(no=no[:64], detail="unreadable") from None
    if not no or not event_id:
        raise BadSignature(detail="unnamed")
    return Event(
        kind=kind,
        no=no,
        refund_no=refund_no if refunded else None,
        amount=amount,
        merchant_ids=(fields["app_id"], fields["seller_id"]),
        event_id=event_id,
        provider_id=fields.get("trade_no") or None,
        paid_at=read_time(fields.get("gmt_payment")),
        total_refunded=total_refunded,
        raw_status=status,
    )
