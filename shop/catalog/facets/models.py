"""Tables of attributes and of what lists are narrowed by."""

from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base, HasId, HasPublicId


class Attribute(HasPublicId, Base):
    """Something that goods of a category have in common: material, origin. ``names``: locale → name.

    Operators define it; ``key`` stays, since addresses carry it.
    """

    __tablename__ = "attribute"

    key: Mapped[str] = mapped_column(String(80), unique=True)
    position: Mapped[int] = mapped_column(default=0)
    names: Mapped[dict[str, Any]]


class AttributeValue(HasPublicId, Base):
    """One of the values an attribute may have. ``labels``: locale → label."""

    __tablename__ = "attribute_value"

    attribute_id: Mapped[int] = mapped_column(ForeignKey("attribute.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(80))
    position: Mapped[int]
    labels: Mapped[dict[str, Any]]

    __table_args__ = (UniqueConstraint("attribute_id", "key"),)


class CategoryAttribute(Base):
    """A category whose goods, and those of the categories below, have an attribute."""

    __tablename__ = "category_attribute"

    category_id: Mapped[int] = mapped_column(
        ForeignKey("category.id", ondelete="CASCADE"), primary_key=True
    )
    attribute_id: Mapped[int] = mapped_column(
        ForeignKey("attribute.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class ProductAttribute(Base):
    """A value that a merchant gave a product."""

    __tablename__ = "product_attribute"

    product_id: Mapped[int] = mapped_column(
        ForeignKey("product.id", ondelete="CASCADE"), primary_key=True
    )
    value_id: Mapped[int] = mapped_column(
        ForeignKey("attribute_value.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Facet(HasId, Base):
    """What lists are narrowed by: an option of that folded name (``o.colour``) or an attribute
    (``a.material``), over all products. ``names``: locale → name. Derived, as the tables below."""

    __tablename__ = "facet"

    key: Mapped[str] = mapped_column(String(82), unique=True)
    names: Mapped[dict[str, Any]]


class FacetValue(HasId, Base):
    """A value of a facet: the folded label of option values, or the key of an attribute's value."""

    __tablename__ = "facet_value"

    facet_id: Mapped[int] = mapped_column(ForeignKey("facet.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(80))
    labels: Mapped[dict[str, Any]]
    swatch: Mapped[str | None] = mapped_column(String(7))

    __table_args__ = (UniqueConstraint("facet_id", "key"),)


class ProductFacet(Base):
    """A product that has a value: in a variant on sale, or as an attribute."""

    __tablename__ = "product_facet"

    product_id: Mapped[int] = mapped_column(
        ForeignKey("product.id", ondelete="CASCADE"), primary_key=True
    )
    value_id: Mapped[int] = mapped_column(
        ForeignKey("facet_value.id", ondelete="CASCADE"), primary_key=True
    )

    __table_args__ = (Index("ix_product_facet_value_id", "value_id", "product_id"),)
