"""Gift cards and store balances, their ledger, and what they paid of an order

Revision: 0029
Follows: 0028
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_UNITS = "quantity > 0 AND amount_minor >= 0"
_MAY_BE_NONE = "quantity >= 0 AND amount_minor >= 0"


def _rule(table: str, name: str, old: str, new: str) -> None:
    """Another check for a table that has one."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, new)
        return
    # SQLite changes a check by a new table alone. Its text is taken as it is, so that whatever else the
    # table has by then stays; foreign keys are off (env.py), and indexes are made again.
    bind = op.get_bind()
    (text,) = bind.exec_driver_sql(
        "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)
    ).one()
    beside = bind.exec_driver_sql(
        "SELECT sql FROM sqlite_master"
        " WHERE tbl_name = ? AND type IN ('index', 'trigger') AND sql IS NOT NULL",
        (table,),
    ).all()
    if f"({old})" not in text:
        raise RuntimeError(f"the rule {name} of {table} is not the expected one")
    body = text.replace(f"({old})", f"({new})")
    op.execute(f'CREATE TABLE "{table}_again" ' + body[body.index("(") :])
    op.execute(f'INSERT INTO "{table}_again" SELECT * FROM "{table}"')  # noqa: S608 - names of ours
    op.execute(f'DROP TABLE "{table}"')
    op.execute(f'ALTER TABLE "{table}_again" RENAME TO "{table}"')
    for (statement,) in beside:
        op.execute(statement)


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    # Plain columns with their rules inside: no table is rebuilt for them.
    op.execute(
        "ALTER TABLE \"order\" ADD COLUMN tendered_minor BIGINT DEFAULT '0' NOT NULL"
        " CONSTRAINT ck_order_tendered"
        " CHECK (tendered_minor >= 0 AND tendered_minor <= total_minor)"
    )
    op.add_column("refund", sa.Column("rest_of_id", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_refund_rest_of_id"), "refund", ["rest_of_id"])
    _rule("refund_line", "amount", _UNITS, _MAY_BE_NONE)
    op.create_table(
        "gift_card",
        sa.Column("store_id", number, nullable=False),
        sa.Column("user_id", number, nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=True),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("last_four", sa.String(length=4), nullable=False),
        sa.Column("balance_minor", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("message", sa.String(length=500), nullable=False),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("id", number, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("balance_minor >= 0", name=op.f("ck_gift_card_balance")),
        sa.CheckConstraint(
            "state IN ('active', 'expired', 'void')", name=op.f("ck_gift_card_state")
        ),
        sa.ForeignKeyConstraint(
            ["store_id"],
            ["store.id"],
            name=op.f("fk_gift_card_store_id_store"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_gift_card_user_id_user"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift_card")),
        sa.UniqueConstraint("public_id", name=op.f("uq_gift_card_public_id")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_gift_card_code_hash")),
        sa.UniqueConstraint(
            "store_id", "user_id", "currency", name=op.f("uq_gift_card_store_id_user_id_currency")
        ),
    )
    op.create_index(op.f("ix_gift_card_user_id"), "gift_card", ["user_id"])
    op.create_index(op.f("ix_gift_card_expires_at"), "gift_card", ["expires_at"])
    op.create_index(op.f("ix_gift_card_store_id_last_four"), "gift_card", ["store_id", "last_four"])
    op.create_table(
        "gift_card_entry",
        sa.Column("card_id", number, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("balance_minor", sa.BigInteger(), nullable=False),
        sa.Column("payment_id", number, nullable=True),
        sa.Column("refund_id", number, nullable=True),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=255), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", number, nullable=False),
        sa.CheckConstraint(
            "balance_minor >= 0 AND amount_minor <> 0", name=op.f("ck_gift_card_entry_amount")
        ),
        sa.CheckConstraint(
            "kind IN ('issued', 'credited', 'paid', 'returned', 'expired', 'voided')",
            name=op.f("ck_gift_card_entry_kind"),
        ),
        *[
            sa.ForeignKeyConstraint(
                [column],
                [f"{table}.id"],
                name=op.f(f"fk_gift_card_entry_{column}_{table}"),
                ondelete="RESTRICT",
            )
            for column, table in (
                ("card_id", "gift_card"),
                ("payment_id", "payment"),
                ("refund_id", "refund"),
            )
        ],
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift_card_entry")),
        sa.UniqueConstraint("payment_id", name=op.f("uq_gift_card_entry_payment_id")),
        sa.UniqueConstraint("refund_id", name=op.f("uq_gift_card_entry_refund_id")),
    )
    op.create_index(op.f("ix_gift_card_entry_card_id"), "gift_card_entry", ["card_id"])
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER tr_gift_card_entry_no_{verb.lower()} BEFORE {verb}"
                " ON gift_card_entry"
                " BEGIN SELECT RAISE(ABORT, 'gift_card_entry is append-only'); END"
            )
    else:
        op.execute(
            "CREATE TRIGGER tr_gift_card_entry_append_only BEFORE UPDATE OR DELETE"
            " ON gift_card_entry FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    op.drop_table("gift_card_entry")
    op.drop_table("gift_card")
    # Money of units that another line counts: the shop of before has no place for it.
    op.execute("DELETE FROM refund_line WHERE quantity = 0")
    _rule("refund_line", "amount", _MAY_BE_NONE, _UNITS)
    op.drop_index(op.f("ix_refund_rest_of_id"), "refund")
    op.drop_column("refund", "rest_of_id")
    op.execute('ALTER TABLE "order" DROP COLUMN tendered_minor')
