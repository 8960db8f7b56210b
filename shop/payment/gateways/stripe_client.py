"""Stripe's SDK with our transport: bounded answers, no redirects, no retries and no telemetry."""

from collections.abc import Iterator, Mapping
from operator import attrgetter
from typing import Any
from urllib.parse import urlsplit

import requests
import stripe

from shop.payment.gateways.base import Misconfigured, Rejected, Retryable, Unknown

MAX_ANSWER_BYTES = 8 << 20
PAGE = 100
"""The longest list that Stripe gives at once."""

# The SDK has no other switch: it would keep a number for this machine in a file, and tell it.
stripe.enable_telemetry = False


class _Transport(stripe.HTTPClient):  # type: ignore[misc]  # the SDK is not followed by mypy
    """One request. What it says of this machine is taken out of the SDK's headers."""

    name = "requests"

    def __init__(self, api_base: str, timeout: tuple[float, float]) -> None:
        super().__init__()
        self._timeout = timeout
        # A proxy of the environment cannot reach a sandbox on this machine.
        self._direct = _is_loopback(urlsplit(api_base).hostname or "")

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[str, int, Mapping[str, str]]:
        """Body, status and headers; raises ``APIConnectionError`` however the network failed."""
        sent = {
            name: value
            for name, value in (headers or {}).items()
            if not name.lower().startswith("x-stripe-client")
        } | {"User-Agent": "xiaopu"}
        try:
            with requests.Session() as session:
                session.trust_env = not self._direct
                with session.request(
                    method,
                    url,
                    headers=sent,
                    data=post_data,
                    timeout=self._timeout,
                    allow_redirects=False,
                    stream=True,
                ) as answer:
                    raw = answer.raw.read(MAX_ANSWER_BYTES + 1, decode_content=True)
                    if len(raw) > MAX_ANSWER_BYTES:
                        raise ValueError("answer too long")
                    return raw.decode("utf-8"), answer.status_code, answer.headers
        except Exception as error:
            raise stripe.APIConnectionError(type(error).__name__) from error

    def close(self) -> None:
        """Nothing stays open between requests."""


class StripeClient:
    """The calls of the SDK by name, answered with plain values or one of our errors."""

    def __init__(self, api_base: str, secret_key: str, timeout: tuple[float, float]) -> None:
        self._api = stripe.StripeClient(
            secret_key,
            base_addresses={"api": api_base.rstrip("/")},
            http_client=_Transport(api_base, timeout),
            max_network_retries=0,
        ).v1

    def ask(
        self, operation: str, *args: Any, params: Mapping[str, Any], key: str | None = None
    ) -> dict[str, Any]:
        """One call, for instance ``checkout.sessions.create``; ``key`` makes a repetition the same act.

        Raises ``Rejected`` for a definite no, ``Retryable``, ``Misconfigured``, and ``Unknown`` for
        everything that may have been executed.
        """
        options = {"idempotency_key": key} if key else {}
        try:
            answer = attrgetter(operation)(self._api)(*args, dict(params), options)
            found: dict[str, Any] = answer.to_dict()
        except stripe.StripeError as error:
            raise _sorted(operation, error) from error
        except Exception as error:
            # Whatever the SDK makes of an answer that is none: it may have been executed.
            raise Unknown(operation=operation, detail=type(error).__name__) from error
        return found

    def listed(
        self, operation: str, params: Mapping[str, Any], pages: int
    ) -> Iterator[dict[str, Any]]:
        """The rows of a list, the newest first, from at most ``pages`` pages."""
        asked = {**params, "limit": PAGE}
        for _ in range(pages):
            answer = self.ask(operation, params=asked)
            rows = answer.get("data")
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                raise Unknown(operation=operation, detail="not a list")
            yield from rows
            if not answer.get("has_more") or not rows:
                return
            asked["starting_after"] = str(rows[-1].get("id", ""))
        raise Unknown(operation=operation, detail="too many pages")


def _sorted(operation: str, error: stripe.StripeError) -> Exception:
    """A no is definite only where Stripe itself words it, and says that nothing was done."""
    told, status = error.error is not None, error.http_status or 0
    code = str(error.code or getattr(error.error, "code", None) or "")[:40]
    if told and isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
        return Misconfigured(gateway="stripe", operation=operation, provider_code=code)
    if told and (isinstance(error, stripe.RateLimitError) or status == 409):
        return Retryable(gateway="stripe", operation=operation, provider_code=code)
    if told and isinstance(error, stripe.IdempotencyError):
        return Rejected("idempotency_error", gateway="stripe", operation=operation)
    if told and isinstance(error, stripe.InvalidRequestError | stripe.CardError):
        return Rejected(code or "invalid_request", gateway="stripe", operation=operation)
    detail = f"HTTP {status}" if status else type(error).__name__
    return Unknown(gateway="stripe", operation=operation, detail=detail)


def _is_loopback(host: str) -> bool:
    return host in {"localhost", "::1"} or host.startswith("127.")
