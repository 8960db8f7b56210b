"""Getting the bytes of a picture from an address, carefully."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urljoin

import certifi
import urllib3
from urllib3.exceptions import HTTPError, TimeoutError
from urllib3.response import BaseHTTPResponse

from shop.catalog.fetching.addresses import PORTS, Resolve, is_public, parts, resolve
from shop.catalog.rendering import MAX_BYTES
from shop.core.errors import Invalid

MOST_REDIRECTS = 5
_CHUNK = 64 * 1024
_REDIRECTS = {301, 302, 303, 307, 308}
_FOR_NOW = {408, 425, 429, 500, 502, 503, 504}
_HEADERS = {"Accept": "image/*", "Accept-Encoding": "identity", "User-Agent": "Xiaopu/1 (pictures)"}


class Later(Invalid):
    """It did not work this time, but may another time."""


@dataclass(frozen=True, slots=True)
class Net:
    """How the net is reached. Tests put their own server in its place."""

    resolve: Resolve = resolve
    allowed: Callable[[str], bool] = is_public
    ports: dict[str, int] = field(default_factory=lambda: dict(PORTS))
    connect_seconds: float = 5
    read_seconds: float = 10
    whole_seconds: float = 30


def download(url: str, net: Net | None = None) -> bytes:
    """What lies at ``url``, at most ``rendering.MAX_BYTES`` of it; redirects are followed, each judged anew.

    Raises ``Invalid``: "picture-address", "picture-private" (a place that is not public),
    "picture-redirects", "picture-gone" (an answer of 4xx), "image-too-large"; ``Later``:
    "picture-unreachable", "picture-slow", "picture-refused" (an answer that may pass).
    """
    net = net or Net()
    ends = time.monotonic() + net.whole_seconds
    for _ in range(MOST_REDIRECTS + 1):
        asked = parts(url)
        answer = _ask(asked, net)
        try:
            if answer.status not in _REDIRECTS:
                return _body(answer, ends)
            target = answer.headers.get("Location", "")
        finally:
            answer.close()
        try:
            url = urljoin(url, target)
        except ValueError:
            raise Invalid("picture-address") from None
    raise Invalid("picture-redirects")


def _ask(asked: SplitResult, net: Net) -> BaseHTTPResponse:
    host = asked.hostname or ""
    try:
        addresses = net.resolve(host)
    except (OSError, UnicodeError):
        raise Later("picture-unreachable") from None
    if not addresses:
        raise Later("picture-unreachable")
    if not all(net.allowed(address) for address in addresses):
        raise Invalid("picture-private")
    port = net.ports[asked.scheme]
    timeout = urllib3.Timeout(connect=net.connect_seconds, read=net.read_seconds)
    pool: urllib3.HTTPConnectionPool
    if asked.scheme == "https":
        pool = urllib3.HTTPSConnectionPool(
            addresses[0],
            port,
            timeout=timeout,
            ca_certs=certifi.where(),
            server_hostname=host,
            assert_hostname=host,
        )
    else:
        pool = urllib3.HTTPConnectionPool(addresses[0], port, timeout=timeout)
    target = (asked.path or "/") + (f"?{asked.query}" if asked.query else "")
    try:
        return pool.request(
            "GET",
            urllib3.util.parse_url(target).url,
            headers={**_HEADERS, "Host": f"[{host}]" if ":" in host else host},
            redirect=False,
            retries=False,
            preload_content=False,
        )
    except TimeoutError:
        raise Later("picture-slow") from None
    except (HTTPError, OSError, UnicodeError):
        raise Later("picture-unreachable") from None


def _body(answer: BaseHTTPResponse, ends: float) -> bytes:
    if answer.status in _FOR_NOW:
        raise Later("picture-refused", status=answer.status)
    if answer.status != 200:
        raise Invalid("picture-gone", status=answer.status)
    told = answer.headers.get("Content-Length", "")
    limit = MAX_BYTES // 1024 // 1024
    if told.isascii() and told.isdigit() and int(told[:20]) > MAX_BYTES:
        raise Invalid("image-too-large", limit_mb=limit)
    found = bytearray()
    try:
        while chunk := answer.read1(_CHUNK, decode_content=False):
            found += chunk
            if len(found) > MAX_BYTES:
                raise Invalid("image-too-large", limit_mb=limit)
            if time.monotonic() > ends:
                raise Later("picture-slow")
    except TimeoutError:
        raise Later("picture-slow") from None
    except (HTTPError, OSError):
        raise Later("picture-unreachable") from None
    return bytes(found)
