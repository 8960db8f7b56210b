"""The tables of photos: in reviews, and in what is added to them."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base, HasCreatedAt, HasPublicId

_FIRST = sql("position = 0")


class Photographed(HasPublicId, HasCreatedAt):
    """A photo. ``name``, ``widths``, ``width`` and ``height`` as of ``catalog.models.Image``;
    ``position`` counts from 0. It goes with what it belongs to and with the account of whoever took it."""

    product_id: Mapped[int] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(120), index=True)
    width: Mapped[int]
    height: Mapped[int]
    widths: Mapped[str] = mapped_column(String(60))


class ReviewPhoto(Photographed, Base):
    """A photo of a review, seen where the review is seen."""

    __tablename__ = "review_photo"

    review_id: Mapped[int] = mapped_column(ForeignKey("review.id", ondelete="CASCADE"))

    __table_args__ = (
        UniqueConstraint("review_id", "position"),
        CheckConstraint("position BETWEEN 0 AND 8", name="position"),
        Index(
            "ix_review_photo_first",
            "product_id",
            "review_id",
            sqlite_where=_FIRST,
            postgresql_where=_FIRST,
        ),
    )


class FollowupPhoto(Photographed, Base):
    """A photo of what was added to a review, seen where that is seen."""

    __tablename__ = "followup_photo"

    followup_id: Mapped[int] = mapped_column(ForeignKey("review_followup.id", ondelete="CASCADE"))

    __table_args__ = (
        UniqueConstraint("followup_id", "position"),
        CheckConstraint("position BETWEEN 0 AND 8", name="position"),
        Index(
            "ix_followup_photo_first",
            "product_id",
            "followup_id",
            sqlite_where=_FIRST,
            postgresql_where=_FIRST,
        ),
    )
