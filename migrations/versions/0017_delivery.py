"""Set up delivery: zones, methods with tiers and slots, calendars, and what orders were promised

Revision: 0017
Follows: 0016
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.create_table(
        "delivery_calendar",
        sa.Column("store_id", number, autoincrement=False, nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("handling_days", sa.BigInteger(), nullable=False),
        sa.Column("cutoff_minute", sa.BigInteger(), nullable=False),
        sa.Column("working_days", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "cutoff_minute BETWEEN 0 AND 1440", name=op.f("ck_delivery_calendar_cutoff")
        ),
        sa.CheckConstraint(
            "handling_days BETWEEN 0 AND 60", name=op.f("ck_delivery_calendar_handling")
        ),
        sa.CheckConstraint(
            "working_days BETWEEN 1 AND 127", name=op.f("ck_delivery_calendar_working_days")
        ),
        sa.ForeignKeyConstraint(
            ["store_id"],
            ["store.id"],
            name=op.f("fk_delivery_calendar_store_id_store"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("store_id", name=op.f("pk_delivery_calendar")),
    )
    op.create_table(
        "delivery_holiday",
        sa.Column("store_id", number, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("id", number, nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id"],
            ["store.id"],
            name=op.f("fk_delivery_holiday_store_id_store"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_holiday")),
        sa.UniqueConstraint("store_id", "day", name=op.f("uq_delivery_holiday_store_id_day")),
    )
    op.create_table(
        "delivery_zone",
        sa.Column("store_id", number, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("rest", sa.Boolean(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("id", number, nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id"],
            ["store.id"],
            name=op.f("fk_delivery_zone_store_id_store"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_zone")),
        sa.UniqueConstraint("public_id", name=op.f("uq_delivery_zone_public_id")),
        sa.UniqueConstraint("store_id", "name", name=op.f("uq_delivery_zone_store_id_name")),
    )
    op.create_index(op.f("ix_delivery_zone_store_id"), "delivery_zone", ["store_id"], unique=False)
    op.create_index(
        "uq_delivery_zone_rest",
        "delivery_zone",
        ["store_id"],
        unique=True,
        sqlite_where=sa.text("rest"),
        postgresql_where=sa.text("rest"),
    )
    op.create_table(
        "delivery_method",
        sa.Column("store_id", number, nullable=False),
        sa.Column("zone_id", number, nullable=True),
        sa.Column("location_id", number, nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("names", json, nullable=False),
        sa.Column("notes", json, nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("free_from_minor", sa.BigInteger(), nullable=True),
        sa.Column("min_days", sa.BigInteger(), nullable=True),
        sa.Column("max_days", sa.BigInteger(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("id", number, nullable=False),
        sa.CheckConstraint(
            "kind IN ('flat', 'weight', 'price', 'count', 'per_item', 'pickup', 'local')",
            name=op.f("ck_delivery_method_kind"),
        ),
        sa.CheckConstraint(
            "(min_days IS NULL) = (max_days IS NULL)", name=op.f("ck_delivery_method_both_days")
        ),
        sa.CheckConstraint("free_from_minor >= 0", name=op.f("ck_delivery_method_free_from")),
        sa.CheckConstraint(
            "min_days >= 0 AND max_days >= min_days AND max_days <= 365",
            name=op.f("ck_delivery_method_days"),
        ),
        sa.CheckConstraint("price_minor >= 0", name=op.f("ck_delivery_method_price")),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["location.id"],
            name=op.f("fk_delivery_method_location_id_location"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["store_id"],
            ["store.id"],
            name=op.f("fk_delivery_method_store_id_store"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["zone_id"],
            ["delivery_zone.id"],
            name=op.f("fk_delivery_method_zone_id_delivery_zone"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_method")),
        sa.UniqueConstraint("public_id", name=op.f("uq_delivery_method_public_id")),
    )
    op.create_index(
        op.f("ix_delivery_method_location_id"), "delivery_method", ["location_id"], unique=False
    )
    op.create_index(
        op.f("ix_delivery_method_store_id"), "delivery_method", ["store_id"], unique=False
    )
    op.create_index(
        op.f("ix_delivery_method_zone_id"), "delivery_method", ["zone_id"], unique=False
    )
    op.create_table(
        "delivery_region",
        sa.Column("store_id", number, nullable=False),
        sa.Column("zone_id", number, nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("province", sa.String(length=80), nullable=False),
        sa.Column("postcode", sa.String(length=16), nullable=False),
        sa.Column("id", number, nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id"],
            ["store.id"],
            name=op.f("fk_delivery_region_store_id_store"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["zone_id"],
            ["delivery_zone.id"],
            name=op.f("fk_delivery_region_zone_id_delivery_zone"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_region")),
        sa.UniqueConstraint(
            "store_id",
            "country",
            "province",
            "postcode",
            name=op.f("uq_delivery_region_store_id_country_province_postcode"),
        ),
    )
    op.create_index(
        op.f("ix_delivery_region_zone_id"), "delivery_region", ["zone_id"], unique=False
    )
    op.create_table(
        "delivery_slot",
        sa.Column("method_id", number, nullable=False),
        sa.Column("weekday", sa.BigInteger(), nullable=False),
        sa.Column("from_minute", sa.BigInteger(), nullable=False),
        sa.Column("until_minute", sa.BigInteger(), nullable=False),
        sa.Column("capacity", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("id", number, nullable=False),
        sa.CheckConstraint("capacity > 0", name=op.f("ck_delivery_slot_capacity")),
        sa.CheckConstraint(
            "from_minute >= 0 AND from_minute < until_minute AND until_minute <= 1440",
            name=op.f("ck_delivery_slot_time"),
        ),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_delivery_slot_weekday")),
        sa.ForeignKeyConstraint(
            ["method_id"],
            ["delivery_method.id"],
            name=op.f("fk_delivery_slot_method_id_delivery_method"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_slot")),
        sa.UniqueConstraint(
            "method_id",
            "weekday",
            "from_minute",
            "until_minute",
            name=op.f("uq_delivery_slot_method_id_weekday_from_minute_until_minute"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_delivery_slot_public_id")),
    )
    op.create_table(
        "delivery_tier",
        sa.Column("method_id", number, nullable=False),
        sa.Column("from_value", sa.BigInteger(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("id", number, nullable=False),
        sa.CheckConstraint(
            "from_value > 0 AND price_minor >= 0", name=op.f("ck_delivery_tier_amounts")
        ),
        sa.ForeignKeyConstraint(
            ["method_id"],
            ["delivery_method.id"],
            name=op.f("fk_delivery_tier_method_id_delivery_method"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_tier")),
        sa.UniqueConstraint(
            "method_id", "from_value", name=op.f("uq_delivery_tier_method_id_from_value")
        ),
    )
    op.create_table(
        "delivery_slot_day",
        sa.Column("slot_id", number, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("capacity", sa.BigInteger(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.Column("id", number, nullable=False),
        sa.CheckConstraint(
            "taken >= 0 AND taken <= capacity", name=op.f("ck_delivery_slot_day_taken")
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"],
            ["delivery_slot.id"],
            name=op.f("fk_delivery_slot_day_slot_id_delivery_slot"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_slot_day")),
        sa.UniqueConstraint("slot_id", "day", name=op.f("uq_delivery_slot_day_slot_id_day")),
    )
    op.create_table(
        "order_delivery",
        sa.Column("order_id", number, autoincrement=False, nullable=False),
        sa.Column("method_id", number, nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("names", json, nullable=False),
        sa.Column("notes", json, nullable=False),
        sa.Column("ship_by", sa.Date(), nullable=False),
        sa.Column("late_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("promised_from", sa.Date(), nullable=True),
        sa.Column("promised_until", sa.Date(), nullable=True),
        sa.Column("location_id", number, nullable=True),
        sa.Column("slot_day_id", number, nullable=True),
        sa.Column("slot_held", sa.Boolean(), nullable=False),
        sa.Column("slot_from", sa.BigInteger(), nullable=True),
        sa.Column("slot_until", sa.BigInteger(), nullable=True),
        sa.Column("pickup_state", sa.String(length=16), nullable=True),
        sa.Column("pickup_code", sa.String(length=8), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("collected_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(kind = 'pickup') = (pickup_state IS NOT NULL)", name=op.f("ck_order_delivery_pickup")
        ),
        sa.CheckConstraint(
            "kind IN ('flat', 'weight', 'price', 'count', 'per_item', 'pickup', 'local')",
            name=op.f("ck_order_delivery_kind"),
        ),
        sa.CheckConstraint(
            "pickup_state IN ('waiting', 'ready', 'collected')",
            name=op.f("ck_order_delivery_pickup_state"),
        ),
        sa.CheckConstraint(
            "promised_until >= promised_from", name=op.f("ck_order_delivery_promised")
        ),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["location.id"],
            name=op.f("fk_order_delivery_location_id_location"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["method_id"],
            ["delivery_method.id"],
            name=op.f("fk_order_delivery_method_id_delivery_method"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["order.id"],
            name=op.f("fk_order_delivery_order_id_order"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["slot_day_id"],
            ["delivery_slot_day.id"],
            name=op.f("fk_order_delivery_slot_day_id_delivery_slot_day"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_order_delivery")),
    )
    op.create_index(op.f("ix_order_delivery_late_at"), "order_delivery", ["late_at"], unique=False)
    op.create_index(
        op.f("ix_order_delivery_location_id"), "order_delivery", ["location_id"], unique=False
    )
    op.create_index(
        op.f("ix_order_delivery_method_id"), "order_delivery", ["method_id"], unique=False
    )
    op.create_index(
        op.f("ix_order_delivery_slot_day_id"), "order_delivery", ["slot_day_id"], unique=False
    )


def downgrade() -> None:
    for table in (
        "order_delivery",
        "delivery_slot_day",
        "delivery_tier",
        "delivery_slot",
        "delivery_region",
        "delivery_method",
        "delivery_zone",
        "delivery_holiday",
        "delivery_calendar",
    ):
        op.drop_table(table)
