"""Who is asking: the signed-in person of a request, as Flask-Login wants to see it."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Identity:
    """A signed-in person with the session they came in by; a plain value, read in one statement.

    ``get_id`` gives the session's token: it is what the signed cookie holds, and what the loader hashes
    to find the row, so that a revoked row ends a copied cookie as well.
    """

    user_id: int
    public_id: str
    username: str
    email: str
    display_name: str
    locale: str
    is_operator: bool
    confirmed: bool
    session_id: int
    session_public_id: str
    seen_at: datetime
    token: str = field(default="", repr=False)

    is_authenticated = True
    is_active = True
    is_anonymous = False

    @property
    def name(self) -> str:
        """What the person is called."""
        return self.display_name or self.username

    def get_id(self) -> str:
        """What Flask-Login keeps in the cookie."""
        return self.token
