"""What shoppers were promised for goods that were not there when they bought them."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base


class LinePromise(Base):
    """The promise of an order line as it was made: on back-order or before it appears, and from when on."""

    __tablename__ = "line_promise"

    line_id: Mapped[int] = mapped_column(
        ForeignKey("order_line.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    policy: Mapped[str] = mapped_column(String(16))
    promised_on: Mapped[date]

    __table_args__ = (CheckConstraint("policy IN ('backorder', 'preorder')", name="policy"),)
