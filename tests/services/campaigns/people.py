"""Users who only need to exist."""

from itertools import count

from shop.account.models import User
from shop.core.db import db
from shop.core.transaction import transaction

_number = count(1)


def make_person() -> int:
    """A user without a password that fits anything."""
    name = f"person{next(_number)}"
    email = f"{name}@example.com"
    with transaction():
        user = User(
            username=name, username_key=name, email=email, email_key=email, password_hash="-"
        )
        db.session.add(user)
        db.session.flush()
        return user.id
