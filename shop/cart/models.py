"""Tables of carts."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.core import clock
from shop.core.db import Base, HasCreatedAt, HasId, HasPublicId


class Cart(HasId, HasCreatedAt, Base):
    """A guest's cart (by the hash of a cookie's token) or a user's."""

    __tablename__ = "cart"

    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"), unique=True
    )
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    coupon_code: Mapped[str | None] = mapped_column(String(40))
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)

    __table_args__ = (
        CheckConstraint("(user_id IS NULL) <> (token_hash IS NULL)", name="one_owner"),
    )


class CartLine(HasPublicId, HasCreatedAt, Base):
    """A variant in a cart. ``seen_price_minor``: the unit price the shopper last saw."""

    __tablename__ = "cart_line"

    cart_id: Mapped[int] = mapped_column(ForeignKey("cart.id", ondelete="CASCADE"))
    variant_id: Mapped[int] = mapped_column(
        ForeignKey("variant.id", ondelete="CASCADE"), index=True
    )
    quantity: Mapped[int]
    selected: Mapped[bool] = mapped_column(default=True)
    seen_price_minor: Mapped[int]

    __table_args__ = (
        UniqueConstraint("cart_id", "variant_id"),
        CheckConstraint("quantity BETWEEN 1 AND 999", name="quantity"),
    )


class WishlistItem(HasId, HasCreatedAt, Base):
    """A product somebody keeps an eye on: a user, or a guest by the hash of the cart's token.

    ``saved_price_minor`` and ``was_available`` are as they were when it was saved: what changed since
    is told. ``removed_at``: taken out, and kept until the next removal so that it can be undone.
    ``told_price_minor`` and ``seen_available``: the price that a drop is measured against and the stock
    that a return is seen by, as of the last look that mails are made from; None before the first.
    """

    __tablename__ = "wishlist_item"

    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    token_hash: Mapped[str | None] = mapped_column(String(64))
    product_id: Mapped[int] = mapped_column(
        ForeignKey("product.id", ondelete="CASCADE"), index=True
    )
    saved_price_minor: Mapped[int]
    was_available: Mapped[bool]
    removed_at: Mapped[datetime | None]
    told_price_minor: Mapped[int | None]
    seen_available: Mapped[bool | None]

    __table_args__ = (
        UniqueConstraint("user_id", "product_id"),
        UniqueConstraint("token_hash", "product_id"),
        CheckConstraint("(user_id IS NULL) <> (token_hash IS NULL)", name="one_owner"),
        CheckConstraint("saved_price_minor >= 0", name="saved_price"),
    )
