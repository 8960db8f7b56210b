"""Bills of providers, and differences from them

Revision: 0026
Follows: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "bill_day",
        sa.Column("gateway", sa.String(length=24), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("payments", sa.BigInteger(), nullable=False),
        sa.Column("refunds", sa.BigInteger(), nullable=False),
        sa.Column("paid_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("id", number, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bill_day")),
        sa.UniqueConstraint("gateway", "day", name=op.f("uq_bill_day_gateway_day")),
    )
    op.create_table(
        "bill_item",
        sa.Column("bill_day_id", number, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("no", sa.String(length=64), nullable=False),
        sa.Column("refund_no", sa.String(length=64), nullable=False),
        sa.Column("provider_id", sa.String(length=64), nullable=False),
        sa.Column("provider_refund_id", sa.String(length=64), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("payment_id", number, nullable=True),
        sa.Column("id", number, nullable=False),
        sa.CheckConstraint("kind IN ('payment', 'refund')", name=op.f("ck_bill_item_kind")),
        sa.CheckConstraint(
            "amount_minor >= 0 AND refunded_minor >= 0", name=op.f("ck_bill_item_amount")
        ),
        sa.ForeignKeyConstraint(
            ["bill_day_id"],
            ["bill_day.id"],
            name=op.f("fk_bill_item_bill_day_id_bill_day"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"],
            ["payment.id"],
            name=op.f("fk_bill_item_payment_id_payment"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bill_item")),
        sa.UniqueConstraint(
            "bill_day_id",
            "kind",
            "no",
            "refund_no",
            "provider_id",
            "provider_refund_id",
            name=op.f("uq_bill_item_movement"),
        ),
    )
    op.create_index(op.f("ix_bill_item_payment_id"), "bill_item", ["payment_id"])
    op.create_table(
        "reconciliation_difference",
        sa.Column("gateway", sa.String(length=24), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("no", sa.String(length=64), nullable=False),
        sa.Column("refund_no", sa.String(length=64), nullable=False),
        sa.Column("here_minor", sa.BigInteger(), nullable=False),
        sa.Column("there_minor", sa.BigInteger(), nullable=False),
        sa.Column("payment_id", number, nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("resolved_by", sa.String(length=80), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", number, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('missing_here', 'missing_there', 'amount', 'fee', 'refund')",
            name=op.f("ck_reconciliation_difference_kind"),
        ),
        sa.CheckConstraint(
            "state IN ('open', 'resolved')", name=op.f("ck_reconciliation_difference_state")
        ),
        sa.CheckConstraint(
            "(state = 'open') = (resolved_at IS NULL)",
            name=op.f("ck_reconciliation_difference_resolved"),
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"],
            ["payment.id"],
            name=op.f("fk_reconciliation_difference_payment_id_payment"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation_difference")),
        sa.UniqueConstraint(
            "gateway",
            "day",
            "kind",
            "no",
            "refund_no",
            name=op.f("uq_reconciliation_difference_gateway_day_kind_no_refund_no"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_reconciliation_difference_public_id")),
    )
    op.create_index(
        op.f("ix_reconciliation_difference_payment_id"), "reconciliation_difference", ["payment_id"]
    )
    op.create_index(
        "ix_reconciliation_difference_state_day", "reconciliation_difference", ["state", "day"]
    )


def downgrade() -> None:
    op.drop_table("reconciliation_difference")
    op.drop_table("bill_item")
    op.drop_table("bill_day")
