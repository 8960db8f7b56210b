"""The table of what goes with what."""

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base


class RelatedProduct(Base):
    """``other_id`` goes with ``product_id``: chosen by the merchant ("pinned"), or found in what was
    bought together ("bought"). ``position`` counts from 0 within a kind; ``score``, in millionths of 1,
    says how strongly orders join the two (a pin has none: 0).
    """

    __tablename__ = "related_product"

    product_id: Mapped[int] = mapped_column(
        ForeignKey("product.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    other_id: Mapped[int] = mapped_column(
        ForeignKey("product.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        index=True,
    )
    score: Mapped[int] = mapped_column(default=0)
    position: Mapped[int]

    __table_args__ = (
        CheckConstraint("kind IN ('pinned', 'bought')", name="kind"),
        CheckConstraint("other_id <> product_id", name="not_itself"),
        CheckConstraint("score BETWEEN 0 AND 1000000", name="score"),
    )
