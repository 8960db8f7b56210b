"""Identifiers that strangers may see: random, never sequential.

Alphabets leave out what is misread by eye or ear (0 O, 1 I L, U).
"""

import random
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # 30 characters, for numbers people read aloud
_LOWER = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32, for URLs

_source: list[random.Random] = [secrets.SystemRandom()]


@contextmanager
def drawn_from(source: random.Random) -> Iterator[None]:
    """Draw ids from ``source`` within the block, so that the same seed makes the same demo shop.

    Never for anything that guards something: ``token`` does not listen to it.
    """
    _source.append(source)
    try:
        yield
    finally:
        _source.pop()


def _draw(alphabet: str, length: int) -> str:
    return "".join(_source[-1].choice(alphabet) for _ in range(length))


def public_id() -> str:
    """80 random bits as 16 lower-case characters: the id of a row in URLs and forms."""
    return _draw(_LOWER, 16)


def token(bits: int = 128) -> str:
    """A secret of at least ``bits`` random bits, safe in URLs."""
    return secrets.token_urlsafe((bits + 7) // 8)


def check_character(text: str) -> str:
    """The check digit of ``text``, digits and letters of ``ALPHABET``.

    Weights without a common factor with the alphabet's thirty, so every single wrong character is
    noticed; alternating, so are swapped neighbours, but for those fifteen places apart.
    """
    values = ("01" + ALPHABET).index
    total = sum((11, 13)[place % 2] * values(character) for place, character in enumerate(text))
    return ALPHABET[total % len(ALPHABET)]


def order_number(day: datetime) -> str:
    """A dated, random, check-digited number such as ``261122-3KX6BR``.

    ``day`` is in the store's zone. The five random characters give 24 million numbers a day; the
    caller relies on the unique constraint and asks again on a collision.
    """
    stem = _draw(ALPHABET, 5)
    date = day.strftime("%y%m%d")
    return f"{date}-{stem}{check_character(date + stem)}"


def normalise_number(text: str) -> str:
    """What a person typed as an order number, in the form it is stored in."""
    bare = "".join(ch for ch in text.upper() if ch.isalnum())
    return f"{bare[:6]}-{bare[6:]}" if len(bare) > 6 else bare


def is_order_number(text: str) -> bool:
    """Whether ``text`` has the form and the check digit of an order number."""
    if len(text) != 13 or text[6] != "-" or not text[:6].isdigit():
        return False
    stem, check = text[7:12], text[12]
    return all(ch in ALPHABET for ch in stem) and check_character(text[:6] + stem) == check


def redemption_code() -> str:
    """A code that staff redeem at the counter: 12 characters in groups of four, 58 random bits."""
    raw = _draw(ALPHABET, 12)
    return "-".join(raw[i : i + 4] for i in (0, 4, 8))


def transfer_reference() -> str:
    """What a bank transfer carries, such as ``XP7K3M9QD``: letters and digits alone, as banks keep them,
    with a check digit; the caller relies on the unique constraint."""
    stem = _draw(ALPHABET, 6)
    return f"XP{stem}{check_character(stem)}"


def normalise_reference(text: str) -> str:
    """What a person or a bank wrote as the reference of a transfer, in the form it is stored in."""
    return "".join(ch for ch in text.upper() if ch.isascii() and ch.isalnum())


def attempt_number(prefix: str) -> str:
    """A number for a payment provider: 24 of ``[A-Za-z0-9]`` (6-32 allowed by all of them)."""
    return prefix + _draw(ALPHABET, 24 - len(prefix))
