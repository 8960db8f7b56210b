"""Keep photos of reviews

Revision: 0014
Follows: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "review_photo",
        sa.Column("review_id", number, nullable=False),
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
        sa.CheckConstraint("position BETWEEN 0 AND 8", name=op.f("ck_review_photo_position")),
        sa.ForeignKeyConstraint(
            ["review_id"],
            ["review.id"],
            name=op.f("fk_review_photo_review_id_review"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["product.id"],
            name=op.f("fk_review_photo_product_id_product"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("fk_review_photo_user_id_user"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_photo")),
        sa.UniqueConstraint(
            "review_id", "position", name=op.f("uq_review_photo_review_id_position")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_review_photo_public_id")),
    )
    op.create_index(op.f("ix_review_photo_user_id"), "review_photo", ["user_id"], unique=False)
    op.create_index(op.f("ix_review_photo_name"), "review_photo", ["name"], unique=False)
    first = sa.text("position = 0")
    op.create_index(
        "ix_review_photo_first",
        "review_photo",
        ["product_id", "review_id"],
        unique=False,
        sqlite_where=first,
        postgresql_where=first,
    )


def downgrade() -> None:
    op.drop_table("review_photo")
