"""Tables of stock. A level is a counter beside the ledger of movements and must equal its sum."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from shop.core import clock
from shop.core.db import Base, HasCreatedAt, HasId, HasPublicId, append_only


class Location(HasPublicId, Base):
    """A place where a store keeps goods; orders take from the lowest ``priority`` first.

    ``hours``: locale → when shoppers may come, of a pick-up point. ``archived_at``: empty and out of use.
    """

    __tablename__ = "location"

    store_id: Mapped[int] = mapped_column(ForeignKey("store.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(80))
    priority: Mapped[int] = mapped_column(default=0)
    province: Mapped[str] = mapped_column(String(80), default="", server_default="")
    city: Mapped[str] = mapped_column(String(80), default="", server_default="")
    street: Mapped[str] = mapped_column(String(200), default="", server_default="")
    postcode: Mapped[str] = mapped_column(String(16), default="", server_default="")
    phone: Mapped[str] = mapped_column(String(32), default="", server_default="")
    is_pickup: Mapped[bool] = mapped_column(default=False, server_default=false())
    hours: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    archived_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("store_id", "name"),)


class StockLevel(HasId, Base):
    """On hand and reserved of a variant at a location."""

    __tablename__ = "stock_level"

    variant_id: Mapped[int] = mapped_column(ForeignKey("variant.id", ondelete="CASCADE"))
    location_id: Mapped[int] = mapped_column(
        ForeignKey("location.id", ondelete="CASCADE"), index=True
    )
    on_hand: Mapped[int] = mapped_column(default=0)
    reserved: Mapped[int] = mapped_column(default=0)
    backorder_limit: Mapped[int] = mapped_column(default=0)
    threshold: Mapped[int | None]
    alerted_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("variant_id", "location_id"),
        CheckConstraint("on_hand >= 0", name="on_hand"),
        CheckConstraint("reserved >= 0 AND reserved <= on_hand + backorder_limit", name="reserved"),
        CheckConstraint("backorder_limit >= 0", name="backorder_limit"),
        CheckConstraint("threshold >= 0", name="threshold"),
    )


class StockMovement(HasId, Base):
    """One change of what lies somewhere. Never updated or deleted; corrected by a reverse entry."""

    __tablename__ = "stock_movement"

    at: Mapped[datetime] = mapped_column(default=clock.now)
    variant_id: Mapped[int] = mapped_column(ForeignKey("variant.id", ondelete="RESTRICT"))
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"))
    kind: Mapped[str] = mapped_column(String(16))
    quantity: Mapped[int]
    balance: Mapped[int]
    reason: Mapped[str] = mapped_column(String(200), default="")
    source: Mapped[str] = mapped_column(String(120), default="")
    actor: Mapped[str] = mapped_column(String(80), default="")

    __table_args__ = (
        CheckConstraint("quantity <> 0", name="quantity"),
        CheckConstraint(
            "kind IN ('received', 'sold', 'returned', 'adjusted', 'counted', 'transferred')",
            name="kind",
        ),
        Index("ix_stock_movement_variant_id_location_id_id", "variant_id", "location_id", "id"),
        Index("ix_stock_movement_location_id_id", "location_id", "id"),
    )


append_only(StockMovement.__table__)  # type: ignore[arg-type]  # declared as FromClause, is a Table


class Reservation(HasId, HasCreatedAt, Base):
    """Units promised to an order line: open until shipped (consumed) or given back (released).

    ``short``: a count found fewer goods than are promised. Such units hold nothing, and are the first to
    be promised again when goods come to ``location_id``'s store.
    """

    __tablename__ = "reservation"

    variant_id: Mapped[int] = mapped_column(ForeignKey("variant.id", ondelete="RESTRICT"))
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"))
    order_line_id: Mapped[int] = mapped_column(
        ForeignKey("order_line.id", ondelete="RESTRICT"), index=True
    )
    quantity: Mapped[int]
    expires_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(16), default="open")
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("state IN ('open', 'short', 'consumed', 'released')", name="state"),
        Index("ix_reservation_variant_id_location_id_state", "variant_id", "location_id", "state"),
    )


class StockWait(HasPublicId, HasCreatedAt, Base):
    """Somebody wants to be told when a variant is back: once, in the order of asking.

    ``user_id``: a member, who is written to at the address they have by then; ``email`` is the one they
    asked with. ``told_at``: the mail is on its way; asking again afterwards waits anew.
    """

    __tablename__ = "stock_wait"

    variant_id: Mapped[int] = mapped_column(ForeignKey("variant.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"), index=True
    )
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254), index=True)
    locale: Mapped[str] = mapped_column(String(10))
    told_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("variant_id", "email_key"),
        Index("ix_stock_wait_variant_id_told_at", "variant_id", "told_at"),
    )
