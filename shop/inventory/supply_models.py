"""Tables of what can be sold before it is there, and of what is ordered from suppliers."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.core.db import Base, HasCreatedAt, HasId, HasPublicId


class SellingPolicy(Base):
    """A variant that is sold beyond what lies there; without a row it is not.

    ``backorder``: once it is sold out; ``preorder``: before it appears. ``promised_on``: when it leaves the
    house, as shoppers are told. How many: the ``backorder_limit`` of its levels.
    """

    __tablename__ = "selling_policy"

    variant_id: Mapped[int] = mapped_column(
        ForeignKey("variant.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    policy: Mapped[str] = mapped_column(String(16))
    promised_on: Mapped[date]

    __table_args__ = (CheckConstraint("policy IN ('backorder', 'preorder')", name="policy"),)


class Supplier(HasPublicId, HasCreatedAt, Base):
    """Where a store buys its goods."""

    __tablename__ = "supplier"

    store_id: Mapped[int] = mapped_column(ForeignKey("store.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(254), default="")
    phone: Mapped[str] = mapped_column(String(32), default="")
    note: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (UniqueConstraint("store_id", "name"),)


class PurchaseOrder(HasPublicId, HasCreatedAt, Base):
    """Goods ordered from a supplier for a location; received in parts, each a movement of its own."""

    __tablename__ = "purchase_order"

    store_id: Mapped[int] = mapped_column(ForeignKey("store.id", ondelete="CASCADE"))
    supplier_id: Mapped[int] = mapped_column(
        ForeignKey("supplier.id", ondelete="RESTRICT"), index=True
    )
    location_id: Mapped[int] = mapped_column(
        ForeignKey("location.id", ondelete="RESTRICT"), index=True
    )
    state: Mapped[str] = mapped_column(String(16), default="draft")
    reference: Mapped[str] = mapped_column(String(60), default="")
    expected_on: Mapped[date | None]
    actor: Mapped[str] = mapped_column(String(80), default="")
    ordered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    lines: Mapped[list["PurchaseLine"]] = relationship(order_by="PurchaseLine.variant_id")

    __table_args__ = (
        CheckConstraint(
            "state IN ('draft', 'ordered', 'partly_received', 'received', 'cancelled')",
            name="state",
        ),
        Index("ix_purchase_order_store_id_id", "store_id", "id"),
        Index("ix_purchase_order_state_expected_on", "state", "expected_on"),
    )


class PurchaseLine(HasId, Base):
    """Units of a variant in a purchase order at what one costs, in the store's currency."""

    __tablename__ = "purchase_line"

    purchase_id: Mapped[int] = mapped_column(ForeignKey("purchase_order.id", ondelete="CASCADE"))
    variant_id: Mapped[int] = mapped_column(
        ForeignKey("variant.id", ondelete="RESTRICT"), index=True
    )
    quantity: Mapped[int]
    unit_cost_minor: Mapped[int]
    received: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        UniqueConstraint("purchase_id", "variant_id"),
        CheckConstraint(
            "quantity > 0 AND unit_cost_minor >= 0 AND received >= 0 AND received <= quantity",
            name="flow",
        ),
    )
