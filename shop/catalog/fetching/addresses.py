"""Which addresses of the net may be asked: those that anybody can reach.

A merchant's file must not make this machine ask others of its own network (server-side request forgery).
A name is looked up once and every address that it has is judged; the connection goes to an address that
was judged, so that a name which answers differently the second time gains nothing.
"""

import ipaddress
import socket
from collections.abc import Callable, Sequence
from urllib.parse import SplitResult, urlsplit

from shop.core.errors import Invalid

PORTS = {"http": 80, "https": 443}
_LONGEST = 2000
# Public by the registries' lists, and yet doors to IPv4 addresses of any kind: NAT64 (RFC 6052),
# 6to4 (RFC 3056), Teredo (RFC 4380).
_TRANSLATED = tuple(
    ipaddress.ip_network(net)
    for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
)

Resolve = Callable[[str], Sequence[str]]
"""Name → its IP addresses. Raises ``OSError``."""


def resolve(host: str) -> list[str]:
    """The addresses of a name, as the system knows them."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open net: not of this machine, of a network around it, of a
    provider's inside, for many at once, or one that hides another."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return is_public(str(found.ipv4_mapped))
        if any(found in net for net in _TRANSLATED):
            return False
    return found.is_global and not found.is_multicast and not found.is_reserved


def parts(url: str) -> SplitResult:
    """The parts of an address that may be asked for. Raises ``Invalid("picture-address")``: not http(s),
    another port than theirs, a name and password in it, no host."""
    try:
        found = urlsplit(url)
        port = found.port
    except ValueError:
        raise Invalid("picture-address") from None
    plain = found.username is None and found.password is None
    if (
        found.scheme not in PORTS
        or not found.hostname
        or not plain
        or port not in {None, PORTS[found.scheme]}
        or len(url) > _LONGEST
        or not url.isprintable()
        or " " in url
    ):
        raise Invalid("picture-address")
    return found
