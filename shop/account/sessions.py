"""Signed-in devices: opened, seen, revoked."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update

from shop.account.models import User, UserSession
from shop.core import clock, ids
from shop.core.db import db
from shop.core.errors import Forbidden, NotFound

IDLE = timedelta(days=14)
ABSOLUTE = timedelta(days=90)
TOUCH_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session just opened. ``token`` goes into the cookie and is kept nowhere else."""

    id: int
    public_id: str
    token: str
    expires_at: datetime


def token_hash(token: str) -> str:
    """What is kept of a session's token. It has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def create(
    user_id: int,
    *,
    user_agent: str = "",
    ip: str = "",
    lasts: timedelta = ABSOLUTE,
    password_hash: str | None = None,
) -> NewSession:
    """Open a session for a user, ending at the latest after ``lasts``.

    ``password_hash``: the one that the sign-in was checked against (``services.Verified``). If it was
    changed meanwhile, or the user disabled, there is no session: raises
    ``Forbidden("credentials-wrong")``.
    """
    owner = select(User.id).where(User.id == user_id, User.disabled_at.is_(None)).with_for_update()
    if password_hash is not None:
        owner = owner.where(User.password_hash == password_hash)
    if db.session.scalar(owner) is None:
        raise Forbidden("credentials-wrong")
    token = ids.token(256)
    moment = clock.now()
    row = UserSession(
        user_id=user_id,
        token_hash=token_hash(token),
        seen_at=moment,
        created_at=moment,
        expires_at=moment + lasts,
        user_agent=_printable(user_agent)[:255],
        ip=ip[:45],
    )
    db.session.add(row)
    db.session.flush()  # its ids are handed out
    return NewSession(row.id, row.public_id, token, row.expires_at)


def touch(seen: Mapping[int, datetime]) -> None:
    """Write down when sessions (by id) were last seen; a later time already there stays."""
    for session_id, moment in sorted(seen.items()):
        db.session.execute(
            update(UserSession)
            .where(UserSession.id == session_id, UserSession.seen_at < moment)
            .values(seen_at=moment)
        )


def revoke(user_id: int, public_id: str) -> None:
    """End one of a user's sessions. Raises ``NotFound`` for another's; repeating is harmless."""
    ended = db.session.execute(
        update(UserSession)
        .where(UserSession.user_id == user_id, UserSession.public_id == public_id)
        .values(revoked_at=clock.now())
        .returning(UserSession.id)
    ).scalar()
    if ended is None:
        raise NotFound("session-unknown")


def revoke_token(token: str) -> None:
    """Sign out: end the session that this token belongs to, if it does."""
    db.session.execute(
        update(UserSession)
        .where(UserSession.token_hash == token_hash(token), UserSession.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )


def revoke_all(user_id: int, *, keep_session_id: int | None = None) -> int:
    """End every session of a user but ``keep_session_id``; returns how many were open."""
    ending = update(UserSession).where(
        UserSession.user_id == user_id, UserSession.revoked_at.is_(None)
    )
    if keep_session_id is not None:
        ending = ending.where(UserSession.id != keep_session_id)
    return len(
        db.session.scalars(ending.values(revoked_at=clock.now()).returning(UserSession.id)).all()
    )


def forget_ended(older_than: timedelta, limit: int = 500) -> int:
    """Delete sessions that ended (revoked, or past their end) before ``older_than`` ago."""
    before = clock.now() - older_than
    ended = (
        select(UserSession.id)
        .where(or_(UserSession.expires_at < before, UserSession.revoked_at < before))
        .limit(limit)
    )
    return len(
        db.session.scalars(
            delete(UserSession).where(UserSession.id.in_(ended)).returning(UserSession.id)
        ).all()
    )


def _printable(text: str) -> str:
    return "".join(char for char in text if char.isprintable())
