"""Tables of stores and their staff."""

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.core.db import Base, HasCreatedAt, HasId, HasPublicId


class Store(HasPublicId, HasCreatedAt, Base):
    """A merchant's shop: owns its goods, stock, coupons and orders."""

    __tablename__ = "store"

    slug: Mapped[str] = mapped_column(String(60), unique=True)
    currency: Mapped[str] = mapped_column(String(3), default="CNY")
    timezone: Mapped[str] = mapped_column(String(60), default="Asia/Shanghai")
    contact_email: Mapped[str] = mapped_column(String(254), default="")
    mark: Mapped[str | None] = mapped_column(String(60))
    position: Mapped[int] = mapped_column(default=0)
    flat_delivery_minor: Mapped[int] = mapped_column(default=0)
    free_delivery_from_minor: Mapped[int | None]
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)

    translations: Mapped[list["StoreTranslation"]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )

    __table_args__ = (
        CheckConstraint("flat_delivery_minor >= 0", name="flat_delivery"),
        CheckConstraint("free_delivery_from_minor >= 0", name="free_delivery_from"),
    )


class StoreTranslation(HasId, Base):
    """What shoppers read of a store in one language."""

    __tablename__ = "store_translation"

    store_id: Mapped[int] = mapped_column(ForeignKey("store.id", ondelete="CASCADE"))
    locale: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(120))
    tagline: Mapped[str] = mapped_column(default="")
    about: Mapped[str] = mapped_column(Text, default="")
    ships_from: Mapped[str] = mapped_column(String(120), default="")

    __table_args__ = (UniqueConstraint("store_id", "locale"),)


class StaffMember(HasPublicId, HasCreatedAt, Base):
    """A user who works for a store. ``role``: owner or staff."""

    __tablename__ = "staff_member"

    store_id: Mapped[int] = mapped_column(ForeignKey("store.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(16), default="staff")

    __table_args__ = (
        UniqueConstraint("store_id", "user_id"),
        CheckConstraint("role IN ('owner', 'staff')", name="role"),
    )
