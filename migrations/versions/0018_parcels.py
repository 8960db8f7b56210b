"""Follow parcels: what carriers told, when an order counts as received, former addresses

Revision: 0018
Follows: 0017
"""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_TIMES = (
    "delivered_at",
    "auto_receive_at",
    "extended_at",
    "receipt_reminded_at",
    "packing_at",
    "cancel_asked_at",
    "reminded_at",
)


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    for name in _TIMES:
        op.add_column("order", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_order_auto_receive_at"), "order", ["auto_receive_at"])
    # The rule stands in the column itself, so that SQLite needs not build the table anew.
    states = "'sent', 'in_transit', 'out_for_delivery', 'exception', 'delivered'"
    op.execute(
        "ALTER TABLE shipment ADD COLUMN state VARCHAR(20) DEFAULT 'sent' NOT NULL"
        f" CONSTRAINT ck_shipment_state CHECK (state IN ({states}))"
    )
    for name in ("delivered_at", "poll_at"):
        op.add_column("shipment", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.execute("ALTER TABLE shipment ADD COLUMN polls BIGINT DEFAULT '0' NOT NULL")
    op.create_index(op.f("ix_shipment_state"), "shipment", ["state"])
    op.create_index(op.f("ix_shipment_poll_at"), "shipment", ["poll_at"])
    op.create_table(
        "tracking_event",
        sa.Column("shipment_id", number, nullable=False),
        sa.Column("event_id", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("text", sa.String(length=255), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", number, nullable=False),
        sa.CheckConstraint(
            "kind IN ('picked_up', 'in_transit', 'out_for_delivery', 'exception', 'delivered')",
            name=op.f("ck_tracking_event_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["shipment_id"],
            ["shipment.id"],
            name=op.f("fk_tracking_event_shipment_id_shipment"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tracking_event")),
        sa.UniqueConstraint(
            "shipment_id", "event_id", name=op.f("uq_tracking_event_shipment_id_event_id")
        ),
    )
    _append_only("tracking_event")
    op.create_table(
        "former_address",
        sa.Column("order_id", number, nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("province", sa.String(length=80), nullable=False),
        sa.Column("city", sa.String(length=80), nullable=False),
        sa.Column("district", sa.String(length=80), nullable=False),
        sa.Column("street", sa.String(length=200), nullable=False),
        sa.Column("postcode", sa.String(length=16), nullable=False),
        sa.Column("id", number, nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["order.id"],
            name=op.f("fk_former_address_order_id_order"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_address")),
    )
    op.create_index(op.f("ix_former_address_order_id"), "former_address", ["order_id"])
    _begin_waiting()


def _begin_waiting() -> None:
    """Parcels that travel already are waited for from now on: their buyers were told of no date before."""
    op.execute(
        sa.text(
            "UPDATE \"order\" SET auto_receive_at = :at WHERE state = 'open'"
            " AND shipping_state = 'shipped' AND EXISTS (SELECT 1 FROM order_line"
            " WHERE order_line.order_id = \"order\".id AND order_line.kind = 'physical')"
        ).bindparams(
            sa.bindparam("at", datetime.now(UTC) + timedelta(days=15), sa.DateTime(timezone=True))
        )
    )


def downgrade() -> None:
    op.drop_table("former_address")
    op.drop_table("tracking_event")
    for name in ("ix_shipment_poll_at", "ix_shipment_state"):
        op.drop_index(op.f(name), table_name="shipment")
    for name in ("polls", "poll_at", "delivered_at"):
        op.drop_column("shipment", name)
    op.execute("ALTER TABLE shipment DROP COLUMN state")
    op.drop_index(op.f("ix_order_auto_receive_at"), table_name="order")
    for name in reversed(_TIMES):
        op.drop_column("order", name)


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
