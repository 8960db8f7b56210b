"""Keep what shoppers save for later

Revision: 0004
Follows: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "wishlist_item",
        sa.Column("user_id", number, nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("product_id", number, nullable=False),
        sa.Column("saved_price_minor", sa.BigInteger(), nullable=False),
        sa.Column("was_available", sa.Boolean(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", number, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(user_id IS NULL) <> (token_hash IS NULL)", name=op.f("ck_wishlist_item_one_owner")
        ),
        sa.CheckConstraint("saved_price_minor >= 0", name=op.f("ck_wishlist_item_saved_price")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_wishlist_item_user_id_user"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["product.id"],
            name=op.f("fk_wishlist_item_product_id_product"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wishlist_item")),
        sa.UniqueConstraint(
            "user_id", "product_id", name=op.f("uq_wishlist_item_user_id_product_id")
        ),
        sa.UniqueConstraint(
            "token_hash", "product_id", name=op.f("uq_wishlist_item_token_hash_product_id")
        ),
    )
    op.create_index(
        op.f("ix_wishlist_item_product_id"), "wishlist_item", ["product_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("wishlist_item")
