"""Accounts: opening one, proving who one is, changing what it says."""

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from shop.account import credentials, passwords, sessions
from shop.account.models import User
from shop.account.passwords import HashedPassword
from shop.core import clock, outbox
from shop.core.contact import email_key, fold
from shop.core.db import db
from shop.core.errors import Invalid, NotFound

LOCALES = ("en", "zh")


class UsernameTaken(Invalid):
    """Another account has this user name."""

    code = "username-taken"


class EmailTaken(Invalid):
    """Another account has this address. The edge tells nobody but the address itself."""

    code = "email-taken"


@dataclass(frozen=True, slots=True)
class Verified:
    """Somebody who knows the password of an account: hand it to ``sessions.create``."""

    user_id: int
    password_hash: str
    outdated: bool


def register(
    username: str,
    email: str,
    password: str | HashedPassword,
    *,
    locale: str = "en",
    display_name: str = "",
    phone: str = "",
    confirmed: bool = False,
    is_operator: bool = False,
) -> User:
    """Open an account. Records ``user.registered{user_id}``; the address is confirmed by a link of its own.

    ``password``: better prepared before the transaction (``passwords.prepare``). Raises what
    ``credentials`` and ``passwords`` raise, ``UsernameTaken``, ``EmailTaken``. The user name is looked at
    first, so a free one with a taken address gives ``EmailTaken`` alone.
    """
    name = credentials.username(username)
    address = credentials.email(email)
    user = User(
        username=name,
        username_key=fold(name),
        email=address,
        email_key=email_key(address),
        password_hash=_hashed(password, username=name, email=address),
        display_name=credentials.line(display_name, "display_name", 80),
        phone=credentials.phone(phone),
        locale=_locale(locale),
        is_operator=is_operator,
        confirmed_at=clock.now() if confirmed else None,
    )
    try:
        with db.session.begin_nested():
            db.session.add(user)
            db.session.flush()  # the unique keys decide here, and the event names the id
    except IntegrityError:
        taken = db.session.scalar(select(User.id).where(User.username_key == fold(name)))
        raise (EmailTaken if taken is None else UsernameTaken)(
            field="email" if taken is None else "username"
        ) from None
    outbox.record("user.registered", user_id=user.id)
    return user


def note_repeated_registration(email: str) -> None:
    """Tell the owner of an address that somebody tried to register with it again.

    The edge calls it after ``EmailTaken`` and answers as it answers a new account, so that nobody learns
    who is a customer. Records ``user.registration_repeated{user_id}``.
    """
    user_id = db.session.scalar(
        select(User.id).where(User.email_key == email_key(email), User.disabled_at.is_(None))
    )
    outbox.record("user.registration_repeated", user_id=user_id)


def authenticate(login: str, password: str) -> Verified | None:
    """Check a user name or e-mail and a password; None if they do not fit or the account is disabled.

    A read: call it outside a transaction. Somebody unknown costs the same work as somebody known.
    """
    key = credentials.login_key(login)
    where = User.email_key == key if "@" in key else User.username_key == key
    row = db.session.execute(
        select(User.id, User.password_hash, User.disabled_at).where(where)
    ).first()
    if not passwords.matches(row.password_hash if row else None, password) or row is None:
        return None
    if row.disabled_at is not None:
        return None
    return Verified(row.id, row.password_hash, passwords.is_outdated(row.password_hash))


def check_password(user_id: int, password: str) -> bool:
    """Whether this is the user's password: asked again before e-mail, password and refunds change."""
    hashed = db.session.scalar(
        select(User.password_hash).where(User.id == user_id, User.disabled_at.is_(None))
    )
    return passwords.matches(hashed, password)


def renew_hash(verified: Verified, password: HashedPassword) -> None:
    """Keep a password just verified under today's parameters; nothing happens if it changed meanwhile."""
    db.session.execute(
        update(User)
        .where(User.id == verified.user_id, User.password_hash == verified.password_hash)
        .values(password_hash=password.hash)
    )


def change_password(
    user_id: int, password: str | HashedPassword, *, keep_session_id: int | None = None
) -> int:
    """Set a new password and end every other session; returns how many were ended.

    The edge has asked for the old one (``check_password``). Raises ``NotFound`` and what
    ``passwords.prepare`` raises.
    """
    user = _get(user_id)
    user.password_hash = _hashed(password, username=user.username, email=user.email)
    user.password_changed_at = clock.now()
    return sessions.revoke_all(user_id, keep_session_id=keep_session_id)


def update_profile(
    user_id: int,
    *,
    display_name: str,
    phone: str = "",
    locale: str | None = None,
    region: str = "CN",
    wishlist_mails: bool | None = None,
) -> None:
    """Change name, phone (national numbers are read as ``region``'s), language, and whether to write about
    the wishlist. Raises ``Invalid``."""
    user = _get(user_id)
    user.display_name = credentials.line(display_name, "display_name", 80)
    user.phone = credentials.phone(phone, region)
    if locale is not None:
        user.locale = _locale(locale)
    if wishlist_mails is not None:
        user.wishlist_mails = wishlist_mails


def set_wishlist_mails(public_id: str, *, wanted: bool) -> None:
    """Write about the wishlist or no longer; nothing happens for nobody."""
    db.session.execute(
        update(User).where(User.public_id == public_id).values(wishlist_mails=wanted)
    )


def disable(user_id: int) -> None:
    """Close an account: its sessions end and nobody signs in to it. Repeating is harmless."""
    user = _get(user_id)
    user.disabled_at = user.disabled_at or clock.now()
    sessions.revoke_all(user_id)


def enable(user_id: int) -> None:
    """Open a closed account again."""
    _get(user_id).disabled_at = None


def _get(user_id: int) -> User:
    user = db.session.get(User, user_id, with_for_update=True, populate_existing=True)
    if user is None:
        raise NotFound("user-unknown")
    return user


def _hashed(password: str | HashedPassword, *, username: str, email: str) -> str:
    if isinstance(password, HashedPassword):
        return password.hash
    return passwords.prepare(password, username=username, email=email).hash


def _locale(locale: str) -> str:
    if locale not in LOCALES:
        raise Invalid("locale-unknown", field="locale")
    return locale
