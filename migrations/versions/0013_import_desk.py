"""Keep files that wait at the desk, and what they would change

Revision: 0013
Follows: 0012
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.add_column("import_row", sa.Column("params", json, nullable=True))
    op.create_table(
        "import_upload",
        sa.Column("store_id", number, nullable=False),
        sa.Column("run_id", number, nullable=True),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("kept", sa.String(length=40), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("options", json, nullable=False),
        sa.Column("format", sa.String(length=16), nullable=False),
        sa.Column("damaged", sa.Boolean(), nullable=False),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in (
                "rows",
                "rows_read",
                "position",
                "created",
                "changed",
                "unchanged",
                "refused",
                "archived",
            )
        ),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("params", json, nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", number, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('uploaded', 'checking', 'checked', 'applying', 'finished', 'cancelled', 'failed')",
            name=op.f("ck_import_upload_state"),
        ),
        sa.ForeignKeyConstraint(
            ["store_id"],
            ["store.id"],
            name=op.f("fk_import_upload_store_id_store"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["import_run.id"],
            name=op.f("fk_import_upload_run_id_import_run"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_upload")),
        sa.UniqueConstraint("public_id", name=op.f("uq_import_upload_public_id")),
    )
    op.create_index(op.f("ix_import_upload_run_id"), "import_upload", ["run_id"], unique=False)
    op.create_index(
        "ix_import_upload_store_id_id", "import_upload", ["store_id", "id"], unique=False
    )
    op.create_index("ix_import_upload_created_at", "import_upload", ["created_at"], unique=False)
    op.create_table(
        "import_preview",
        sa.Column("upload_id", number, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=True),
        sa.Column("handle", sa.String(length=255), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("product_id", number, nullable=True),
        sa.Column("changes", json, nullable=False),
        sa.Column("problems", json, nullable=False),
        sa.Column("applied", sa.String(length=16), nullable=True),
        sa.Column("again", sa.String(length=16), nullable=True),
        sa.Column("id", number, nullable=False),
        sa.CheckConstraint(
            "verdict IN ('created', 'changed', 'unchanged', 'refused', 'archived')",
            name=op.f("ck_import_preview_verdict"),
        ),
        sa.CheckConstraint(
            "applied IN ('created', 'changed', 'unchanged', 'refused', 'archived')",
            name=op.f("ck_import_preview_applied"),
        ),
        sa.ForeignKeyConstraint(
            ["upload_id"],
            ["import_upload.id"],
            name=op.f("fk_import_preview_upload_id_import_upload"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["product.id"],
            name=op.f("fk_import_preview_product_id_product"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_preview")),
        sa.UniqueConstraint(
            "upload_id", "position", name=op.f("uq_import_preview_upload_id_position")
        ),
    )
    op.create_index(
        op.f("ix_import_preview_product_id"), "import_preview", ["product_id"], unique=False
    )
    op.create_index(
        "ix_import_preview_upload_id_verdict_position",
        "import_preview",
        ["upload_id", "verdict", "position"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("import_preview")
    op.drop_table("import_upload")
    op.drop_column("import_row", "params")
