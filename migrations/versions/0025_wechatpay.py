"""WeChat Pay: the code that an attempt shows, and when it was opened last

Revision: 0025
Follows: 0024
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("payment", sa.Column("qr_text", sa.Text(), nullable=True))
    op.add_column("payment", sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("payment", "opened_at")
    op.drop_column("payment", "qr_text")
