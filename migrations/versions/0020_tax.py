"""Keep what is tax: classes and rates of stores, what orders were charged, what refunds give back

Revision: 0020
Follows: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_SUM = "total_minor = items_minor + discount_minor + delivery_minor"
_TAXED = f"{_SUM} + CASE WHEN prices_include_tax THEN 0 ELSE tax_minor END"


def _column(table: str, column: str, rule: tuple[str, str] | None = None) -> None:
    """A plain ADD COLUMN with its check inside of it: it rebuilds no table on SQLite, either."""
    check = f" CONSTRAINT ck_{table}_{rule[0]} CHECK ({rule[1]})" if rule else ""
    op.execute(f'ALTER TABLE "{table}" ADD COLUMN {column}{check}')


def _order_total(old: str, new: str) -> None:
    """Another rule for the total of an order."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_order_total"), "order", type_="check")
        op.create_check_constraint(op.f("ck_order_total"), "order", new)
        return
    # SQLite changes a check by a new table alone. Its text is taken as it is, so that whatever else the
    # table has by then stays; foreign keys are off (env.py), and indexes and triggers are made again.
    bind = op.get_bind()
    (text,) = bind.exec_driver_sql(
        "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'order'"
    ).one()
    beside = bind.exec_driver_sql(
        "SELECT sql FROM sqlite_master"
        " WHERE tbl_name = 'order' AND type IN ('index', 'trigger') AND sql IS NOT NULL"
    ).all()
    if f"({old})" not in text:
        raise RuntimeError("the rule for the total of an order is not the expected one")
    body = text.replace(f"({old})", f"({new})")
    op.execute('CREATE TABLE "order_again" ' + body[body.index("(") :])
    op.execute('INSERT INTO "order_again" SELECT * FROM "order"')
    op.execute('DROP TABLE "order"')
    op.execute('ALTER TABLE "order_again" RENAME TO "order"')
    for (statement,) in beside:
        op.execute(statement)


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "tax_class",
        sa.Column("store_id", number, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("id", number, nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id"], ["store.id"], name=op.f("fk_tax_class_store_id_store"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_class")),
        sa.UniqueConstraint("store_id", "code", name=op.f("uq_tax_class_store_id_code")),
    )
    op.create_table(
        "tax_rate",
        sa.Column("class_id", number, nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("region", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("rate", sa.BigInteger(), nullable=False),
        sa.Column("applies_to_delivery", sa.Boolean(), nullable=False),
        sa.Column("id", number, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.CheckConstraint("rate >= 0 AND rate <= 100000", name=op.f("ck_tax_rate_rate")),
        sa.ForeignKeyConstraint(
            ["class_id"],
            ["tax_class.id"],
            name=op.f("fk_tax_rate_class_id_tax_class"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_rate")),
        sa.UniqueConstraint("public_id", name=op.f("uq_tax_rate_public_id")),
        sa.UniqueConstraint(
            "class_id",
            "country",
            "region",
            "name",
            name=op.f("uq_tax_rate_class_id_country_region_name"),
        ),
    )
    op.create_table(
        "order_tax",
        sa.Column("order_id", number, nullable=False),
        sa.Column("line_id", number, nullable=True),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("region", sa.String(length=80), nullable=False),
        sa.Column("rate", sa.BigInteger(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("id", number, nullable=False),
        sa.CheckConstraint(
            "rate >= 0 AND net_minor >= 0 AND tax_minor >= 0", name=op.f("ck_order_tax_amounts")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["order.id"], name=op.f("fk_order_tax_order_id_order"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["line_id"],
            ["order_line.id"],
            name=op.f("fk_order_tax_line_id_order_line"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_tax")),
    )
    op.create_index(op.f("ix_order_tax_order_id"), "order_tax", ["order_id"], unique=False)
    op.create_index(op.f("ix_order_tax_line_id"), "order_tax", ["line_id"], unique=False)
    op.create_table(
        "refund_tax",
        sa.Column("refund_id", number, nullable=False),
        sa.Column("order_tax_id", number, nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("id", number, nullable=False),
        sa.CheckConstraint("net_minor >= 0 AND tax_minor >= 0", name=op.f("ck_refund_tax_amounts")),
        sa.ForeignKeyConstraint(
            ["refund_id"],
            ["refund.id"],
            name=op.f("fk_refund_tax_refund_id_refund"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["order_tax_id"],
            ["order_tax.id"],
            name=op.f("fk_refund_tax_order_tax_id_order_tax"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_tax")),
        sa.UniqueConstraint(
            "refund_id", "order_tax_id", name=op.f("uq_refund_tax_refund_id_order_tax_id")
        ),
    )
    op.create_index(
        op.f("ix_refund_tax_order_tax_id"), "refund_tax", ["order_tax_id"], unique=False
    )
    yes = "1" if op.get_bind().dialect.name == "sqlite" else "true"
    _column("store", f"prices_include_tax BOOLEAN DEFAULT {yes} NOT NULL")
    _column(
        "store",
        "tax_rounding VARCHAR(8) DEFAULT 'line' NOT NULL",
        ("tax_rounding", "tax_rounding IN ('line', 'order')"),
    )
    _column("store", "tax_country VARCHAR(2) DEFAULT '' NOT NULL")
    _column("store", "tax_region VARCHAR(80) DEFAULT '' NOT NULL")
    _column("product", "tax_class VARCHAR(40) DEFAULT '' NOT NULL")
    _column("order_line", "tax_minor BIGINT DEFAULT '0' NOT NULL", ("tax", "tax_minor >= 0"))
    _column("order", "tax_minor BIGINT DEFAULT '0' NOT NULL", ("tax", "tax_minor >= 0"))
    _column("order", f"prices_include_tax BOOLEAN DEFAULT {yes} NOT NULL")
    _order_total(_SUM, _TAXED)


def downgrade() -> None:
    # Before taxes an order knew goods, offers and delivery. A tax that was added becomes part of the
    # delivery, so that what people paid stays the sum of the rest.
    op.execute(
        'UPDATE "order" SET delivery_minor = delivery_minor + tax_minor, prices_include_tax = TRUE'
        " WHERE NOT prices_include_tax"
    )
    _order_total(_TAXED, _SUM)
    for table, column in (
        ("order", "prices_include_tax"),
        ("order", "tax_minor"),
        ("order_line", "tax_minor"),
        ("product", "tax_class"),
        ("store", "tax_region"),
        ("store", "tax_country"),
        ("store", "tax_rounding"),
        ("store", "prices_include_tax"),
    ):
        op.drop_column(table, column)
    op.drop_table("refund_tax")
    op.drop_table("order_tax")
    op.drop_table("tax_rate")
    op.drop_table("tax_class")
