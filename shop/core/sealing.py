"""Secrets at rest: sealed with a key that the database does not hold (AES-256-GCM, NIST SP 800-38D)."""

import base64
import binascii
import hashlib
import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shop.core.errors import ShopError

_NONCE = 12
_SIZE = 32


class CannotOpen(ShopError):
    """What was sealed stays sealed: ``key-missing`` (its key is not at hand) or ``sealed-damaged``."""

    code = "cannot-open"


def new_key() -> str:
    """A key as the environment keeps it: 32 random bytes in URL-safe base64."""
    return base64.urlsafe_b64encode(secrets.token_bytes(_SIZE)).decode()


class Keyring:
    """The first key seals, each of them opens: a new one is put in front of the old."""

    def __init__(self, keys: Sequence[bytes] = ()) -> None:
        self._ciphers = {hashlib.sha256(key).hexdigest()[:12]: AESGCM(key) for key in keys}

    @classmethod
    def of(cls, text: str) -> "Keyring":
        """The keys of a setting, with commas between. Raises ``ValueError`` without showing them."""
        keys = []
        for part in filter(None, (one.strip() for one in text.split(","))):
            try:
                key = base64.b64decode(part, altchars=b"-_", validate=True)
            except (binascii.Error, ValueError):
                key = b""
            if len(key) != _SIZE:
                raise ValueError("not a key of 32 bytes in base64")
            keys.append(key)
        return cls(keys)

    def __bool__(self) -> bool:
        return bool(self._ciphers)

    def __repr__(self) -> str:
        return f"Keyring({', '.join(self._ciphers)})"

    @property
    def first(self) -> str:
        """The id of the key that seals; empty when there is none."""
        return next(iter(self._ciphers), "")

    def require(self) -> None:
        """Raise ``CannotOpen("key-missing")`` when nothing can be sealed."""
        if not self._ciphers:
            raise CannotOpen("key-missing")

    def seal(self, plain: bytes, about: str) -> tuple[str, str]:
        """Key id and text of ``plain``, which opens only for the same ``about``. Raises ``CannotOpen``
        when there is no key."""
        self.require()
        nonce = secrets.token_bytes(_NONCE)
        sealed = self._ciphers[self.first].encrypt(nonce, plain, f"{self.first}:{about}".encode())
        return self.first, base64.b64encode(nonce + sealed).decode()

    def open(self, key_id: str, text: str, about: str) -> bytes:
        """What was sealed. Raises ``CannotOpen``."""
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise CannotOpen("key-missing", key=key_id)
        try:
            raw = base64.b64decode(text, validate=True)
            return cipher.decrypt(raw[:_NONCE], raw[_NONCE:], f"{key_id}:{about}".encode())
        except (InvalidTag, ValueError):
            raise CannotOpen("sealed-damaged", key=key_id) from None
