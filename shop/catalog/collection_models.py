"""Tables of collections, and what is said of brands."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.core import clock
from shop.core.db import Base, HasCreatedAt, HasId, HasPublicId

TOPIC = "collection"
"""What is noted in ``core.changes`` when a collection holds other goods, or in another order; by its id.

Not when goods follow a rule one by one: that is noted as the product.
"""


class Collection(HasPublicId, HasCreatedAt, Base):
    """Goods under one title: chosen by hand, or by a rule (``catalog.collection_rules``).

    Of a store, or of the platform (no store). ``stale``: the rule was changed and a job has yet to follow.
    ``image``: ``{"name", "width", "height", "widths"}`` of a stored picture.
    """

    __tablename__ = "collection"

    slug: Mapped[str] = mapped_column(String(80), unique=True)
    store_id: Mapped[int | None] = mapped_column(
        ForeignKey("store.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str] = mapped_column(String(8), default="hand")
    rule: Mapped[dict[str, Any]] = mapped_column(default=dict)
    image: Mapped[dict[str, Any] | None]
    published: Mapped[bool] = mapped_column(default=False)
    stale: Mapped[bool] = mapped_column(default=False)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)

    __table_args__ = (CheckConstraint("kind IN ('hand', 'rule')", name="kind"),)


class CollectionTranslation(HasId, Base):
    """A collection in one language. ``text`` is plain."""

    __tablename__ = "collection_translation"

    collection_id: Mapped[int] = mapped_column(ForeignKey("collection.id", ondelete="CASCADE"))
    locale: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (UniqueConstraint("collection_id", "locale"),)


class CollectionProduct(Base):
    """A product of a collection: picked, at a place of the merchant's, or derived from the rule (place 0)."""

    __tablename__ = "collection_product"

    collection_id: Mapped[int] = mapped_column(
        ForeignKey("collection.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    product_id: Mapped[int] = mapped_column(
        ForeignKey("product.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    position: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        Index("ix_collection_product_place", "collection_id", "position", "product_id"),
        Index("ix_collection_product_product_id", "product_id"),
    )


class BrandTranslation(HasId, Base):
    """What is said of a brand in one language; plain text."""

    __tablename__ = "brand_translation"

    brand_id: Mapped[int] = mapped_column(ForeignKey("brand.id", ondelete="CASCADE"))
    locale: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text)

    __table_args__ = (UniqueConstraint("brand_id", "locale"),)
