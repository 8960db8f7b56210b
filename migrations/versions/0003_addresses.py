"""Keep former addresses, and the hour at which a draft is to be published

Revision: 0003
Follows: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _key() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "slug_history",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("slug", sa.String(length=160), nullable=False),
        sa.Column("product_id", _key(), nullable=True),
        sa.Column("category_id", _key(), nullable=True),
        sa.Column("store_id", _key(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", _key(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('product', 'category', 'store')", name=op.f("ck_slug_history_kind")
        ),
        sa.CheckConstraint(
            "(kind = 'product') = (product_id IS NOT NULL)"
            " AND (kind = 'category') = (category_id IS NOT NULL)"
            " AND (kind = 'store') = (store_id IS NOT NULL)",
            name=op.f("ck_slug_history_one_owner"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [f"{name}_id"],
                [f"{name}.id"],
                name=op.f(f"fk_slug_history_{name}_id_{name}"),
                ondelete="CASCADE",
            )
            for name in ("product", "category", "store")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slug_history")),
        sa.UniqueConstraint("kind", "slug", name=op.f("uq_slug_history_kind_slug")),
    )
    for name in ("product", "category", "store"):
        op.create_index(op.f(f"ix_slug_history_{name}_id"), "slug_history", [f"{name}_id"])
    op.add_column("product", sa.Column("publish_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_product_publish_at"), "product", ["publish_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_product_publish_at"), "product")
    op.drop_column("product", "publish_at")
    for name in ("product", "category", "store"):
        op.drop_index(op.f(f"ix_slug_history_{name}_id"), "slug_history")
    op.drop_table("slug_history")
