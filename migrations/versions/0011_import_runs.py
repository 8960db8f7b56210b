"""Keep what imports did, so that they can be taken back

Revision: 0011
Follows: 0010
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.create_table(
        "import_run",
        sa.Column("store_id", number, nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("unchanged", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.BigInteger(), nullable=False),
        sa.Column("last_brand_id", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", number, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('running', 'finished', 'undoing', 'undone')",
            name=op.f("ck_import_run_state"),
        ),
        sa.ForeignKeyConstraint(
            ["store_id"],
            ["store.id"],
            name=op.f("fk_import_run_store_id_store"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
        sa.UniqueConstraint("public_id", name=op.f("uq_import_run_public_id")),
    )
    op.create_index("ix_import_run_store_id_id", "import_run", ["store_id", "id"], unique=False)
    op.create_table(
        "import_row",
        sa.Column("run_id", number, nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=True),
        sa.Column("handle", sa.String(length=255), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("product_id", number, nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=True),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("undone", sa.String(length=16), nullable=True),
        sa.Column("stock", json, nullable=False),
        sa.Column("before", json, nullable=True),
        sa.Column("id", number, nullable=False),
        sa.CheckConstraint(
            "outcome IN ('created', 'updated', 'unchanged', 'refused')",
            name=op.f("ck_import_row_outcome"),
        ),
        sa.CheckConstraint(
            "undone IN ('restored', 'deleted', 'archived', 'left', 'gone')",
            name=op.f("ck_import_row_undone"),
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["import_run.id"],
            name=op.f("fk_import_row_run_id_import_run"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["product.id"],
            name=op.f("fk_import_row_product_id_product"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_row")),
    )
    op.create_index(op.f("ix_import_row_product_id"), "import_row", ["product_id"], unique=False)
    op.create_index(
        "ix_import_row_run_id_outcome_id", "import_row", ["run_id", "outcome", "id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("import_row")
    op.drop_table("import_run")
