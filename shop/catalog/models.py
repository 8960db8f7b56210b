"""Tables of goods."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.core import clock
from shop.core.db import Base, HasCreatedAt, HasId, HasPublicId


class Category(HasPublicId, Base):
    """A node of the platform's category tree.

    ``products``: how many published ones lie in it, those below aside; kept by ``catalog.listing``.
    """

    __tablename__ = "category"

    slug: Mapped[str] = mapped_column(String(80), unique=True)
    parent_id: Mapped[int | None] = mapped_column(
        ForeignKey("category.id", ondelete="RESTRICT"), index=True
    )
    position: Mapped[int] = mapped_column(default=0)
    image_name: Mapped[str | None] = mapped_column(String(120))
    products: Mapped[int] = mapped_column(default=0, server_default="0")
    translations: Mapped[list["CategoryTranslation"]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )

    __table_args__ = (CheckConstraint("parent_id <> id", name="not_its_own_parent"),)


class CategoryTranslation(HasId, Base):
    """A category in one language."""

    __tablename__ = "category_translation"

    category_id: Mapped[int] = mapped_column(ForeignKey("category.id", ondelete="CASCADE"))
    locale: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(120))

    __table_args__ = (UniqueConstraint("category_id", "locale"),)


class Brand(HasPublicId, Base):
    """Who made it (Shopify's vendor). ``image``: its logo, kept as a collection's picture is."""

    __tablename__ = "brand"

    slug: Mapped[str] = mapped_column(String(120), unique=True)
    name: Mapped[str] = mapped_column(String(160))
    image: Mapped[dict[str, Any] | None]


class Product(HasPublicId, HasCreatedAt, Base):
    """Something a store sells, in one or more variants. ``version`` detects conflicting edits.

    ``slug`` is unique on the platform, ``import_handle`` within its store. Archived once sold, never
    deleted. ``publish_at``: when a draft goes on sale by itself. ``digital_name``: the stored file of a
    download; ``validity_days``: how long the code of a service lives (null: no end). ``tax_class``: a code.
    """

    __tablename__ = "product"

    store_id: Mapped[int] = mapped_column(ForeignKey("store.id", ondelete="RESTRICT"))
    category_id: Mapped[int | None] = mapped_column(
        ForeignKey("category.id", ondelete="SET NULL"), index=True
    )
    brand_id: Mapped[int | None] = mapped_column(
        ForeignKey("brand.id", ondelete="SET NULL"), index=True
    )
    kind: Mapped[str] = mapped_column(String(16), default="physical")
    status: Mapped[str] = mapped_column(String(16), default="draft")
    slug: Mapped[str] = mapped_column(String(160), unique=True)
    import_handle: Mapped[str | None] = mapped_column(String(255))
    import_hash: Mapped[str | None] = mapped_column(String(64))
    tags: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)
    featured: Mapped[bool] = mapped_column(default=False)
    published_at: Mapped[datetime | None]
    publish_at: Mapped[datetime | None] = mapped_column(index=True)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)
    digital_name: Mapped[str | None] = mapped_column(String(255))
    validity_days: Mapped[int | None]
    tax_class: Mapped[str] = mapped_column(String(40), default="", server_default="")

    translations: Mapped[list["ProductTranslation"]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )
    options: Mapped[list["Option"]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by="Option.position"
    )
    variants: Mapped[list["Variant"]] = relationship(
        cascade="all, delete-orphan",
        passive_deletes=True,
        order_by="Variant.position",
        foreign_keys="Variant.product_id",
    )
    images: Mapped[list["Image"]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by="Image.position"
    )
    specifications: Mapped[list["Specification"]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by="Specification.position"
    )

    __table_args__ = (
        UniqueConstraint("store_id", "import_handle"),
        CheckConstraint("kind IN ('physical', 'service', 'digital')", name="kind"),
        CheckConstraint("status IN ('draft', 'published', 'archived')", name="status"),
        CheckConstraint("validity_days > 0", name="validity_days"),
        Index("ix_product_store_id_status_updated_at", "store_id", "status", "updated_at"),
    )


class ProductTranslation(HasId, Base):
    """A product in one language. ``description_html`` is clean (``catalog.html``)."""

    __tablename__ = "product_translation"

    product_id: Mapped[int] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"))
    locale: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(String(255))
    fact: Mapped[str] = mapped_column(String(120), default="")
    lead: Mapped[str] = mapped_column(default="")
    description_html: Mapped[str] = mapped_column(Text, default="")
    seo_title: Mapped[str] = mapped_column(default="")
    seo_description: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (UniqueConstraint("product_id", "locale"),)


class Specification(HasId, Base):
    """A row of the specification table, in one language."""

    __tablename__ = "specification"

    product_id: Mapped[int] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"))
    locale: Mapped[str] = mapped_column(String(10))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(120))
    value: Mapped[str] = mapped_column(Text)

    __table_args__ = (UniqueConstraint("product_id", "locale", "position"),)


class Option(HasId, Base):
    """What a shopper chooses by: glaze, size. ``names``: locale → name."""

    __tablename__ = "option"

    product_id: Mapped[int] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"))
    position: Mapped[int]
    names: Mapped[dict[str, Any]]
    values: Mapped[list["OptionValue"]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by="OptionValue.position"
    )

    __table_args__ = (UniqueConstraint("product_id", "position"),)


class OptionValue(HasPublicId, Base):
    """One choice of an option. ``labels``: locale → label; ``swatch`` a colour #rrggbb."""

    __tablename__ = "option_value"

    option_id: Mapped[int] = mapped_column(ForeignKey("option.id", ondelete="CASCADE"))
    position: Mapped[int]
    key: Mapped[str] = mapped_column(String(255))
    labels: Mapped[dict[str, Any]]
    swatch: Mapped[str | None] = mapped_column(String(7))

    __table_args__ = (UniqueConstraint("option_id", "key"),)


class Variant(HasPublicId, Base):
    """What is sold, priced and stocked.

    ``signature`` joins the ids of its option values in option order (empty for a product without
    options); unique within the product. ``sku`` and ``barcode`` are indexed, not unique, since real
    catalogues repeat them. Untracked variants have no stock level and never run out.
    """

    __tablename__ = "variant"

    product_id: Mapped[int] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(default=0)
    signature: Mapped[str] = mapped_column(String(120), default="")
    sku: Mapped[str] = mapped_column(String(255), default="", index=True)
    barcode: Mapped[str] = mapped_column(String(64), default="", index=True)
    price_minor: Mapped[int]
    compare_at_minor: Mapped[int | None]
    cost_minor: Mapped[int | None]
    weight_grams: Mapped[int] = mapped_column(default=0)
    tracked: Mapped[bool] = mapped_column(default=True)
    image_id: Mapped[int | None] = mapped_column(ForeignKey("image.id", ondelete="SET NULL"))
    archived_at: Mapped[datetime | None]
    values: Mapped[list["VariantValue"]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )

    __table_args__ = (
        UniqueConstraint("product_id", "signature"),
        CheckConstraint("price_minor >= 0", name="price"),
        CheckConstraint("compare_at_minor > price_minor", name="compare_at"),
        CheckConstraint("cost_minor >= 0", name="cost"),
        CheckConstraint("weight_grams >= 0", name="weight"),
    )


class VariantValue(Base):
    """Which value a variant has for an option of its product."""

    __tablename__ = "variant_value"

    variant_id: Mapped[int] = mapped_column(
        ForeignKey("variant.id", ondelete="CASCADE"), primary_key=True
    )
    option_id: Mapped[int] = mapped_column(
        ForeignKey("option.id", ondelete="CASCADE"), primary_key=True
    )
    value_id: Mapped[int] = mapped_column(
        ForeignKey("option_value.id", ondelete="CASCADE"), index=True
    )


_WAITING = sql("name IS NULL AND source_url IS NOT NULL")


class Image(HasPublicId, Base):
    """A picture of a product: ``name`` is its stem in media storage, ``widths`` the sizes made.

    ``source_url`` is where an import says it lies, until it was fetched. ``alts``: locale → text.
    """

    __tablename__ = "image"

    product_id: Mapped[int] = mapped_column(
        ForeignKey("product.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int]
    name: Mapped[str | None] = mapped_column(String(120))
    width: Mapped[int] = mapped_column(default=0)
    height: Mapped[int] = mapped_column(default=0)
    widths: Mapped[str] = mapped_column(String(60), default="")
    alts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    source_url: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        Index("ix_image_waiting", "id", sqlite_where=_WAITING, postgresql_where=_WAITING),
    )


class ListingRow(Base):
    """What cards and facets read: written by the services of catalog, inventory, review and order.

    Prices are those of the variants not archived, in minor units of the store's currency.
    ``available``: at least one variant can be bought. ``rating_sum / rating_count`` is the mean;
    ``rating_rank`` orders by it, three ratings of four stars beside, so that a lone 5.0 does not lead.
    """

    __tablename__ = "listing_row"

    product_id: Mapped[int] = mapped_column(
        ForeignKey("product.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id", ondelete="CASCADE"))
    category_id: Mapped[int | None] = mapped_column(ForeignKey("category.id", ondelete="SET NULL"))
    published_at: Mapped[datetime | None]
    price_minor: Mapped[int] = mapped_column(default=0)
    price_max_minor: Mapped[int] = mapped_column(default=0)
    compare_at_minor: Mapped[int | None]
    currency: Mapped[str] = mapped_column(String(3))
    available: Mapped[bool] = mapped_column(default=False)
    variant_count: Mapped[int] = mapped_column(default=0)
    rating_sum: Mapped[int] = mapped_column(default=0)
    rating_count: Mapped[int] = mapped_column(default=0)
    rating_rank: Mapped[int] = mapped_column(default=0, server_default="0")
    sales: Mapped[int] = mapped_column(default=0)
    image_id: Mapped[int | None] = mapped_column(ForeignKey("image.id", ondelete="SET NULL"))
    hover_image_id: Mapped[int | None] = mapped_column(ForeignKey("image.id", ondelete="SET NULL"))

    __table_args__ = (
        CheckConstraint("rating_count >= 0 AND rating_sum >= 0 AND sales >= 0", name="counters"),
        Index("ix_listing_row_newest", "published_at", "product_id"),
        Index(
            "ix_listing_row_category_newest",
            "category_id",
            "published_at",
            "product_id",
        ),
        Index("ix_listing_row_category_price", "category_id", "price_minor", "product_id"),
        Index("ix_listing_row_category_sales", "category_id", "sales", "product_id"),
        Index("ix_listing_row_store_newest", "store_id", "published_at", "product_id"),
        Index("ix_listing_row_sales", "sales", "product_id"),
        Index("ix_listing_row_rating", "rating_rank", "product_id"),
        Index("ix_listing_row_price", "price_minor", "product_id"),
    )
