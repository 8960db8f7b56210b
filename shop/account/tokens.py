"""Links sent by mail: e-mail confirmation and password reset. Once, and short-lived.

The token of a link must reach the mail, which a job writes later, without lying in the database. It is
therefore derived: HMAC-SHA256 of the row's purpose, owner and random nonce under a key made from the
application's secret. The row keeps the nonce and the token's hash. Whoever reads the database has
neither the token nor, without the secret, a way to it; the job that has the secret makes it again.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, or_, select, update

from shop.account import credentials, passwords, sessions
from shop.account.models import OneTimeToken, User
from shop.account.passwords import HashedPassword
from shop.core import clock, ids, outbox
from shop.core.contact import email_key
from shop.core.db import db
from shop.core.errors import Invalid, NotFound

CONFIRM = "confirm"
RESET = "reset"
CONFIRM_LASTS = timedelta(days=3)
RESET_LASTS = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class MailedToken:
    """What the mail that carries a link needs."""

    token: str
    purpose: str
    email: str
    username: str
    name: str
    locale: str
    lasts: timedelta


def request_confirmation(user_id: int, *, secret: str, email: str | None = None) -> None:
    """Ask a user to confirm an address: their own, or ``email``, which becomes theirs by confirming.

    Earlier confirmation links end. Records ``user.confirmation_requested{token_id}``. Raises
    ``NotFound``.
    """
    user = db.session.get(User, user_id, populate_existing=True)
    if user is None:
        raise NotFound("user-unknown")
    token_id = _issue(user.id, CONFIRM, email or user.email, CONFIRM_LASTS, secret)
    outbox.record("user.confirmation_requested", token_id=token_id)


def request_reset(login: str, *, secret: str) -> None:
    """Send a reset link to whom ``login`` (user name or e-mail) names, or to nobody.

    The caller cannot tell which, and neither can a clock: an event is written in both cases
    (``user.reset_requested{token_id}``, without an id for nobody).
    """
    key = credentials.login_key(login)
    where = User.email_key == key if "@" in key else User.username_key == key
    row = db.session.execute(
        select(User.id, User.email).where(where, User.disabled_at.is_(None))
    ).first()
    if row is None:
        _derive(RESET, 0, ids.token(256), secret)
        outbox.record("user.reset_requested", token_id=None)
        return
    token_id = _issue(row.id, RESET, row.email, RESET_LASTS, secret)
    outbox.record("user.reset_requested", token_id=token_id)


def confirm(token: str) -> int:
    """Use a confirmation link; the address it was sent to is now the user's and confirmed.

    Returns the user's id. Raises ``Invalid("link-invalid")`` for a link that is unknown, used or too
    old, ``Invalid("email-taken")`` when another account has taken the address meanwhile.
    """
    user_id, email = _use(token, CONFIRM)
    _refuse_taken(email, user_id)
    confirmed = db.session.execute(
        update(User)
        .where(User.id == user_id, User.disabled_at.is_(None))
        .values(email=email, email_key=email_key(email), confirmed_at=clock.now())
        .returning(User.id)
    ).scalar()
    if confirmed is None:
        raise Invalid("link-invalid")
    return user_id


def reset_password(token: str, password: str | HashedPassword) -> int:
    """Use a reset link: the new password holds, every session of the user ends.

    The link came by mail, so it also confirms the address it was sent to. Returns the user's id.
    Raises ``Invalid("link-invalid")`` and what ``passwords.prepare`` raises.
    """
    hashed = password if isinstance(password, HashedPassword) else passwords.prepare(password)
    user_id, email = _use(token, RESET)
    user = db.session.get(User, user_id, populate_existing=True)
    if user is None or user.disabled_at is not None:
        raise Invalid("link-invalid")
    user.password_hash = hashed.hash
    user.password_changed_at = clock.now()
    if user.confirmed_at is None and user.email_key == email_key(email):
        user.confirmed_at = clock.now()
    sessions.revoke_all(user_id)
    return user_id


def is_open(token: str, purpose: str) -> bool:
    """Whether a link could still be used: for the form it leads to."""
    return (
        db.session.scalar(
            select(OneTimeToken.id).where(
                OneTimeToken.token_hash == _hash(token),
                OneTimeToken.purpose == purpose,
                OneTimeToken.used_at.is_(None),
                OneTimeToken.expires_at > clock.now(),
            )
        )
        is not None
    )


def for_mail(token_id: int, *, secret: str) -> MailedToken | None:
    """Make the token of a row again for its mail; None if it is used, too old or its owner disabled.

    Raises ``Invalid("link-invalid")`` if the secret is not the one it was made with.
    """
    found = db.session.execute(
        select(OneTimeToken, User)
        .join(User, User.id == OneTimeToken.user_id)
        .where(
            OneTimeToken.id == token_id,
            OneTimeToken.used_at.is_(None),
            OneTimeToken.expires_at > clock.now(),
            User.disabled_at.is_(None),
        )
    ).first()
    if found is None:
        return None
    row, user = found
    token = _derive(row.purpose, row.user_id, row.nonce, secret)
    if not hmac.compare_digest(_hash(token), row.token_hash):
        raise Invalid("link-invalid")
    lasts = RESET_LASTS if row.purpose == RESET else CONFIRM_LASTS
    return MailedToken(
        token,
        row.purpose,
        row.email,
        user.username,
        user.display_name or user.username,
        user.locale,
        lasts,
    )


def forget_old(older_than: timedelta, limit: int = 500) -> int:
    """Delete links that ended before ``older_than`` ago."""
    before = clock.now() - older_than
    old = (
        select(OneTimeToken.id)
        .where(or_(OneTimeToken.expires_at < before, OneTimeToken.used_at < before))
        .limit(limit)
    )
    return len(
        db.session.scalars(
            delete(OneTimeToken).where(OneTimeToken.id.in_(old)).returning(OneTimeToken.id)
        ).all()
    )


def _issue(user_id: int, purpose: str, email: str, lasts: timedelta, secret: str) -> int:
    db.session.execute(
        update(OneTimeToken)
        .where(
            OneTimeToken.user_id == user_id,
            OneTimeToken.purpose == purpose,
            OneTimeToken.used_at.is_(None),
        )
        .values(used_at=clock.now())
    )
    nonce = ids.token(256)
    row = OneTimeToken(
        user_id=user_id,
        purpose=purpose,
        nonce=nonce,
        token_hash=_hash(_derive(purpose, user_id, nonce, secret)),
        email=email,
        expires_at=clock.now() + lasts,
    )
    db.session.add(row)
    db.session.flush()  # the event names its id
    return row.id


def _use(token: str, purpose: str) -> tuple[int, str]:
    used = db.session.execute(
        update(OneTimeToken)
        .where(
            OneTimeToken.token_hash == _hash(token),
            OneTimeToken.purpose == purpose,
            OneTimeToken.used_at.is_(None),
            OneTimeToken.expires_at > clock.now(),
        )
        .values(used_at=clock.now())
        .returning(OneTimeToken.user_id, OneTimeToken.email)
    ).first()
    if used is None:
        raise Invalid("link-invalid")
    return used.user_id, used.email


def _refuse_taken(email: str, user_id: int) -> None:
    taken = select(User.id).where(User.email_key == email_key(email), User.id != user_id)
    if db.session.scalar(taken) is not None:
        raise Invalid("email-taken", field="email")


def _derive(purpose: str, user_id: int, nonce: str, secret: str) -> str:
    key = hashlib.sha256(b"one-time-token:" + secret.encode()).digest()
    mac = hmac.new(key, f"{purpose}:{user_id}:{nonce}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac).decode().rstrip("=")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
