"""Tables of what is said about a review: by its writer later on, and by its readers."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base, HasCreatedAt, HasPublicId

_OPEN = sql("closed_at IS NULL")


class ReviewFollowup(HasPublicId, HasCreatedAt, Base):
    """What the writer of a review adds after a time of use (追评), once; it has no stars of its own.

    It waits for the store as reviews do, and is seen only where its review is seen.
    """

    __tablename__ = "review_followup"

    review_id: Mapped[int] = mapped_column(ForeignKey("review.id", ondelete="CASCADE"), unique=True)
    text: Mapped[str] = mapped_column(Text)
    locale: Mapped[str] = mapped_column(String(10), default="en")
    state: Mapped[str] = mapped_column(String(16), default="pending", index=True)
    hidden_reason: Mapped[str] = mapped_column(String(24), default="")

    __table_args__ = (CheckConstraint("state IN ('pending', 'published', 'hidden')", name="state"),)


class ReviewVote(Base):
    """Somebody found a review helpful, once. ``review.helpful`` counts them."""

    __tablename__ = "review_vote"

    review_id: Mapped[int] = mapped_column(
        ForeignKey("review.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        index=True,
    )


class ReviewReport(HasCreatedAt, Base):
    """A reader says that a review breaks a rule, once; open until the store has decided."""

    __tablename__ = "review_report"

    review_id: Mapped[int] = mapped_column(
        ForeignKey("review.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        index=True,
    )
    reason: Mapped[str] = mapped_column(String(24))
    closed_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_review_report_open", "review_id", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )
