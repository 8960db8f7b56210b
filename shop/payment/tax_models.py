"""The table of what tax a refund gives back."""

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base, HasId


class RefundTax(HasId, Base):
    """The share of a charged tax that is in a refund, cut from running totals: all shares together are
    exactly what was charged."""

    __tablename__ = "refund_tax"

    refund_id: Mapped[int] = mapped_column(ForeignKey("refund.id", ondelete="CASCADE"))
    order_tax_id: Mapped[int] = mapped_column(
        ForeignKey("order_tax.id", ondelete="CASCADE"), index=True
    )
    net_minor: Mapped[int]
    tax_minor: Mapped[int]

    __table_args__ = (
        UniqueConstraint("refund_id", "order_tax_id"),
        CheckConstraint("net_minor >= 0 AND tax_minor >= 0", name="amounts"),
    )
