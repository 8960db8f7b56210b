"""Outcomes of returns: exchanged, repaired or money only, with photos and a note for each line

Revision: 0024
Follows: 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_STATES = "'requested', 'approved', 'refused', 'in_transit', 'refunded', 'withdrawn'"
_STATE = f"state IN ({_STATES})"
_MORE_STATES = f"state IN ({_STATES}, 'exchanged', 'repaired')"
_REASONS = "'damaged', 'wrong-item', 'not-as-described', 'size', 'changed-mind', 'quality', 'other'"
_REASON = f"reason IN ({_REASONS})"
_MORE_REASONS = f"reason IN ({_REASONS}, 'not-received')"
_REACHED = (
    "(state <> 'exchanged' OR outcome = 'exchange') AND (state <> 'repaired' OR outcome = 'repair')"
)


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
    _rule("return_request", "state", _STATE, _MORE_STATES)
    _rule("return_line", "reason", _REASON, _MORE_REASONS)
    # Plain columns with their checks inside: no table is rebuilt for them.
    op.execute(
        "ALTER TABLE return_request ADD COLUMN outcome VARCHAR(16) DEFAULT 'refund' NOT NULL"
        " CONSTRAINT ck_return_request_outcome"
        " CHECK (outcome IN ('refund', 'money', 'exchange', 'repair'))"
        f" CONSTRAINT ck_return_request_reached CHECK ({_REACHED})"
    )
    for name, length in (("back_carrier", 24), ("back_number", 60)):
        op.add_column(
            "return_request",
            sa.Column(name, sa.String(length=length), server_default="", nullable=False),
        )
    op.add_column(
        "return_line", sa.Column("note", sa.String(length=500), server_default="", nullable=False)
    )
    op.create_table(
        "return_photo",
        sa.Column("return_id", number, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("width", sa.BigInteger(), nullable=False),
        sa.Column("height", sa.BigInteger(), nullable=False),
        sa.Column("widths", sa.String(length=60), nullable=False),
        sa.Column("id", number, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.CheckConstraint("position BETWEEN 0 AND 8", name=op.f("ck_return_photo_position")),
        sa.ForeignKeyConstraint(
            ["return_id"],
            ["return_request.id"],
            name=op.f("fk_return_photo_return_id_return_request"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_photo")),
        sa.UniqueConstraint("public_id", name=op.f("uq_return_photo_public_id")),
        sa.UniqueConstraint(
            "return_id", "position", name=op.f("uq_return_photo_return_id_position")
        ),
    )
    op.create_index(op.f("ix_return_photo_name"), "return_photo", ["name"])
    op.create_table(
        "replacement",
        sa.Column("return_line_id", number, nullable=False),
        sa.Column("variant_id", number, nullable=False),
        sa.Column("line_id", number, nullable=True),
        sa.Column("paid_line_id", number, nullable=True),
        sa.Column("id", number, nullable=False),
        sa.CheckConstraint(
            "(line_id IS NULL) = (paid_line_id IS NULL)", name=op.f("ck_replacement_sent")
        ),
        *[
            sa.ForeignKeyConstraint(
                [column],
                [f"{table}.id"],
                name=op.f(f"fk_replacement_{column}_{table}"),
                ondelete=then,
            )
            for column, table, then in (
                ("return_line_id", "return_line", "CASCADE"),
                ("variant_id", "variant", "RESTRICT"),
                ("line_id", "order_line", "RESTRICT"),
                ("paid_line_id", "order_line", "RESTRICT"),
            )
        ],
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replacement")),
        sa.UniqueConstraint("return_line_id", name=op.f("uq_replacement_return_line_id")),
        sa.UniqueConstraint("line_id", name=op.f("uq_replacement_line_id")),
    )
    for column in ("variant_id", "paid_line_id"):
        op.create_index(op.f(f"ix_replacement_{column}"), "replacement", [column])


def downgrade() -> None:
    op.drop_table("replacement")
    op.drop_table("return_photo")
    op.execute("UPDATE return_line SET reason = 'other' WHERE reason = 'not-received'")
    # What the shop of before has no word for is over all the same.
    op.execute(
        "UPDATE return_request SET state = 'withdrawn' WHERE state IN ('exchanged', 'repaired')"
    )
    for table, name in (
        ("return_line", "note"),
        ("return_request", "back_number"),
        ("return_request", "back_carrier"),
        ("return_request", "outcome"),
    ):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
    _rule("return_line", "reason", _MORE_REASONS, _REASON)
    _rule("return_request", "state", _MORE_STATES, _STATE)
