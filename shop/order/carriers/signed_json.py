"""Carriers that speak our plain signed JSON (docs/carriers.md): one address and one key per carrier."""

import hashlib
import hmac
import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from shop.core import clock
from shop.order.carriers.base import BadSignature, CarrierError, Push
from shop.order.tracking import KINDS, Event

TIMESTAMP, SIGNATURE = "X-Carrier-Timestamp", "X-Carrier-Signature"
FRESH = timedelta(minutes=10)
MOST_BYTES, MOST_EVENTS = 256 * 1024, 500


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Leave a redirect the error that it is: signed requests go to the carrier only."""


def sign(key: str, timestamp: str, content: bytes) -> str:
    """HMAC-SHA256 over time stamp, a dot and the content, in hexadecimal digits."""
    return hmac.new(key.encode(), timestamp.encode() + b"." + content, hashlib.sha256).hexdigest()


class SignedJson:
    """One carrier. ``callback`` is where it is asked to push to; "" for nowhere."""

    def __init__(self, base: str, key: str, *, callback: str = "", timeout: float = 5) -> None:
        self._base, self._key = base.rstrip("/"), key
        self._callback, self._timeout = callback, timeout
        handlers: list[urllib.request.BaseHandler] = [_NoRedirect()]
        if (urlsplit(base).hostname or "") in {"127.0.0.1", "localhost", "::1"}:
            # The simulator is on this machine, and a proxy of the environment cannot reach it.
            handlers.append(urllib.request.ProxyHandler({}))
        self._opener = urllib.request.build_opener(*handlers)

    def track(self, number: str) -> list[Event]:
        """Ask for everything known of a number; the answer must be signed as well."""
        asked = {"number": number} | ({"callback": self._callback} if self._callback else {})
        query = urlencode(asked)
        stamp = _stamp()
        request = urllib.request.Request(  # noqa: S310 - the address is the operator's setting
            f"{self._base}/track?{query}",
            headers={TIMESTAMP: stamp, SIGNATURE: sign(self._key, stamp, query.encode())},
        )
        try:
            with self._opener.open(request, timeout=self._timeout) as answer:
                headers, body = dict(answer.headers), answer.read(MOST_BYTES + 1)
        except (OSError, http.client.HTTPException) as error:
            raise CarrierError(detail=type(error).__name__) from error
        try:
            told = self.parse_push(headers, body)
        except BadSignature as error:
            raise CarrierError(detail=f"answer: {error.params.get('detail')}") from error
        if told.number != number:
            raise CarrierError(detail="another number")
        return told.events

    def parse_push(self, headers: Mapping[str, str], body: bytes) -> Push:
        """A signed message; see ``CarrierGateway``."""
        low = {name.lower(): value for name, value in headers.items()}
        stamp, given = low.get(TIMESTAMP.lower(), ""), low.get(SIGNATURE.lower(), "")
        good = hmac.compare_digest(sign(self._key, stamp, body).encode(), given.lower().encode())
        if not good:
            raise BadSignature(detail="signature")
        if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
            raise BadSignature(detail="time stamp")
        if abs(clock.now().timestamp() - int(stamp)) > FRESH.total_seconds():
            raise BadSignature(detail="too old")
        if len(body) > MOST_BYTES:
            raise BadSignature(detail="too long")
        try:
            return _read(json.loads(body))
        except (ValueError, KeyError, TypeError, RecursionError, OverflowError) as error:
            raise BadSignature(detail=f"content: {type(error).__name__}") from error


def _read(told: Any) -> Push:
    number, rows = told["number"], told["events"]
    if not isinstance(number, str) or not isinstance(rows, list) or len(rows) > MOST_EVENTS:
        raise ValueError
    return Push(_text(number, 60), [_event(row) for row in rows])


def _event(row: Any) -> Event:
    event_id, at = row["id"], datetime.fromisoformat(row["at"])
    if not isinstance(event_id, str) or not 0 < len(event_id) <= 80 or "\0" in event_id:
        raise ValueError
    if at.tzinfo is None or row["kind"] not in KINDS:
        raise ValueError
    return Event(
        event_id, at, row["kind"], _text(row.get("place", ""), 120), _text(row.get("text", ""), 255)
    )


def _text(value: Any, most: int) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value.replace("\0", "")[:most]


def _stamp() -> str:
    return str(int(clock.now().timestamp()))
