"""Codes of gift cards: sixteen characters that only the shop's secret can make or recognise.

The database keeps a keyed hash and the last four characters; whoever reads it can spend nothing.
"""

import hashlib
import hmac
from collections.abc import Iterable

from shop.core.ids import ALPHABET

LENGTH = 16


def normalised(typed: str) -> str:
    """What a person typed, without spaces, dashes and small letters."""
    return "".join(ch for ch in typed.upper() if ch.isascii() and ch.isalnum())[:40]


def derived(nonce: str, secret: str) -> str:
    """The code of a card, made again: 78 bits out of a keyed hash of its ``nonce``."""
    number = int.from_bytes(_mac(b"gift-card-code:", nonce, secret))
    drawn = []
    for _ in range(LENGTH):
        number, place = divmod(number, len(ALPHABET))
        drawn.append(ALPHABET[place])
    return "".join(drawn)


def hashed(code: str, secret: str) -> str:
    """What is kept of a normalised code."""
    return _mac(b"gift-card-hash:", code, secret).hex()


def hashes(typed: str, secrets: Iterable[str]) -> list[str]:
    """What a typed code may be kept as: under today's secret, or one of before. Empty for no code."""
    code = normalised(typed)
    return [hashed(code, secret) for secret in secrets] if len(code) == LENGTH else []


def grouped(code: str) -> str:
    """The code in groups of four, as people read it."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def _mac(purpose: bytes, text: str, secret: str) -> bytes:
    key = hashlib.sha256(purpose + secret.encode()).digest()
    return hmac.new(key, text.encode("utf-8", "replace"), hashlib.sha256).digest()
