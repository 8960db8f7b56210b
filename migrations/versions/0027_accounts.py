"""Keep accounts at payment providers, and whose account took a payment

Revision: 0027
Follows: 0026
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.create_table(
        "payment_account",
        sa.Column("gateway", sa.String(length=24), nullable=False),
        sa.Column("merchant", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("currencies", sa.String(length=255), nullable=False),
        sa.Column("values", json, nullable=False),
        sa.Column("hints", json, nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("changed_by", sa.String(length=80), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("test_result", sa.String(length=24), nullable=False),
        sa.Column("test_code", sa.String(length=80), nullable=False),
        sa.Column("id", number, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(tested_at IS NULL) = (test_result = '')", name=op.f("ck_payment_account_tested")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_account")),
        sa.UniqueConstraint(
            "gateway", "merchant", name=op.f("uq_payment_account_gateway_merchant")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_payment_account_public_id")),
    )
    op.create_index(
        "ix_payment_account_in_use",
        "payment_account",
        ["gateway"],
        unique=True,
        sqlite_where=sa.text("enabled"),
        postgresql_where=sa.text("enabled"),
    )
    op.add_column("payment", sa.Column("merchant", sa.String(length=120), nullable=True))


def downgrade() -> None:
    op.drop_column("payment", "merchant")
    op.drop_table("payment_account")
