"""How much comes back; photos in follow-ups; saved replies

Revision: 0023
Follows: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "return_figure",
        sa.Column("product_id", number, autoincrement=False, nullable=False),
        sa.Column("percent", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name=op.f("ck_return_figure_percent")),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["product.id"],
            name=op.f("fk_return_figure_product_id_product"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_return_figure")),
    )
    op.create_table(
        "followup_photo",
        sa.Column("followup_id", number, nullable=False),
        sa.Column("product_id", number, nullable=False),
        sa.Column("user_id", number, nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("width", sa.BigInteger(), nullable=False),
        sa.Column("height", sa.BigInteger(), nullable=False),
        sa.Column("widths", sa.String(length=60), nullable=False),
        sa.Column("id", number, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("position BETWEEN 0 AND 8", name=op.f("ck_followup_photo_position")),
        sa.ForeignKeyConstraint(
            ["followup_id"],
            ["review_followup.id"],
            name=op.f("fk_followup_photo_followup_id_review_followup"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["product.id"],
            name=op.f("fk_followup_photo_product_id_product"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("fk_followup_photo_user_id_user"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_followup_photo")),
        sa.UniqueConstraint(
            "followup_id", "position", name=op.f("uq_followup_photo_followup_id_position")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_followup_photo_public_id")),
    )
    op.create_index(op.f("ix_followup_photo_user_id"), "followup_photo", ["user_id"])
    op.create_index(op.f("ix_followup_photo_name"), "followup_photo", ["name"])
    first = sa.text("position = 0")
    op.create_index(
        "ix_followup_photo_first",
        "followup_photo",
        ["product_id", "followup_id"],
        sqlite_where=first,
        postgresql_where=first,
    )

    op.create_table(
        "saved_reply",
        sa.Column("store_id", number, nullable=False),
        sa.Column("title", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("id", number, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id"],
            ["store.id"],
            name=op.f("fk_saved_reply_store_id_store"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_reply")),
        sa.UniqueConstraint("store_id", "title", name=op.f("uq_saved_reply_store_id_title")),
        sa.UniqueConstraint("public_id", name=op.f("uq_saved_reply_public_id")),
    )


def downgrade() -> None:
    op.drop_table("saved_reply")
    op.drop_table("followup_photo")
    op.drop_table("return_figure")
