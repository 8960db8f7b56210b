"""The table of what product pages say of returns."""

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base


class ReturnFigure(Base):
    """How much of a product comes back, in whole percent of the units sent; 0: less than one.
    ``reason``: that of most returns, as of ``return_line``; "" where none leads.

    Only for products of which enough were sold. Derived (``shop.analytics.returned``), so a row may be
    dropped at any time.
    """

    __tablename__ = "return_figure"

    product_id: Mapped[int] = mapped_column(
        ForeignKey("product.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    percent: Mapped[int]
    reason: Mapped[str] = mapped_column(String(24), default="")

    __table_args__ = (CheckConstraint("percent BETWEEN 0 AND 100", name="percent"),)
