"""Keep what is added to reviews, who found them helpful, and who reported them

Revision: 0015
Follows: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column(
        "review",
        sa.Column("hidden_reason", sa.String(length=24), server_default="", nullable=False),
    )
    op.add_column(
        "review", sa.Column("helpful", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.create_table(
        "review_followup",
        sa.Column("review_id", number, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("hidden_reason", sa.String(length=24), nullable=False),
        sa.Column("id", number, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('pending', 'published', 'hidden')", name=op.f("ck_review_followup_state")
        ),
        sa.ForeignKeyConstraint(
            ["review_id"],
            ["review.id"],
            name=op.f("fk_review_followup_review_id_review"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_followup")),
        sa.UniqueConstraint("review_id", name=op.f("uq_review_followup_review_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_review_followup_public_id")),
    )
    op.create_index(op.f("ix_review_followup_state"), "review_followup", ["state"], unique=False)
    for table, more in (
        ("review_vote", []),
        (
            "review_report",
            [
                sa.Column("reason", sa.String(length=24), nullable=False),
                sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
                sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
            ],
        ),
    ):
        op.create_table(
            table,
            sa.Column("review_id", number, autoincrement=False, nullable=False),
            sa.Column("user_id", number, autoincrement=False, nullable=False),
            *more,
            sa.ForeignKeyConstraint(
                ["review_id"],
                ["review.id"],
                name=op.f(f"fk_{table}_review_id_review"),
                ondelete="CASCADE",
            ),
            sa.ForeignKeyConstraint(
                ["user_id"], ["user.id"], name=op.f(f"fk_{table}_user_id_user"), ondelete="CASCADE"
            ),
            sa.PrimaryKeyConstraint("review_id", "user_id", name=op.f(f"pk_{table}")),
        )
        op.create_index(op.f(f"ix_{table}_user_id"), table, ["user_id"], unique=False)
    open_ = sa.text("closed_at IS NULL")
    op.create_index(
        "ix_review_report_open",
        "review_report",
        ["review_id"],
        unique=False,
        sqlite_where=open_,
        postgresql_where=open_,
    )


def downgrade() -> None:
    op.drop_table("review_report")
    op.drop_table("review_vote")
    op.drop_table("review_followup")
    op.drop_column("review", "helpful")
    op.drop_column("review", "hidden_reason")
