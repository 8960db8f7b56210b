"""Keep places with addresses, transfers, counts, purchases, promises, and units that are short

Revision: 0016
Follows: 0015
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

KINDS = "kind IN ('received', 'sold', 'returned', 'adjusted', 'counted')"
MORE_KINDS = "kind IN ('received', 'sold', 'returned', 'adjusted', 'counted', 'transferred')"
STATES = "state IN ('open', 'consumed', 'released')"
MORE_STATES = "state IN ('open', 'short', 'consumed', 'released')"
TEXTS = (("province", 80), ("city", 80), ("street", 200), ("postcode", 16), ("phone", 32))


def upgrade() -> None:
    _recheck("stock_movement", "kind", KINDS, MORE_KINDS)
    _recheck("reservation", "state", STATES, MORE_STATES)
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    for name, length in TEXTS:
        op.add_column(
            "location",
            sa.Column(name, sa.String(length=length), nullable=False, server_default=""),
        )
    op.add_column(
        "location", sa.Column("is_pickup", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("location", sa.Column("hours", json, nullable=False, server_default="{}"))
    op.add_column("location", sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True))
    _flow(number)
    _supply(number)
    for table, owner, column in (
        ("selling_policy", "variant", "variant_id"),
        ("line_promise", "order_line", "line_id"),
    ):
        op.create_table(
            table,
            sa.Column(column, number, autoincrement=False, nullable=False),
            sa.Column("policy", sa.String(length=16), nullable=False),
            sa.Column("promised_on", sa.Date(), nullable=False),
            sa.CheckConstraint(
                "policy IN ('backorder', 'preorder')", name=op.f(f"ck_{table}_policy")
            ),
            _refers(table, column, owner, "CASCADE"),
            sa.PrimaryKeyConstraint(column, name=op.f(f"pk_{table}")),
        )


def _flow(number: sa.types.TypeEngine[int]) -> None:
    """Transfers and counts."""
    op.create_table(
        "transfer",
        sa.Column("store_id", number, nullable=False),
        sa.Column("source_id", number, nullable=False),
        sa.Column("target_id", number, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        *_ids(number),
        sa.CheckConstraint("source_id <> target_id", name=op.f("ck_transfer_places")),
        sa.CheckConstraint(
            "state IN ('draft', 'sent', 'done', 'cancelled')", name=op.f("ck_transfer_state")
        ),
        _refers("transfer", "store_id", "store", "CASCADE"),
        _refers("transfer", "source_id", "location", "RESTRICT"),
        _refers("transfer", "target_id", "location", "RESTRICT"),
        *_keys("transfer"),
    )
    op.create_index(op.f("ix_transfer_source_id"), "transfer", ["source_id"])
    op.create_index(op.f("ix_transfer_target_id"), "transfer", ["target_id"])
    op.create_index("ix_transfer_store_id_id", "transfer", ["store_id", "id"])
    op.create_table(
        "transfer_line",
        sa.Column("transfer_id", number, nullable=False),
        sa.Column("variant_id", number, nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("lost", sa.BigInteger(), nullable=False),
        sa.Column("id", number, nullable=False),
        sa.CheckConstraint(
            "quantity > 0 AND received >= 0 AND lost >= 0 AND received + lost <= quantity",
            name=op.f("ck_transfer_line_flow"),
        ),
        _refers("transfer_line", "transfer_id", "transfer", "CASCADE"),
        _refers("transfer_line", "variant_id", "variant", "RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_line")),
        sa.UniqueConstraint(
            "transfer_id", "variant_id", name=op.f("uq_transfer_line_transfer_id_variant_id")
        ),
    )
    op.create_index(op.f("ix_transfer_line_variant_id"), "transfer_line", ["variant_id"])
    op.create_table(
        "stock_count",
        sa.Column("store_id", number, nullable=False),
        sa.Column("location_id", number, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        *_ids(number),
        sa.CheckConstraint(
            "state IN ('open', 'applied', 'cancelled')", name=op.f("ck_stock_count_state")
        ),
        _refers("stock_count", "store_id", "store", "CASCADE"),
        _refers("stock_count", "location_id", "location", "RESTRICT"),
        *_keys("stock_count"),
    )
    op.create_index(op.f("ix_stock_count_location_id"), "stock_count", ["location_id"])
    op.create_index("ix_stock_count_store_id_id", "stock_count", ["store_id", "id"])
    op.create_table(
        "stock_count_line",
        sa.Column("count_id", number, nullable=False),
        sa.Column("variant_id", number, nullable=False),
        sa.Column("counted", sa.BigInteger(), nullable=False),
        sa.Column("expected", sa.BigInteger(), nullable=False),
        sa.Column("booked", sa.BigInteger(), nullable=True),
        sa.Column("scanned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", number, nullable=False),
        sa.CheckConstraint(
            "counted >= 0 AND expected >= 0", name=op.f("ck_stock_count_line_units")
        ),
        _refers("stock_count_line", "count_id", "stock_count", "CASCADE"),
        _refers("stock_count_line", "variant_id", "variant", "RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_count_line")),
        sa.UniqueConstraint(
            "count_id", "variant_id", name=op.f("uq_stock_count_line_count_id_variant_id")
        ),
    )
    op.create_index(op.f("ix_stock_count_line_variant_id"), "stock_count_line", ["variant_id"])


def _supply(number: sa.types.TypeEngine[int]) -> None:
    """Suppliers and purchase orders."""
    op.create_table(
        "supplier",
        sa.Column("store_id", number, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        *_ids(number),
        _refers("supplier", "store_id", "store", "CASCADE"),
        *_keys("supplier"),
        sa.UniqueConstraint("store_id", "name", name=op.f("uq_supplier_store_id_name")),
    )
    op.create_table(
        "purchase_order",
        sa.Column("store_id", number, nullable=False),
        sa.Column("supplier_id", number, nullable=False),
        sa.Column("location_id", number, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        *_ids(number),
        sa.CheckConstraint(
            "state IN ('draft', 'ordered', 'partly_received', 'received', 'cancelled')",
            name=op.f("ck_purchase_order_state"),
        ),
        _refers("purchase_order", "store_id", "store", "CASCADE"),
        _refers("purchase_order", "supplier_id", "supplier", "RESTRICT"),
        _refers("purchase_order", "location_id", "location", "RESTRICT"),
        *_keys("purchase_order"),
    )
    op.create_index(op.f("ix_purchase_order_supplier_id"), "purchase_order", ["supplier_id"])
    op.create_index(op.f("ix_purchase_order_location_id"), "purchase_order", ["location_id"])
    op.create_index("ix_purchase_order_store_id_id", "purchase_order", ["store_id", "id"])
    op.create_index(
        "ix_purchase_order_state_expected_on", "purchase_order", ["state", "expected_on"]
    )
    op.create_table(
        "purchase_line",
        sa.Column("purchase_id", number, nullable=False),
        sa.Column("variant_id", number, nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("id", number, nullable=False),
        sa.CheckConstraint(
            "quantity > 0 AND unit_cost_minor >= 0 AND received >= 0 AND received <= quantity",
            name=op.f("ck_purchase_line_flow"),
        ),
        _refers("purchase_line", "purchase_id", "purchase_order", "CASCADE"),
        _refers("purchase_line", "variant_id", "variant", "RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_line")),
        sa.UniqueConstraint(
            "purchase_id", "variant_id", name=op.f("uq_purchase_line_purchase_id_variant_id")
        ),
    )
    op.create_index(op.f("ix_purchase_line_variant_id"), "purchase_line", ["variant_id"])


def _ids(number: sa.types.TypeEngine[int]) -> list[sa.Column[object]]:
    return [
        sa.Column("id", number, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    ]


def _keys(table: str) -> list[sa.Constraint]:
    return [
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("public_id", name=op.f(f"uq_{table}_public_id")),
    ]


def _refers(table: str, column: str, other: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete=ondelete)


def downgrade() -> None:
    for table in (
        "line_promise",
        "selling_policy",
        "purchase_line",
        "purchase_order",
        "supplier",
        "stock_count_line",
        "stock_count",
        "transfer_line",
        "transfer",
    ):
        op.drop_table(table)
    for name in ("archived_at", "hours", "is_pickup", *(name for name, _ in reversed(TEXTS))):
        op.drop_column("location", name)
    _recheck("reservation", "state", MORE_STATES, STATES, short="released")
    _recheck("stock_movement", "kind", MORE_KINDS, KINDS, transferred="adjusted")


def _recheck(table: str, column: str, old: str, new: str, **instead: str) -> None:
    """Let a column take other values; ``instead``: what becomes of a value that is none any more.

    SQLite cannot change a check: the table is made anew from its own text, so that every other rule, its
    indexes and its triggers come back as they were. (Foreign keys are off while migrations run.)
    """
    connection = op.get_bind()
    taken = column
    for before, after in instead.items():
        taken = f"CASE {column} WHEN '{before}' THEN '{after}' ELSE {column} END"
    if connection.dialect.name == "postgresql":
        op.drop_constraint(op.f(f"ck_{table}_{column}"), table, type_="check")
        if instead:
            op.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            change = f"UPDATE {table} SET {column} = {taken} WHERE {column} <> {taken}"  # noqa: S608 - our own names
            op.execute(change)
            op.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        op.create_check_constraint(op.f(f"ck_{table}_{column}"), table, new)
        return
    kept = connection.execute(
        sa.text("SELECT type, sql FROM sqlite_master WHERE tbl_name = :name AND sql IS NOT NULL"),
        {"name": table},
    ).all()
    text = next(sql for kind, sql in kept if kind == "table")
    if old not in text:
        raise RuntimeError(f"{table} has no check {old}")
    columns = [row[1] for row in connection.exec_driver_sql(f"PRAGMA table_info({table})")]
    body = text[text.index("(") :].replace(old, new)
    op.execute(f"CREATE TABLE {table}_anew {body}")
    chosen = ", ".join(taken if name == column else f'"{name}"' for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    copy = f"INSERT INTO {table}_anew ({names}) SELECT {chosen} FROM {table}"  # noqa: S608 - our own names
    op.execute(copy)
    op.execute(f"DROP TABLE {table}")
    op.execute(f"ALTER TABLE {table}_anew RENAME TO {table}")
    for kind, sql in kept:
        if kind != "table":
            op.execute(sql)
