"""Tables beside parcels: what carriers told, and where an order was to go before its address changed."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.core import clock
from shop.core.db import Base, HasId, append_only


class TrackingEvent(HasId, Base):
    """A carrier's word about a parcel, kept once however often it is told (``event_id`` is the carrier's)."""

    __tablename__ = "tracking_event"

    shipment_id: Mapped[int] = mapped_column(ForeignKey("shipment.id", ondelete="RESTRICT"))
    event_id: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(20))
    place: Mapped[str] = mapped_column(String(120), default="")
    text: Mapped[str] = mapped_column(String(255), default="")
    noted_at: Mapped[datetime] = mapped_column(default=clock.now)

    __table_args__ = (
        UniqueConstraint("shipment_id", "event_id"),
        CheckConstraint(
            "kind IN ('picked_up', 'in_transit', 'out_for_delivery', 'exception', 'delivered')",
            name="kind",
        ),
    )


append_only(TrackingEvent.__table__)  # type: ignore[arg-type]  # declared as FromClause, is a Table


class FormerAddress(HasId, Base):
    """Where an order was to go until ``until``: a side row that can be emptied when a person is erased."""

    __tablename__ = "former_address"

    order_id: Mapped[int] = mapped_column(ForeignKey("order.id", ondelete="CASCADE"), index=True)
    until: Mapped[datetime] = mapped_column(default=clock.now)
    name: Mapped[str] = mapped_column(String(80), default="")
    phone: Mapped[str] = mapped_column(String(32), default="")
    country: Mapped[str] = mapped_column(String(2), default="")
    province: Mapped[str] = mapped_column(String(80), default="")
    city: Mapped[str] = mapped_column(String(80), default="")
    district: Mapped[str] = mapped_column(String(80), default="")
    street: Mapped[str] = mapped_column(String(200), default="")
    postcode: Mapped[str] = mapped_column(String(16), default="")
