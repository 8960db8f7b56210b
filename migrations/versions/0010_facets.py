"""Attributes by category, and what lists of goods are narrowed by

Revision: 0010
Follows: 0009
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    texts = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.create_table(
        "attribute",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("names", texts, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("id", number, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribute")),
        sa.UniqueConstraint("key", name=op.f("uq_attribute_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_attribute_public_id")),
    )
    op.create_table(
        "attribute_value",
        sa.Column("attribute_id", number, nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("labels", texts, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("id", number, nullable=False),
        _belongs("attribute_value", "attribute"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribute_value")),
        sa.UniqueConstraint(
            "attribute_id", "key", name=op.f("uq_attribute_value_attribute_id_key")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_attribute_value_public_id")),
    )
    op.create_table(
        "category_attribute",
        sa.Column("category_id", number, nullable=False),
        sa.Column("attribute_id", number, nullable=False),
        _belongs("category_attribute", "category"),
        _belongs("category_attribute", "attribute"),
        sa.PrimaryKeyConstraint("category_id", "attribute_id", name=op.f("pk_category_attribute")),
    )
    op.create_index(
        op.f("ix_category_attribute_attribute_id"), "category_attribute", ["attribute_id"]
    )
    op.create_table(
        "product_attribute",
        sa.Column("product_id", number, nullable=False),
        sa.Column("value_id", number, nullable=False),
        _belongs("product_attribute", "product"),
        _belongs("product_attribute", "attribute_value", "value_id"),
        sa.PrimaryKeyConstraint("product_id", "value_id", name=op.f("pk_product_attribute")),
    )
    op.create_index(op.f("ix_product_attribute_value_id"), "product_attribute", ["value_id"])
    op.create_table(
        "facet",
        sa.Column("key", sa.String(length=82), nullable=False),
        sa.Column("names", texts, nullable=False),
        sa.Column("id", number, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facet")),
        sa.UniqueConstraint("key", name=op.f("uq_facet_key")),
    )
    op.create_table(
        "facet_value",
        sa.Column("facet_id", number, nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("labels", texts, nullable=False),
        sa.Column("swatch", sa.String(length=7), nullable=True),
        sa.Column("id", number, nullable=False),
        _belongs("facet_value", "facet"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facet_value")),
        sa.UniqueConstraint("facet_id", "key", name=op.f("uq_facet_value_facet_id_key")),
    )
    op.create_table(
        "product_facet",
        sa.Column("product_id", number, nullable=False),
        sa.Column("value_id", number, nullable=False),
        _belongs("product_facet", "product"),
        _belongs("product_facet", "facet_value", "value_id"),
        sa.PrimaryKeyConstraint("product_id", "value_id", name=op.f("pk_product_facet")),
    )
    op.create_index("ix_product_facet_value_id", "product_facet", ["value_id", "product_id"])
    op.add_column(
        "listing_row",
        sa.Column("rating_rank", sa.BigInteger(), server_default="0", nullable=False),
    )
    op.execute(
        "UPDATE listing_row SET rating_rank = (rating_sum * 1000 + 12000) / (rating_count + 3) "
        "WHERE rating_count > 0"
    )
    op.create_index("ix_listing_row_rating", "listing_row", ["rating_rank", "product_id"])
    op.create_index("ix_listing_row_price", "listing_row", ["price_minor", "product_id"])


def downgrade() -> None:
    op.drop_index("ix_listing_row_price", table_name="listing_row")
    op.drop_index("ix_listing_row_rating", table_name="listing_row")
    op.drop_column("listing_row", "rating_rank")
    for table in (
        "product_facet",
        "facet_value",
        "facet",
        "product_attribute",
        "category_attribute",
        "attribute_value",
        "attribute",
    ):
        op.drop_table(table)


def _belongs(table: str, other: str, column: str | None = None) -> sa.ForeignKeyConstraint:
    column = column or f"{other}_id"
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete="CASCADE")
