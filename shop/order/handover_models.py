"""Tables beside the lines of orders: parts of bundles, uses of codes, downloads."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.core import clock
from shop.core.db import Base, HasId, HasPublicId, append_only


class OrderLinePart(HasId, Base):
    """A part of a bought bundle, as it was: ``quantity`` units in each unit of the line. ``reserved``: its
    stock was counted then, so the line holds and consumes it."""

    __tablename__ = "order_line_part"

    line_id: Mapped[int] = mapped_column(ForeignKey("order_line.id", ondelete="CASCADE"))
    variant_id: Mapped[int] = mapped_column(
        ForeignKey("variant.id", ondelete="RESTRICT"), index=True
    )
    quantity: Mapped[int]
    reserved: Mapped[bool]
    titles: Mapped[dict[str, Any]]
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    sku: Mapped[str] = mapped_column(String(255), default="")

    __table_args__ = (
        UniqueConstraint("line_id", "variant_id"),
        CheckConstraint("quantity > 0", name="quantity"),
    )


class RedemptionUse(HasPublicId, Base):
    """Uses of a code, who took them and where: ``uses`` above 0, or below 0 for the entry that takes
    an earlier one (``reverses_id``) back, once."""

    __tablename__ = "redemption_use"

    code_id: Mapped[int] = mapped_column(
        ForeignKey("redemption_code.id", ondelete="RESTRICT"), index=True
    )
    at: Mapped[datetime] = mapped_column(default=clock.now)
    uses: Mapped[int]
    reverses_id: Mapped[int | None] = mapped_column(
        ForeignKey("redemption_use.id", ondelete="RESTRICT"), unique=True
    )
    note: Mapped[str] = mapped_column(String(200), default="")
    actor: Mapped[str] = mapped_column(String(80), default="")

    __table_args__ = (
        CheckConstraint("uses <> 0 AND (uses < 0) = (reverses_id IS NOT NULL)", name="uses"),
    )


append_only(RedemptionUse.__table__)  # type: ignore[arg-type]  # declared as FromClause, is a Table


class DownloadGrant(Base):
    """How often and until when the files of a digital line may be fetched, from its payment on.

    ``most``/``ends_at`` None: without a limit. Every download of any of its files counts.
    """

    __tablename__ = "download_grant"

    line_id: Mapped[int] = mapped_column(
        ForeignKey("order_line.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    count: Mapped[int] = mapped_column(default=0)
    most: Mapped[int | None]
    ends_at: Mapped[datetime | None]
    last_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("count >= 0 AND (most IS NULL OR count <= most)", name="count"),
    )
