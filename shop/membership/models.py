"""Tables of membership: a store's levels and who stands where."""

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base, HasCreatedAt, HasId, HasPublicId


class Level(HasPublicId, Base):
    """A step of a store's membership, reached by spending. ``names``: locale → name.

    ``discount_bp``: hundredths of a percent off every line of a member at this level.
    """

    __tablename__ = "level"

    store_id: Mapped[int] = mapped_column(ForeignKey("store.id", ondelete="CASCADE"))
    rank: Mapped[int]
    names: Mapped[dict[str, Any]]
    spend_from_minor: Mapped[int] = mapped_column(default=0)
    discount_bp: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        UniqueConstraint("store_id", "rank"),
        CheckConstraint("discount_bp BETWEEN 0 AND 9000", name="discount_bp"),
        CheckConstraint("spend_from_minor >= 0", name="spend_from"),
    )


class Membership(HasId, HasCreatedAt, Base):
    """A user's standing with a store; ``spent_minor`` counts what was paid less what was refunded."""

    __tablename__ = "membership"

    store_id: Mapped[int] = mapped_column(ForeignKey("store.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    level_id: Mapped[int | None] = mapped_column(ForeignKey("level.id", ondelete="SET NULL"))
    spent_minor: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        UniqueConstraint("store_id", "user_id"),
        CheckConstraint("spent_minor >= 0", name="spent"),
    )
