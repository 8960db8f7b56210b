"""The table of bundles: what is sold as one and taken from the shelf as several."""

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base, HasId


class BundlePart(HasId, Base):
    """``quantity`` units of a part are in one unit of a bundle; both are variants of one store.

    A variant with parts is a bundle: it keeps no stock of its own. No part is a bundle itself.
    """

    __tablename__ = "bundle_part"

    bundle_id: Mapped[int] = mapped_column(ForeignKey("variant.id", ondelete="CASCADE"))
    part_id: Mapped[int] = mapped_column(ForeignKey("variant.id", ondelete="RESTRICT"), index=True)
    quantity: Mapped[int]

    __table_args__ = (
        UniqueConstraint("bundle_id", "part_id"),
        CheckConstraint("quantity BETWEEN 1 AND 999", name="quantity"),
        CheckConstraint("bundle_id <> part_id", name="not_itself"),
    )
