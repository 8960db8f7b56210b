"""Keep who waits for what is sold out, and what was told of wishes

Revision: 0007
Follows: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "stock_wait",
        sa.Column("variant_id", number, nullable=False),
        sa.Column("user_id", number, nullable=True),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("email_key", sa.String(length=254), nullable=False),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("id", number, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["variant_id"],
            ["variant.id"],
            name=op.f("fk_stock_wait_variant_id_variant"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_stock_wait_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_wait")),
        sa.UniqueConstraint("public_id", name=op.f("uq_stock_wait_public_id")),
        sa.UniqueConstraint(
            "variant_id", "email_key", name=op.f("uq_stock_wait_variant_id_email_key")
        ),
    )
    op.create_index(op.f("ix_stock_wait_user_id"), "stock_wait", ["user_id"], unique=False)
    op.create_index(op.f("ix_stock_wait_email_key"), "stock_wait", ["email_key"], unique=False)
    op.create_index(
        "ix_stock_wait_variant_id_told_at",
        "stock_wait",
        ["variant_id", "told_at"],
        unique=False,
    )
    op.add_column("wishlist_item", sa.Column("told_price_minor", sa.BigInteger(), nullable=True))
    op.add_column("wishlist_item", sa.Column("seen_available", sa.Boolean(), nullable=True))
    op.add_column("message", sa.Column("unsubscribe_url", sa.String(length=500), nullable=True))
    op.add_column(
        "user",
        sa.Column("wishlist_mails", sa.Boolean(), server_default=sa.true(), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("user", "wishlist_mails")
    op.drop_column("message", "unsubscribe_url")
    op.drop_column("wishlist_item", "seen_available")
    op.drop_column("wishlist_item", "told_price_minor")
    op.drop_table("stock_wait")
