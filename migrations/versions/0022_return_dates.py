"""Dates of returns: answered by, reminded, sent by

Revision: 0022
Follows: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_TIMES = ("answer_by", "reminded_at", "send_by")


def upgrade() -> None:
    for name in _TIMES:
        op.add_column("return_request", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "return_request",
        sa.Column("lapsed", sa.Boolean(), server_default=sa.false(), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("return_request", "lapsed")
    for name in reversed(_TIMES):
        op.drop_column("return_request", name)
