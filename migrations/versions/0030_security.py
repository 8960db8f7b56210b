"""Security events, gathered by the minute

Revision: 0030
Follows: 0029
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "security_event",
        sa.Column("minute", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("subject", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "addresses",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("kind IN ('notify')", name=op.f("ck_security_event_kind")),
        sa.CheckConstraint(
            "times > 0 AND first_at <= last_at", name=op.f("ck_security_event_times")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_event")),
        sa.UniqueConstraint(
            "minute", "kind", "subject", "reason", name=op.f("uq_security_event_one")
        ),
    )
    op.create_index("ix_security_event_minute_id", "security_event", ["minute", "id"])


def downgrade() -> None:
    op.drop_index("ix_security_event_minute_id", table_name="security_event")
    op.drop_table("security_event")
