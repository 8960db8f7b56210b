"""Tables of people: users, their sessions and addresses."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text, true
from sqlalchemy.orm import Mapped, mapped_column

from shop.core import clock
from shop.core.db import Base, HasCreatedAt, HasId, HasPublicId


class User(HasPublicId, HasCreatedAt, Base):
    """A person with an account: shopper, store staff (by ``staff_member``) or operator.

    ``username_key`` and ``email_key`` are the NFKC case-folded forms that uniqueness is kept on.
    ``wishlist_mails``: whether to write when something they saved costs less or is back.
    """

    __tablename__ = "user"

    username: Mapped[str] = mapped_column(String(40))
    username_key: Mapped[str] = mapped_column(String(80), unique=True)
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    display_name: Mapped[str] = mapped_column(String(80), default="")
    phone: Mapped[str | None] = mapped_column(String(32))
    locale: Mapped[str] = mapped_column(String(10), default="en")
    is_operator: Mapped[bool] = mapped_column(default=False)
    confirmed_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    password_changed_at: Mapped[datetime] = mapped_column(default=clock.now)
    wishlist_mails: Mapped[bool] = mapped_column(default=True, server_default=true())


class UserSession(HasPublicId, HasCreatedAt, Base):
    """One signed-in device. The cookie holds the token; the row holds its hash and can be revoked."""

    __tablename__ = "user_session"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    seen_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    user_agent: Mapped[str] = mapped_column(default="")
    ip: Mapped[str] = mapped_column(String(45), default="")


class OneTimeToken(HasId, HasCreatedAt, Base):
    """A link sent by mail, usable once: e-mail confirmation or password reset. Stored hashed.

    ``nonce`` is what the token was derived from, together with the application's secret key; without
    that key the row does not give the token away. ``email``: the address the link was sent to.
    """

    __tablename__ = "one_time_token"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    nonce: Mapped[str] = mapped_column(String(64))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    email: Mapped[str] = mapped_column(String(254))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    __table_args__ = (CheckConstraint("purpose IN ('confirm', 'reset')", name="purpose"),)


class Address(HasPublicId, HasCreatedAt, Base):
    """An entry of a shopper's address book; removed ones stay a while for Undo."""

    __tablename__ = "address"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(80))
    phone: Mapped[str] = mapped_column(String(32), default="")
    country: Mapped[str] = mapped_column(String(2))
    province: Mapped[str] = mapped_column(String(80), default="")
    city: Mapped[str] = mapped_column(String(80), default="")
    district: Mapped[str] = mapped_column(String(80), default="")
    street: Mapped[str] = mapped_column(String(200))
    postcode: Mapped[str] = mapped_column(String(16), default="")
    tag: Mapped[str] = mapped_column(String(20), default="")
    is_default: Mapped[bool] = mapped_column(default=False)
    removed_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_address_user_id_created_at", "user_id", "created_at"),
        Index(
            "uq_address_default",
            "user_id",
            unique=True,
            sqlite_where=text("is_default = 1"),
            postgresql_where=text("is_default"),
        ),
    )
