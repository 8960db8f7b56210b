"""Whose cart it is."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Owner:
    """A signed-in user, or a guest known by the token in a cookie. Neither: nobody yet."""

    user_id: int | None = None
    token: str | None = None

    @property
    def token_hash(self) -> str | None:
        """What the database keeps of a guest's token."""
        if self.user_id is not None or not self.token:
            return None
        return hash_token(self.token)


def hash_token(token: str) -> str:
    """The stored form of a guest's token."""
    return hashlib.sha256(token.encode()).hexdigest()
