"""Signed links that end mails nobody has to sign in for: whoever holds one may end those, nothing else."""

import base64
import hashlib
import hmac

WAIT = "wait"
"""Of what is back: the token names a request."""
WISHLIST = "wishlist"
"""Of what changed on a wishlist: the token names a member."""


def sign(kind: str, public_id: str, secret: str) -> str:
    """The token of a link: 128 bits over kind and id. It does not end: mails are kept for long."""
    return f"{kind}.{public_id}.{_mac(kind, public_id, secret)}"


def read(token: str, secret: str) -> tuple[str, str] | None:
    """Kind and public id of a token; None for one that is not ours."""
    kind, _, rest = token.partition(".")
    public_id, _, mac = rest.partition(".")
    wanted = _mac(kind, public_id, secret).encode()
    if kind not in (WAIT, WISHLIST) or not hmac.compare_digest(
        wanted, mac.encode("utf-8", "replace")
    ):
        return None
    return kind, public_id


def _mac(kind: str, public_id: str, secret: str) -> str:
    text = f"leave-mails:{kind}:{public_id}".encode("utf-8", "replace")
    digest = hmac.new(secret.encode(), text, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=")
