"""Reading people: the person of a request, their devices, their addresses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select

from shop.account import credentials
from shop.account.identity import Identity
from shop.account.models import Address, User, UserSession
from shop.core import clock
from shop.core.db import db


@dataclass(frozen=True, slots=True)
class DeviceView:
    """A signed-in device of a user."""

    public_id: str
    user_agent: str
    ip: str
    created_at: datetime
    seen_at: datetime
    current: bool


@dataclass(frozen=True, slots=True)
class AddressView:
    """An entry of an address book."""

    id: int
    public_id: str
    name: str
    phone: str
    country: str
    province: str
    city: str
    district: str
    street: str
    postcode: str
    tag: str
    is_default: bool


@dataclass(frozen=True, slots=True)
class ProfileView:
    """What a user's own pages show of them."""

    id: int
    public_id: str
    username: str
    email: str
    display_name: str
    phone: str
    locale: str
    confirmed: bool
    is_operator: bool
    created_at: datetime
    wishlist_mails: bool


@dataclass(frozen=True, slots=True)
class UserRow:
    """A line of the operators' list of users."""

    id: int
    public_id: str
    username: str
    email: str
    is_operator: bool
    confirmed_at: datetime | None
    disabled_at: datetime | None
    created_at: datetime


def load_session(
    token_hash: str, *, idle: timedelta, at: datetime | None = None
) -> Identity | None:
    """The person whose session this is, or None when it is revoked, over, idle for longer than ``idle``,
    or the account disabled. One statement.
    """
    moment = at or clock.now()
    row = db.session.execute(
        select(
            User.id,
            User.public_id,
            User.username,
            User.email,
            User.display_name,
            User.locale,
            User.is_operator,
            User.confirmed_at,
            UserSession.id.label("session_id"),
            UserSession.public_id.label("session_public_id"),
            UserSession.seen_at,
        )
        .join(User, User.id == UserSession.user_id)
        .where(
            UserSession.token_hash == token_hash,
            UserSession.revoked_at.is_(None),
            UserSession.expires_at > moment,
            UserSession.seen_at > moment - idle,
            User.disabled_at.is_(None),
        )
    ).first()
    if row is None:
        return None
    return Identity(
        user_id=row.id,
        public_id=row.public_id,
        username=row.username,
        email=row.email,
        display_name=row.display_name,
        locale=row.locale,
        is_operator=row.is_operator,
        confirmed=row.confirmed_at is not None,
        session_id=row.session_id,
        session_public_id=row.session_public_id,
        seen_at=row.seen_at,
    )


def devices(
    user_id: int, *, idle: timedelta, current_session_id: int | None = None
) -> list[DeviceView]:
    """A user's open sessions, the one seen last first."""
    moment = clock.now()
    rows = db.session.scalars(
        select(UserSession)
        .where(
            UserSession.user_id == user_id,
            UserSession.revoked_at.is_(None),
            UserSession.expires_at > moment,
            UserSession.seen_at > moment - idle,
        )
        .order_by(UserSession.seen_at.desc(), UserSession.id.desc())
        .limit(100)
    )
    return [
        DeviceView(
            row.public_id,
            row.user_agent,
            row.ip,
            row.created_at,
            row.seen_at,
            row.id == current_session_id,
        )
        for row in rows
    ]


def profile(user_id: int) -> ProfileView | None:
    """What a user's own pages show of them."""
    row = db.session.get(User, user_id)
    if row is None:
        return None
    return ProfileView(
        row.id,
        row.public_id,
        row.username,
        row.email,
        row.display_name,
        row.phone or "",
        row.locale,
        row.confirmed_at is not None,
        row.is_operator,
        row.created_at,
        row.wishlist_mails,
    )


def wants_wishlist_mails(public_id: str) -> bool | None:
    """Whether a user gets mails about their wishlist; None for nobody."""
    return db.session.scalar(
        select(User.wishlist_mails).where(User.public_id == public_id, User.disabled_at.is_(None))
    )


def addresses(user_id: int) -> list[AddressView]:
    """A user's address book: the default first, then the newest."""
    rows = db.session.scalars(
        select(Address)
        .where(Address.user_id == user_id, Address.removed_at.is_(None))
        .order_by(Address.is_default.desc(), Address.created_at.desc(), Address.id.desc())
    )
    return [_address(row) for row in rows]


def address(user_id: int, public_id: str) -> AddressView | None:
    """One entry of a user's address book; another's does not exist."""
    row = db.session.scalar(
        select(Address).where(
            Address.user_id == user_id, Address.public_id == public_id, Address.removed_at.is_(None)
        )
    )
    return None if row is None else _address(row)


def find(login: str) -> User | None:
    """The user of this user name or e-mail, disabled or not: for operators and jobs."""
    key = credentials.login_key(login)
    return db.session.scalar(
        select(User).where(User.email_key == key if "@" in key else User.username_key == key)
    )


def by_public_id(public_id: str) -> User | None:
    """The user with this public id."""
    return db.session.scalar(select(User).where(User.public_id == public_id))


def names(user_ids: Sequence[int]) -> dict[int, str]:
    """What some users are called. One statement."""
    rows = db.session.execute(
        select(User.id, User.display_name, User.username).where(User.id.in_(set(user_ids)))
    )
    return {row.id: row.display_name or row.username for row in rows}


def listing(*, search: str = "", operators: bool = False, limit: int = 100) -> list[UserRow]:
    """Users for operators, newest first, whose user name or e-mail contains ``search``."""
    query = select(
        User.id,
        User.public_id,
        User.username,
        User.email,
        User.is_operator,
        User.confirmed_at,
        User.disabled_at,
        User.created_at,
    )
    if search:
        part = credentials.login_key(search)
        query = query.where(
            or_(
                User.username_key.contains(part, autoescape=True),
                User.email_key.contains(part, autoescape=True),
            )
        )
    if operators:
        query = query.where(User.is_operator)
    rows = db.session.execute(query.order_by(User.id.desc()).limit(limit))
    return [UserRow(*row) for row in rows]


def count() -> int:
    """How many accounts there are."""
    return db.session.scalar(select(func.count()).select_from(User)) or 0


def _address(row: Address) -> AddressView:
    return AddressView(
        row.id,
        row.public_id,
        row.name,
        row.phone,
        row.country,
        row.province,
        row.city,
        row.district,
        row.street,
        row.postcode,
        row.tag,
        row.is_default,
    )
