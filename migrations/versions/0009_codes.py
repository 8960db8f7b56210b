"""Let codes count their visits, downloads their limits; sell several things as one

Revision: 0009
Follows: 0008
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    # The rule stands in the column itself, so that SQLite needs not build the table anew.
    rule = "CONSTRAINT ck_redemption_code_used CHECK (used >= 0 AND used <= uses)"
    op.execute("ALTER TABLE redemption_code ADD COLUMN uses BIGINT DEFAULT '1' NOT NULL")
    op.execute(f"ALTER TABLE redemption_code ADD COLUMN used BIGINT DEFAULT '0' NOT NULL {rule}")
    op.add_column(
        "redemption_code", sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_index(op.f("ix_redemption_code_expires_at"), "redemption_code", ["expires_at"])
    op.create_table(
        "redemption_use",
        sa.Column("code_id", number, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uses", sa.BigInteger(), nullable=False),
        sa.Column("reverses_id", number, nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("id", number, nullable=False),
        sa.CheckConstraint(
            "uses <> 0 AND (uses < 0) = (reverses_id IS NOT NULL)",
            name=op.f("ck_redemption_use_uses"),
        ),
        sa.ForeignKeyConstraint(
            ["code_id"],
            ["redemption_code.id"],
            name=op.f("fk_redemption_use_code_id_redemption_code"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"],
            ["redemption_use.id"],
            name=op.f("fk_redemption_use_reverses_id_redemption_use"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redemption_use")),
        sa.UniqueConstraint("public_id", name=op.f("uq_redemption_use_public_id")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_redemption_use_reverses_id")),
    )
    op.create_index(op.f("ix_redemption_use_code_id"), "redemption_use", ["code_id"])
    # What was redeemed before there was a ledger enters it, with an id made of its own key.
    op.execute("UPDATE redemption_code SET used = 1 WHERE state = 'redeemed'")
    op.execute(
        "INSERT INTO redemption_use (code_id, at, uses, note, actor, public_id)"
        " SELECT id, coalesce(redeemed_at, created_at), 1, '',"
        " CASE WHEN redeemed_by IS NULL THEN 'system' ELSE 'u:' || redeemed_by END,"
        " 'before' || substr('0000000000' || id, length('0000000000' || id) - 9)"
        " FROM redemption_code WHERE used = 1"
    )
    _append_only("redemption_use")
    op.create_table(
        "goods_terms",
        sa.Column("product_id", number, nullable=False),
        sa.Column("uses", sa.BigInteger(), nullable=False),
        sa.Column("remind_days", sa.BigInteger(), nullable=False),
        sa.Column("downloads", sa.BigInteger(), nullable=True),
        sa.Column("download_days", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("uses BETWEEN 1 AND 1000", name=op.f("ck_goods_terms_uses")),
        sa.CheckConstraint("remind_days BETWEEN 0 AND 90", name=op.f("ck_goods_terms_remind_days")),
        sa.CheckConstraint("downloads > 0", name=op.f("ck_goods_terms_downloads")),
        sa.CheckConstraint("download_days > 0", name=op.f("ck_goods_terms_download_days")),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["product.id"],
            name=op.f("fk_goods_terms_product_id_product"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_goods_terms")),
    )
    op.create_table(
        "product_file",
        sa.Column("product_id", number, nullable=False),
        sa.Column("slot", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("for_earlier", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("id", number, nullable=False),
        sa.CheckConstraint(
            "slot >= 0 AND version > 0 AND size >= 0", name=op.f("ck_product_file_numbers")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["product.id"],
            name=op.f("fk_product_file_product_id_product"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_file")),
        sa.UniqueConstraint("public_id", name=op.f("uq_product_file_public_id")),
        sa.UniqueConstraint(
            "product_id", "slot", "version", name=op.f("uq_product_file_product_id_slot_version")
        ),
    )
    op.create_table(
        "download_grant",
        sa.Column("line_id", number, nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("most", sa.BigInteger(), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "count >= 0 AND (most IS NULL OR count <= most)", name=op.f("ck_download_grant_count")
        ),
        sa.ForeignKeyConstraint(
            ["line_id"],
            ["order_line.id"],
            name=op.f("fk_download_grant_line_id_order_line"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("line_id", name=op.f("pk_download_grant")),
    )
    op.create_table(
        "bundle_part",
        sa.Column("bundle_id", number, nullable=False),
        sa.Column("part_id", number, nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("id", number, nullable=False),
        sa.CheckConstraint("quantity BETWEEN 1 AND 999", name=op.f("ck_bundle_part_quantity")),
        sa.CheckConstraint("bundle_id <> part_id", name=op.f("ck_bundle_part_not_itself")),
        sa.ForeignKeyConstraint(
            ["bundle_id"],
            ["variant.id"],
            name=op.f("fk_bundle_part_bundle_id_variant"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["part_id"],
            ["variant.id"],
            name=op.f("fk_bundle_part_part_id_variant"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bundle_part")),
        sa.UniqueConstraint("bundle_id", "part_id", name=op.f("uq_bundle_part_bundle_id_part_id")),
    )
    op.create_index(op.f("ix_bundle_part_part_id"), "bundle_part", ["part_id"])
    op.create_table(
        "order_line_part",
        sa.Column("line_id", number, nullable=False),
        sa.Column("variant_id", number, nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.Boolean(), nullable=False),
        sa.Column("titles", json, nullable=False),
        sa.Column("options", json, nullable=False),
        sa.Column("sku", sa.String(length=255), nullable=False),
        sa.Column("id", number, nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_order_line_part_quantity")),
        sa.ForeignKeyConstraint(
            ["line_id"],
            ["order_line.id"],
            name=op.f("fk_order_line_part_line_id_order_line"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"],
            ["variant.id"],
            name=op.f("fk_order_line_part_variant_id_variant"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_line_part")),
        sa.UniqueConstraint(
            "line_id", "variant_id", name=op.f("uq_order_line_part_line_id_variant_id")
        ),
    )
    op.create_index(op.f("ix_order_line_part_variant_id"), "order_line_part", ["variant_id"])
    # What was bought before has no limits.
    op.execute(
        "INSERT INTO download_grant (line_id, count)"
        " SELECT id, 0 FROM order_line WHERE kind = 'digital' AND shipped > 0"
    )


def downgrade() -> None:
    op.drop_table("order_line_part")
    op.drop_table("bundle_part")
    op.drop_table("download_grant")
    op.drop_table("product_file")
    op.drop_table("goods_terms")
    op.drop_table("redemption_use")
    op.drop_index(op.f("ix_redemption_code_expires_at"), "redemption_code")
    op.drop_column("redemption_code", "reminded_at")
    if op.get_bind().dialect.name != "sqlite":  # there it goes with its column
        op.drop_constraint(op.f("ck_redemption_code_used"), "redemption_code")
    op.drop_column("redemption_code", "used")
    op.drop_column("redemption_code", "uses")


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
