"""Tables of delivery: the store's calendar, zones with their regions, methods with tiers and slots."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base, HasId, HasPublicId


class DeliveryCalendar(Base):
    """How a store works; without a row it works every day, at once.

    ``working_days``: a bit for each day of the week, Monday 1 … Sunday 64. ``cutoff_minute``: minutes after
    midnight in the store's zone, 1440 for none.
    """

    __tablename__ = "delivery_calendar"

    store_id: Mapped[int] = mapped_column(
        ForeignKey("store.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    country: Mapped[str] = mapped_column(String(2), default="CN")
    handling_days: Mapped[int] = mapped_column(default=0)
    cutoff_minute: Mapped[int] = mapped_column(default=1440)
    working_days: Mapped[int] = mapped_column(default=127)

    __table_args__ = (
        CheckConstraint("handling_days BETWEEN 0 AND 60", name="handling"),
        CheckConstraint("cutoff_minute BETWEEN 0 AND 1440", name="cutoff"),
        CheckConstraint("working_days BETWEEN 1 AND 127", name="working_days"),
    )


class DeliveryHoliday(HasId, Base):
    """A day on which a store is closed though the week says otherwise."""

    __tablename__ = "delivery_holiday"

    store_id: Mapped[int] = mapped_column(ForeignKey("store.id", ondelete="CASCADE"))
    day: Mapped[date]

    __table_args__ = (UniqueConstraint("store_id", "day"),)


class DeliveryZone(HasPublicId, Base):
    """Places that some methods hold for. ``rest``: everywhere that no other zone of the store covers."""

    __tablename__ = "delivery_zone"

    store_id: Mapped[int] = mapped_column(ForeignKey("store.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    rest: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        UniqueConstraint("store_id", "name"),
        # One store, one rest of the world.
        Index(
            "uq_delivery_zone_rest",
            "store_id",
            unique=True,
            sqlite_where=text("rest"),
            postgresql_where=text("rest"),
        ),
    )


class DeliveryRegion(HasId, Base):
    """A country of a zone, or a province of it ("": all), or postcodes that begin alike ("": all)."""

    __tablename__ = "delivery_region"

    store_id: Mapped[int] = mapped_column(ForeignKey("store.id", ondelete="CASCADE"))
    zone_id: Mapped[int] = mapped_column(
        ForeignKey("delivery_zone.id", ondelete="CASCADE"), index=True
    )
    country: Mapped[str] = mapped_column(String(2))
    province: Mapped[str] = mapped_column(String(80), default="")
    postcode: Mapped[str] = mapped_column(String(16), default="")

    # The store stands here too, so that a place lies in one zone of it and no other.
    __table_args__ = (UniqueConstraint("store_id", "country", "province", "postcode"),)


class DeliveryMethod(HasPublicId, Base):
    """A way to get goods: in a zone, or (pick-up) at a location. Archived, never deleted: orders name it."""

    __tablename__ = "delivery_method"

    store_id: Mapped[int] = mapped_column(ForeignKey("store.id", ondelete="CASCADE"), index=True)
    zone_id: Mapped[int | None] = mapped_column(
        ForeignKey("delivery_zone.id", ondelete="SET NULL"), index=True
    )
    location_id: Mapped[int | None] = mapped_column(
        ForeignKey("location.id", ondelete="SET NULL"), index=True
    )
    kind: Mapped[str] = mapped_column(String(16))
    names: Mapped[dict[str, Any]]
    notes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    price_minor: Mapped[int] = mapped_column(default=0)
    free_from_minor: Mapped[int | None]
    min_days: Mapped[int | None]
    max_days: Mapped[int | None]
    active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)
    archived_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint(
            "kind IN ('flat', 'weight', 'price', 'count', 'per_item', 'pickup', 'local')",
            name="kind",
        ),
        CheckConstraint("price_minor >= 0", name="price"),
        CheckConstraint("free_from_minor >= 0", name="free_from"),
        CheckConstraint("min_days >= 0 AND max_days >= min_days AND max_days <= 365", name="days"),
        CheckConstraint("(min_days IS NULL) = (max_days IS NULL)", name="both_days"),
    )


class DeliveryTier(HasId, Base):
    """From so many grams, minor units or pieces on, the method costs this instead."""

    __tablename__ = "delivery_tier"

    method_id: Mapped[int] = mapped_column(ForeignKey("delivery_method.id", ondelete="CASCADE"))
    from_value: Mapped[int]
    price_minor: Mapped[int]

    __table_args__ = (
        UniqueConstraint("method_id", "from_value"),
        CheckConstraint("from_value > 0 AND price_minor >= 0", name="amounts"),
    )


class DeliverySlot(HasPublicId, Base):
    """A weekly time of local delivery (0 is Monday; minutes after midnight). Kept once orders name it."""

    __tablename__ = "delivery_slot"

    method_id: Mapped[int] = mapped_column(ForeignKey("delivery_method.id", ondelete="CASCADE"))
    weekday: Mapped[int]
    from_minute: Mapped[int]
    until_minute: Mapped[int]
    capacity: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True)

    __table_args__ = (
        UniqueConstraint("method_id", "weekday", "from_minute", "until_minute"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint(
            "from_minute >= 0 AND from_minute < until_minute AND until_minute <= 1440", name="time"
        ),
        CheckConstraint("capacity > 0", name="capacity"),
    )


class DeliverySlotDay(HasId, Base):
    """A slot on one day: how many orders have it, and how many may. Never more than that."""

    __tablename__ = "delivery_slot_day"

    slot_id: Mapped[int] = mapped_column(ForeignKey("delivery_slot.id", ondelete="CASCADE"))
    day: Mapped[date]
    capacity: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        UniqueConstraint("slot_id", "day"),
        CheckConstraint("taken >= 0 AND taken <= capacity", name="taken"),
    )
