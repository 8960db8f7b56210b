"""How Stripe reads forms, words a no, names things, and signs what it tells."""

import hashlib
import hmac
import re
import secrets
import string
from collections.abc import Iterable
from typing import Any

_PART = re.compile(r"[^\[\]]+")
_LETTERS = string.ascii_letters + string.digits


class Refusal(Exception):
    """A definite no: HTTP status, and the error as Stripe words it."""

    def __init__(self, status: int, code: str, message: str, kind: str = "") -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message
        self.kind = kind or "invalid_request_error"

    def body(self) -> dict[str, Any]:
        """What the answer says."""
        return {"error": {"type": self.kind, "code": self.code, "message": self.message}}


def missing(what: str) -> Refusal:
    """The refusal of what does not exist."""
    return Refusal(404, "resource_missing", f"No such {what}")


def invalid(name: str) -> Refusal:
    """The refusal of a parameter."""
    return Refusal(400, "parameter_invalid", f"Invalid {name}")


def read_form(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """``a[b][0]=c`` as ``{"a": {"b": {"0": "c"}}}``; raises ``Refusal`` for what contradicts itself."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        parts = _PART.findall(name) or [name]
        here = found
        for part in parts[:-1]:
            here = here.setdefault(part, {})
            if not isinstance(here, dict):
                raise invalid(name)
        if isinstance(here.get(parts[-1]), dict):
            raise invalid(name)
        here[parts[-1]] = value
    return found


def text(body: dict[str, Any], *path: str, size: int = 2000) -> str:
    """A required text; raises ``Refusal``."""
    here: Any = body
    for part in path:
        here = here.get(part) if isinstance(here, dict) else None
    if not isinstance(here, str) or not 0 < len(here) <= size:
        raise Refusal(400, "parameter_missing", f"Missing required param: {'.'.join(path)}")
    return here


def number(body: dict[str, Any], *path: str) -> int:
    """A required positive whole number; raises ``Refusal``."""
    written = text(body, *path, size=12)
    if not written.isascii() or not written.isdecimal() or not 0 < int(written) <= 99_999_999:
        raise Refusal(400, "parameter_invalid_integer", f"Invalid integer: {'.'.join(path)}")
    return int(written)


def metadata(body: dict[str, Any], *path: str) -> dict[str, str]:
    """Key and value pairs of the merchant's."""
    here: Any = body
    for part in path:
        here = here.get(part) if isinstance(here, dict) else None
    given = here if isinstance(here, dict) else {}
    return {key: value for key, value in given.items() if isinstance(value, str)}


def invent(prefix: str, size: int = 24) -> str:
    """An id such as ``pi_…``."""
    return prefix + "".join(secrets.choice(_LETTERS) for _ in range(size))


def sign(secret: str, body: str, now: float) -> str:
    """``Stripe-Signature``: written without the SDK, so that two independent hands must agree."""
    stamp = str(int(now))
    mac = hmac.new(secret.encode(), f"{stamp}.{body}".encode(), hashlib.sha256)
    return f"t={stamp},v1={mac.hexdigest()}"
