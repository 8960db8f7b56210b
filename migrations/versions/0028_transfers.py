"""Bank transfers: references, receipts, proofs

Revision: 0028
Follows: 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

LEDGERS = ("bank_receipt", "bank_receipt_share")


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "bank_transfer",
        sa.Column("checkout_id", number, nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", number, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["checkout_id"],
            ["checkout.id"],
            name=op.f("fk_bank_transfer_checkout_id_checkout"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_transfer")),
        sa.UniqueConstraint("checkout_id", name=op.f("uq_bank_transfer_checkout_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_bank_transfer_reference")),
    )
    op.create_table(
        "bank_receipt",
        sa.Column("transfer_id", number, nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("reference_key", sa.String(length=80), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", number, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_bank_receipt_amount")),
        sa.ForeignKeyConstraint(
            ["transfer_id"],
            ["bank_transfer.id"],
            name=op.f("fk_bank_receipt_transfer_id_bank_transfer"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_receipt")),
        sa.UniqueConstraint("public_id", name=op.f("uq_bank_receipt_public_id")),
        sa.UniqueConstraint("reference_key", name=op.f("uq_bank_receipt_reference_key")),
    )
    op.create_index(op.f("ix_bank_receipt_transfer_id"), "bank_receipt", ["transfer_id"])
    op.create_table(
        "bank_receipt_share",
        sa.Column("receipt_id", number, nullable=False),
        sa.Column("payment_id", number, nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("id", number, nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_bank_receipt_share_amount")),
        sa.ForeignKeyConstraint(
            ["receipt_id"],
            ["bank_receipt.id"],
            name=op.f("fk_bank_receipt_share_receipt_id_bank_receipt"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"],
            ["payment.id"],
            name=op.f("fk_bank_receipt_share_payment_id_payment"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_receipt_share")),
        sa.UniqueConstraint(
            "receipt_id", "payment_id", name=op.f("uq_bank_receipt_share_receipt_id_payment_id")
        ),
    )
    op.create_index(op.f("ix_bank_receipt_share_payment_id"), "bank_receipt_share", ["payment_id"])
    op.create_table(
        "transfer_proof",
        sa.Column("transfer_id", number, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("width", sa.BigInteger(), nullable=False),
        sa.Column("height", sa.BigInteger(), nullable=False),
        sa.Column("widths", sa.String(length=60), nullable=False),
        sa.Column("payer", sa.String(length=80), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("note", sa.String(length=255), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", number, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('sent', 'accepted', 'declined')", name=op.f("ck_transfer_proof_state")
        ),
        sa.CheckConstraint(
            "(state = 'sent') = (decided_at IS NULL)", name=op.f("ck_transfer_proof_decided")
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"],
            ["bank_transfer.id"],
            name=op.f("fk_transfer_proof_transfer_id_bank_transfer"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_proof")),
        sa.UniqueConstraint("public_id", name=op.f("uq_transfer_proof_public_id")),
    )
    op.create_index(op.f("ix_transfer_proof_transfer_id"), "transfer_proof", ["transfer_id"])
    for name in LEDGERS:
        _append_only(name)


def downgrade() -> None:
    op.drop_table("transfer_proof")
    op.drop_table("bank_receipt_share")
    op.drop_table("bank_receipt")
    op.drop_table("bank_transfer")


def _append_only(name: str) -> None:
    """The database itself refuses UPDATE and DELETE on a ledger; as in 0001."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER tr_{name}_no_{verb.lower()} BEFORE {verb} ON {name} "
                f"BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE TRIGGER tr_{name}_append_only BEFORE UPDATE OR DELETE ON {name} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
