"""Tables of goods on their way between locations, and of counts."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.core import clock
from shop.core.db import Base, HasCreatedAt, HasId, HasPublicId


class Transfer(HasPublicId, HasCreatedAt, Base):
    """Goods that go from one location of a store to another. In transit they are on nobody's hand."""

    __tablename__ = "transfer"

    store_id: Mapped[int] = mapped_column(ForeignKey("store.id", ondelete="CASCADE"))
    source_id: Mapped[int] = mapped_column(
        ForeignKey("location.id", ondelete="RESTRICT"), index=True
    )
    target_id: Mapped[int] = mapped_column(
        ForeignKey("location.id", ondelete="RESTRICT"), index=True
    )
    state: Mapped[str] = mapped_column(String(16), default="draft")
    note: Mapped[str] = mapped_column(String(200), default="")
    actor: Mapped[str] = mapped_column(String(80), default="")
    sent_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]

    lines: Mapped[list["TransferLine"]] = relationship(order_by="TransferLine.variant_id")

    __table_args__ = (
        CheckConstraint("source_id <> target_id", name="places"),
        CheckConstraint("state IN ('draft', 'sent', 'done', 'cancelled')", name="state"),
        Index("ix_transfer_store_id_id", "store_id", "id"),
    )


class TransferLine(HasId, Base):
    """Units of a variant in a transfer; what is neither received nor lost is in transit once it is sent."""

    __tablename__ = "transfer_line"

    transfer_id: Mapped[int] = mapped_column(ForeignKey("transfer.id", ondelete="CASCADE"))
    variant_id: Mapped[int] = mapped_column(
        ForeignKey("variant.id", ondelete="RESTRICT"), index=True
    )
    quantity: Mapped[int]
    received: Mapped[int] = mapped_column(default=0)
    lost: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        UniqueConstraint("transfer_id", "variant_id"),
        CheckConstraint(
            "quantity > 0 AND received >= 0 AND lost >= 0 AND received + lost <= quantity",
            name="flow",
        ),
    )


class StockCount(HasPublicId, HasCreatedAt, Base):
    """Somebody counts what lies at a location: nothing moves until the count is applied."""

    __tablename__ = "stock_count"

    store_id: Mapped[int] = mapped_column(ForeignKey("store.id", ondelete="CASCADE"))
    location_id: Mapped[int] = mapped_column(
        ForeignKey("location.id", ondelete="RESTRICT"), index=True
    )
    state: Mapped[str] = mapped_column(String(16), default="open")
    actor: Mapped[str] = mapped_column(String(80), default="")
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("state IN ('open', 'applied', 'cancelled')", name="state"),
        Index("ix_stock_count_store_id_id", "store_id", "id"),
    )


class StockCountLine(HasId, Base):
    """What was found of a variant. ``expected``: what was on hand when its counting began, so that the
    difference does not change with what is sold meanwhile. ``booked``: the difference that was applied."""

    __tablename__ = "stock_count_line"

    count_id: Mapped[int] = mapped_column(ForeignKey("stock_count.id", ondelete="CASCADE"))
    variant_id: Mapped[int] = mapped_column(
        ForeignKey("variant.id", ondelete="RESTRICT"), index=True
    )
    counted: Mapped[int]
    expected: Mapped[int]
    booked: Mapped[int | None]
    scanned_at: Mapped[datetime] = mapped_column(default=clock.now)

    __table_args__ = (
        UniqueConstraint("count_id", "variant_id"),
        CheckConstraint("counted >= 0 AND expected >= 0", name="units"),
    )
