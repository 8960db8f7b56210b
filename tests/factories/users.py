"""People for tests, made through the services."""

from dataclasses import dataclass
from functools import cache
from itertools import count

from shop.account import passwords, services
from shop.account.passwords import HashedPassword
from shop.core.transaction import transaction

PASSWORD = "a pine on the hill"
_number = count(1)


@dataclass(frozen=True)
class Person:
    """Somebody with an account; their password is PASSWORD."""

    id: int
    public_id: str
    username: str
    email: str


@cache
def hashed() -> HashedPassword:
    """PASSWORD, hashed once per run."""
    return passwords.prepare(PASSWORD)


def make_user(username: str | None = None, **fields) -> Person:
    """Open an account with a confirmed address. Fields as of ``account.services.register``."""
    name = username or f"person{next(_number)}"
    fields.setdefault("confirmed", True)
    with transaction():
        user = services.register(
            name,
            fields.pop("email", f"{name}@example.com"),
            fields.pop("password", hashed()),
            **fields,
        )
        return Person(user.id, user.public_id, user.username, user.email)
