"""WeChat Pay: the code that an attempt shows

Revision: 0027
Follows: 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("payment", sa.Column("qr_text", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("payment", "qr_text")
