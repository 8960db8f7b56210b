"""Tables of campaigns: promotions, coupons, and what was redeemed."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base, HasCreatedAt, HasId, HasPublicId


class Promotion(HasPublicId, HasCreatedAt, Base):
    """A reason to buy that needs no code. ``rule`` is what the engine reads.

    For ``spend_and_save``: ``{"tiers": [{"over_minor": 30000, "off_minor": 3000}, …]}``.
    ``titles``: locale → title. ``store_id`` null: the platform's, over goods of all stores that sell in
    ``currency``.
    """

    __tablename__ = "promotion"

    store_id: Mapped[int | None] = mapped_column(
        ForeignKey("store.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str] = mapped_column(String(24), default="spend_and_save")
    currency: Mapped[str] = mapped_column(String(3), default="CNY")
    titles: Mapped[dict[str, Any]]
    rule: Mapped[dict[str, Any]]
    priority: Mapped[int] = mapped_column(default=0)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("kind IN ('spend_and_save')", name="kind"),
        CheckConstraint("ends_at > starts_at", name="window"),
    )


class Coupon(HasPublicId, HasCreatedAt, Base):
    """A code worth an amount (``value``: minor units) or a percentage (``value``: basis points).

    ``code_key`` is the case-folded code. ``used`` counts redemptions not given back and never passes
    ``total_limit``. ``listed`` coupons are shown for claiming. Without a store it is the platform's.
    """

    __tablename__ = "coupon"

    store_id: Mapped[int | None] = mapped_column(ForeignKey("store.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(40))
    code_key: Mapped[str] = mapped_column(String(80), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    value: Mapped[int]
    threshold_minor: Mapped[int] = mapped_column(default=0)
    currency: Mapped[str] = mapped_column(String(3), default="CNY")
    total_limit: Mapped[int | None]
    per_user_limit: Mapped[int | None] = mapped_column(default=1)
    used: Mapped[int] = mapped_column(default=0)
    listed: Mapped[bool] = mapped_column(default=True)
    titles: Mapped[dict[str, Any]]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("kind IN ('amount', 'percentage')", name="kind"),
        CheckConstraint("value > 0 AND (kind = 'amount' OR value <= 10000)", name="value"),
        CheckConstraint("used >= 0 AND (total_limit IS NULL OR used <= total_limit)", name="used"),
        CheckConstraint("total_limit > 0", name="total_limit"),
        CheckConstraint("per_user_limit > 0", name="per_user_limit"),
        CheckConstraint("threshold_minor >= 0", name="threshold"),
        CheckConstraint("ends_at > starts_at", name="window"),
        UniqueConstraint("store_id", "code_key"),
        Index(
            "uq_coupon_platform_code_key",
            "code_key",
            unique=True,
            sqlite_where=text("store_id IS NULL"),
            postgresql_where=text("store_id IS NULL"),
        ),
    )


class CouponGrant(HasId, HasCreatedAt, Base):
    """A coupon that a user has claimed."""

    __tablename__ = "coupon_grant"

    coupon_id: Mapped[int] = mapped_column(ForeignKey("coupon.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)

    __table_args__ = (UniqueConstraint("coupon_id", "user_id"),)


class CouponUse(HasId, Base):
    """How often one person has used a coupon. ``customer_key``: ``u:<id>`` of a user, or ``c:<hash>``
    of a guest's normalised e-mail or phone."""

    __tablename__ = "coupon_use"

    coupon_id: Mapped[int] = mapped_column(ForeignKey("coupon.id", ondelete="CASCADE"))
    customer_key: Mapped[str] = mapped_column(String(80))
    used: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        UniqueConstraint("coupon_id", "customer_key"),
        CheckConstraint("used >= 0", name="used"),
    )


class Redemption(HasId, HasCreatedAt, Base):
    """A coupon used at a checkout; given back when all its orders are cancelled."""

    __tablename__ = "redemption"

    coupon_id: Mapped[int] = mapped_column(ForeignKey("coupon.id", ondelete="RESTRICT"))
    checkout_id: Mapped[int] = mapped_column(
        ForeignKey("checkout.id", ondelete="RESTRICT"), index=True
    )
    customer_keys: Mapped[dict[str, Any]]
    amount_minor: Mapped[int]
    returned_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("coupon_id", "checkout_id"),
        CheckConstraint("amount_minor > 0", name="amount"),
    )


class RedemptionShare(HasId, Base):
    """What a redemption took off one order."""

    __tablename__ = "redemption_share"

    redemption_id: Mapped[int] = mapped_column(ForeignKey("redemption.id", ondelete="CASCADE"))
    order_id: Mapped[int] = mapped_column(ForeignKey("order.id", ondelete="CASCADE"), index=True)
    amount_minor: Mapped[int]
    released_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("redemption_id", "order_id"),
        CheckConstraint("amount_minor > 0", name="amount"),
    )
