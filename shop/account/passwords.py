"""Passwords: which are accepted, how they are kept, how they are checked.

Argon2id with the parameters that OWASP's Password Storage Cheat Sheet names first (19 MiB, two passes,
one lane). A password is never shortened: what is longer than the limit is refused.
"""

from dataclasses import dataclass
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from shop.account.common_passwords import COMMON
from shop.core.contact import fold
from shop.core.errors import Invalid

SHORTEST = 8
LONGEST = 128

hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""Makes and checks hashes. Tests, which sign in thousands of times, put a cheap one here."""


@dataclass(frozen=True, slots=True)
class HashedPassword:
    """A password that was accepted, in the form in which it is kept."""

    hash: str


def prepare(password: str, *, username: str = "", email: str = "") -> HashedPassword:
    """Accept and hash a new password: 8 to 128 characters, not a common one, not the person's own name.

    Takes tens of milliseconds, so the edge calls it before its transaction. Raises ``Invalid``:
    "password-short", "password-long", "password-common", "password-like-name", "text-unreadable".
    """
    if len(password) < SHORTEST:
        raise Invalid("password-short", field="password", minimum=SHORTEST)
    if len(password) > LONGEST:
        raise Invalid("password-long", field="password", maximum=LONGEST)
    if "\0" in password or not _encodable(password):
        raise Invalid("text-unreadable", field="password")
    folded = fold(password)
    if folded in COMMON or len(set(folded)) < 3:
        raise Invalid("password-common", field="password")
    names = {fold(username), fold(email), fold(email).partition("@")[0]}
    if folded in names:
        raise Invalid("password-like-name", field="password")
    return HashedPassword(hasher.hash(password))


def matches(hashed: str | None, password: str) -> bool:
    """Whether ``password`` belongs to ``hashed``; None (nobody) costs the same work and never matches."""
    if len(password) > LONGEST or not _encodable(password):
        hashed, password = None, "too long to be anybody's"
    try:
        hasher.verify(hashed or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False
    return hashed is not None


def is_outdated(hashed: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return hasher.check_needs_rehash(hashed)


@cache
def _nobodys() -> str:
    return hasher.hash("the password of nobody at all")


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True
