"""The table of what was charged as tax."""

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base, HasId


class OrderTax(HasId, Base):
    """One rate on one line, or (``line_id`` null) on the delivery, as it was when the order was placed.

    ``net_minor`` is what the tax was reckoned on: the price without any tax. Whether the tax is in the
    price or came on top of it is the order's ``prices_include_tax``. ``rate`` in hundred-thousandths.
    """

    __tablename__ = "order_tax"

    order_id: Mapped[int] = mapped_column(ForeignKey("order.id", ondelete="CASCADE"), index=True)
    line_id: Mapped[int | None] = mapped_column(
        ForeignKey("order_line.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(40))
    country: Mapped[str] = mapped_column(String(2))
    region: Mapped[str] = mapped_column(String(80), default="")
    rate: Mapped[int]
    net_minor: Mapped[int]
    tax_minor: Mapped[int]

    __table_args__ = (
        CheckConstraint("rate >= 0 AND net_minor >= 0 AND tax_minor >= 0", name="amounts"),
    )
