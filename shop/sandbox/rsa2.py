"""RSA2: SHA256withRSA (PKCS #1 v1.5) in base64 over the sorted ``k=v&…`` of a message.

Written on `cryptography`, not on the SDK that the shop uses: two independent hands must agree.
"""

import base64
import binascii
from collections.abc import Collection, Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa


def content_to_sign(params: Mapping[str, str], leave_out: Collection[str]) -> str:
    """The text a signature covers: a request leaves out ``sign``, a notify ``sign_type`` too."""
    return "&".join(f"{key}={params[key]}" for key in sorted(params) if key not in leave_out)


def sign(key: rsa.RSAPrivateKey, content: str) -> str:
    """Sign ``content`` (UTF-8)."""
    signature = key.sign(content.encode(), padding.PKCS1v15(), hashes.SHA256())
    return base64.b64encode(signature).decode("ascii")


def verify(key: rsa.RSAPublicKey, content: str, signature: str) -> bool:
    """Whether ``signature`` is ``key``'s over ``content``; malformed base64 is simply a no."""
    try:
        raw = base64.b64decode(signature, validate=True)
        key.verify(raw, content.encode(), padding.PKCS1v15(), hashes.SHA256())
    except (binascii.Error, ValueError, InvalidSignature):
        return False
    return True
