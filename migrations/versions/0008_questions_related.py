"""Let shoppers ask, and know what goes with what

Revision: 0008
Follows: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def _key(column: str, target: str, table: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete=ondelete)


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "related_product",
        sa.Column("product_id", number, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("other_id", number, autoincrement=False, nullable=False),
        sa.Column("score", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('pinned', 'bought')", name=op.f("ck_related_product_kind")),
        sa.CheckConstraint("other_id <> product_id", name=op.f("ck_related_product_not_itself")),
        sa.CheckConstraint("score BETWEEN 0 AND 1000000", name=op.f("ck_related_product_score")),
        _key("product_id", "product", "related_product", "CASCADE"),
        _key("other_id", "product", "related_product", "CASCADE"),
        sa.PrimaryKeyConstraint("product_id", "kind", "other_id", name=op.f("pk_related_product")),
    )
    op.create_index(op.f("ix_related_product_other_id"), "related_product", ["other_id"])
    op.create_table(
        "question",
        sa.Column("product_id", number, nullable=False),
        sa.Column("user_id", number, nullable=True),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("hidden_reason", sa.String(length=24), nullable=False),
        sa.Column("helpful", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("id", number, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('pending', 'published', 'hidden')", name=op.f("ck_question_state")
        ),
        sa.CheckConstraint("helpful >= 0", name=op.f("ck_question_helpful")),
        _key("product_id", "product", "question", "CASCADE"),
        _key("user_id", "user", "question", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint("public_id", name=op.f("uq_question_public_id")),
    )
    op.create_index(
        "ix_question_product_id_state_helpful",
        "question",
        ["product_id", "state", "helpful", "id"],
    )
    op.create_index(op.f("ix_question_user_id"), "question", ["user_id"])
    op.create_table(
        "answer",
        sa.Column("question_id", number, nullable=False),
        sa.Column("user_id", number, nullable=True),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("by_store", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("hidden_reason", sa.String(length=24), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("id", number, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('pending', 'published', 'hidden')", name=op.f("ck_answer_state")
        ),
        _key("question_id", "question", "answer", "CASCADE"),
        _key("user_id", "user", "answer", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
        sa.UniqueConstraint("public_id", name=op.f("uq_answer_public_id")),
    )
    op.create_index(op.f("ix_answer_question_id"), "answer", ["question_id"])
    op.create_index(op.f("ix_answer_user_id"), "answer", ["user_id"])
    op.create_table(
        "question_vote",
        sa.Column("question_id", number, autoincrement=False, nullable=False),
        sa.Column("user_id", number, autoincrement=False, nullable=False),
        _key("question_id", "question", "question_vote", "CASCADE"),
        _key("user_id", "user", "question_vote", "CASCADE"),
        sa.PrimaryKeyConstraint("question_id", "user_id", name=op.f("pk_question_vote")),
    )
    op.create_index(op.f("ix_question_vote_user_id"), "question_vote", ["user_id"])


def downgrade() -> None:
    op.drop_table("question_vote")
    op.drop_table("answer")
    op.drop_table("question")
    op.drop_table("related_product")
