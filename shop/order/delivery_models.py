"""How an order is to reach its buyer, as it was promised."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base


class OrderDelivery(Base):
    """The method that was chosen for an order with goods that travel, with what was promised then.

    ``names``/``notes``: locale → text (the note of a pick-up is its address). ``ship_by``: the last day on
    which it leaves, or is ready; ``late_at``: the end of it. ``slot_held``: the order counts in its slot's day. ``pickup_state``: null
    for what is sent; else as of ``delivery_states``; ``pickup_code``: what the buyer says at the counter.
    """

    __tablename__ = "order_delivery"

    order_id: Mapped[int] = mapped_column(
        ForeignKey("order.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    method_id: Mapped[int | None] = mapped_column(
        ForeignKey("delivery_method.id", ondelete="SET NULL"), index=True
    )
    kind: Mapped[str] = mapped_column(String(16))
    names: Mapped[dict[str, Any]]
    notes: Mapped[dict[str, Any]]
    ship_by: Mapped[date]
    late_at: Mapped[datetime] = mapped_column(index=True)
    promised_from: Mapped[date | None]
    promised_until: Mapped[date | None]
    location_id: Mapped[int | None] = mapped_column(
        ForeignKey("location.id", ondelete="SET NULL"), index=True
    )
    slot_day_id: Mapped[int | None] = mapped_column(
        ForeignKey("delivery_slot_day.id", ondelete="SET NULL"), index=True
    )
    slot_held: Mapped[bool] = mapped_column(default=False)
    slot_from: Mapped[int | None]
    slot_until: Mapped[int | None]
    pickup_state: Mapped[str | None] = mapped_column(String(16))
    pickup_code: Mapped[str] = mapped_column(String(8), default="")
    ready_at: Mapped[datetime | None]
    collected_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint(
            "kind IN ('flat', 'weight', 'price', 'count', 'per_item', 'pickup', 'local')",
            name="kind",
        ),
        CheckConstraint("pickup_state IN ('waiting', 'ready', 'collected')", name="pickup_state"),
        CheckConstraint("(kind = 'pickup') = (pickup_state IS NOT NULL)", name="pickup"),
        CheckConstraint("promised_until >= promised_from", name="promised"),
    )
