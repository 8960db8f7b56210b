"""Tables of stores and their staff."""

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.core.db import Base, HasCreatedAt, HasId, HasPublicId


class Store(HasPublicId, HasCreatedAt, Base):
    """A merchant's shop: owns its goods, stock, coupons and orders.

    ``tax_rounding``: of each line, or once per order. ``tax_country``/``tax_region``: where goods are taxed
    while the shopper's address is not known; "" has no such place.
    """

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
    prices_include_tax: Mapped[bool] = mapped_column(default=True, server_default=true())
    tax_rounding: Mapped[str] = mapped_column(String(8), default="line", server_default="line")
    tax_country: Mapped[str] = mapped_column(String(2), default="", server_default="")
    tax_region: Mapped[str] = mapped_column(String(80), default="", server_default="")

    translations: Mapped[list["StoreTranslation"]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )

    __table_args__ = (
        CheckConstraint("flat_delivery_minor >= 0", name="flat_delivery"),
        CheckConstraint("free_delivery_from_minor >= 0", name="free_delivery_from"),
        CheckConstraint("tax_rounding IN ('line', 'order')", name="tax_rounding"),
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
