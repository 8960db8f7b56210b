"""Keep returns

Revision: 0021
Follows: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "return_request",
        sa.Column("order_id", number, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("instructions", sa.Text(), nullable=False),
        sa.Column("refusal", sa.String(length=500), nullable=False),
        sa.Column("carrier", sa.String(length=24), nullable=False),
        sa.Column("tracking_number", sa.String(length=60), nullable=False),
        sa.Column("refund_id", number, nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", number, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('requested', 'approved', 'refused', 'in_transit', 'refunded', 'withdrawn')",
            name=op.f("ck_return_request_state"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_return_request_amount")),
        sa.CheckConstraint(
            "(state = 'refunded') = (refund_id IS NOT NULL)", name=op.f("ck_return_request_refund")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["order.id"],
            name=op.f("fk_return_request_order_id_order"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["refund_id"],
            ["refund.id"],
            name=op.f("fk_return_request_refund_id_refund"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_request")),
        sa.UniqueConstraint("public_id", name=op.f("uq_return_request_public_id")),
        sa.UniqueConstraint("refund_id", name=op.f("uq_return_request_refund_id")),
    )
    op.create_index(op.f("ix_return_request_order_id"), "return_request", ["order_id"])
    op.create_index("ix_return_request_state_created_at", "return_request", ["state", "created_at"])
    op.create_table(
        "return_line",
        sa.Column("return_id", number, nullable=False),
        sa.Column("line_id", number, nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("restocked", sa.Boolean(), nullable=True),
        sa.Column("id", number, nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_return_line_quantity")),
        sa.CheckConstraint(
            "reason IN ('damaged', 'wrong-item', 'not-as-described', 'size', 'changed-mind', "
            "'quality', 'other')",
            name=op.f("ck_return_line_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["line_id"],
            ["order_line.id"],
            name=op.f("fk_return_line_line_id_order_line"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["return_id"],
            ["return_request.id"],
            name=op.f("fk_return_line_return_id_return_request"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_line")),
        sa.UniqueConstraint("return_id", "line_id", name=op.f("uq_return_line_return_id_line_id")),
    )
    op.create_index(op.f("ix_return_line_line_id"), "return_line", ["line_id"])


def downgrade() -> None:
    op.drop_table("return_line")
    op.drop_table("return_request")
