"""Number invoices and credit notes

Revision: 0019
Follows: 0018
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "store_counter",
        sa.Column("store_id", number, autoincrement=False, nullable=False),
        sa.Column("series", sa.String(length=16), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("last > 0", name=op.f("ck_store_counter_last")),
        sa.ForeignKeyConstraint(
            ["store_id"],
            ["store.id"],
            name=op.f("fk_store_counter_store_id_store"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("store_id", "series", name=op.f("pk_store_counter")),
    )
    op.create_table(
        "invoice",
        sa.Column("store_id", number, nullable=False),
        sa.Column("series", sa.String(length=16), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("order_id", number, nullable=False),
        sa.Column("refund_id", number, nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column(
            "snapshot",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "buyer",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("id", number, nullable=False),
        sa.CheckConstraint("series IN ('invoice', 'credit')", name=op.f("ck_invoice_series")),
        sa.CheckConstraint(
            "(series = 'credit') = (refund_id IS NOT NULL)", name=op.f("ck_invoice_refund")
        ),
        sa.CheckConstraint("number > 0 AND total_minor >= 0", name=op.f("ck_invoice_amounts")),
        sa.ForeignKeyConstraint(
            ["store_id"], ["store.id"], name=op.f("fk_invoice_store_id_store"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["order.id"], name=op.f("fk_invoice_order_id_order"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["refund_id"],
            ["refund.id"],
            name=op.f("fk_invoice_refund_id_refund"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sa.UniqueConstraint(
            "store_id", "series", "number", name=op.f("uq_invoice_store_id_series_number")
        ),
        sa.UniqueConstraint("refund_id", name=op.f("uq_invoice_refund_id")),
    )
    op.create_index(op.f("ix_invoice_order_id"), "invoice", ["order_id"], unique=False)
    whole = sa.text("series = 'invoice'")
    op.create_index(
        "uq_invoice_order_id",
        "invoice",
        ["order_id"],
        unique=True,
        sqlite_where=whole,
        postgresql_where=whole,
    )


def downgrade() -> None:
    op.drop_table("invoice")
    op.drop_table("store_counter")
