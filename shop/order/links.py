"""Signed links: to an order, for guests (whoever holds it may see and act on that one order), and to a
download that has been counted."""

import base64
import hashlib
import hmac
from datetime import timedelta

from shop.core import clock

DOWNLOAD_LASTS = timedelta(minutes=15)
"""Long enough for a broken transfer to go on, too short to be passed around."""


def sign(number: str, secret: str) -> str:
    """The key of an order's link: 128 bits, 22 characters, safe in URLs."""
    mac = hmac.new(secret.encode(), b"order-link:" + number.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac[:16]).decode().rstrip("=")


def check(number: str, key: str, secret: str) -> bool:
    """Whether ``key`` opens order ``number``; compares in constant time."""
    return hmac.compare_digest(sign(number, secret).encode(), key.encode("utf-8", "replace"))


def sign_download(line: str, file: str, secret: str, lasts: timedelta = DOWNLOAD_LASTS) -> str:
    """The token of a download that has been counted: a line and one of its files, by their ids."""
    ends = int((clock.now() + lasts).timestamp())
    return f"{line}.{file}.{ends}.{_download_mac(line, file, ends, secret)}"


def read_download(token: str, secret: str) -> tuple[str, str] | None:
    """The line and the file that ``token`` opens; None for one that is over or was not made here."""
    line, _, rest = token.partition(".")
    file, _, rest = rest.partition(".")
    ends, _, mac = rest.partition(".")
    if not (ends.isascii() and ends.isdigit() and len(ends) < 12):
        return None
    if not hmac.compare_digest(
        _download_mac(line, file, int(ends), secret).encode(), mac.encode("utf-8", "replace")
    ):
        return None
    return (line, file) if int(ends) > clock.now().timestamp() else None


def _download_mac(line: str, file: str, ends: int, secret: str) -> str:
    text = f"download:{line}:{file}:{ends}".encode("utf-8", "replace")
    digest = hmac.new(secret.encode(), text, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=")
