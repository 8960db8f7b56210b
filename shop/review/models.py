"""Tables of reviews."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from shop.core import clock
from shop.core.db import Base, HasCreatedAt, HasId, HasPublicId


class Review(HasPublicId, HasCreatedAt, Base):
    """What a verified buyer says of one bought line, once.

    ``hidden_reason`` is said to the writer; ``helpful`` counts the votes of ``review_vote``.
    """

    __tablename__ = "review"

    order_line_id: Mapped[int] = mapped_column(
        ForeignKey("order_line.id", ondelete="CASCADE"), unique=True
    )
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="SET NULL"), index=True
    )
    author: Mapped[str] = mapped_column(String(80), default="")
    stars: Mapped[int]
    title: Mapped[str] = mapped_column(String(120), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    locale: Mapped[str] = mapped_column(String(10), default="en")
    state: Mapped[str] = mapped_column(String(16), default="pending")
    hidden_reason: Mapped[str] = mapped_column(String(24), default="", server_default="")
    helpful: Mapped[int] = mapped_column(default=0, server_default="0")

    __table_args__ = (
        CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),
        CheckConstraint("state IN ('pending', 'published', 'hidden')", name="state"),
        Index("ix_review_product_id_state_created_at", "product_id", "state", "created_at"),
    )


class ReviewReply(HasId, Base):
    """The merchant's answer to a review."""

    __tablename__ = "review_reply"

    review_id: Mapped[int] = mapped_column(ForeignKey("review.id", ondelete="CASCADE"), unique=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(default=clock.now)
