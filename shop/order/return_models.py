"""Tables of returns: what a shopper wants to give back, with photos, and what came of it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base, HasCreatedAt, HasId, HasPublicId


class ReturnRequest(HasPublicId, HasCreatedAt, Base):
    """Units of one order that somebody wants to give back, and ``outcome``: what they want for them.

    ``amount_minor``: what the units are worth, promised when asked, and once refunded that of its refund.
    ``instructions``: where to send, given with the approval.
    ``answer_by``: then it counts as approved; ``send_by``: then an approved one that was not sent is over,
    withdrawn as ``lapsed``. Both None for returns from before there were dates, ``send_by`` also where
    nothing is sent. ``back_carrier``, ``back_number``: the parcel in which repaired goods went back."""

    __tablename__ = "return_request"

    order_id: Mapped[int] = mapped_column(ForeignKey("order.id", ondelete="RESTRICT"), index=True)
    state: Mapped[str] = mapped_column(String(16), default="requested")
    amount_minor: Mapped[int]
    text: Mapped[str] = mapped_column(Text, default="")
    instructions: Mapped[str] = mapped_column(Text, default="")
    refusal: Mapped[str] = mapped_column(String(500), default="")
    carrier: Mapped[str] = mapped_column(String(24), default="")
    tracking_number: Mapped[str] = mapped_column(String(60), default="")
    refund_id: Mapped[int | None] = mapped_column(
        ForeignKey("refund.id", ondelete="RESTRICT"), unique=True
    )
    ended_at: Mapped[datetime | None]
    answer_by: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    send_by: Mapped[datetime | None]
    lapsed: Mapped[bool] = mapped_column(default=False, server_default=false())
    outcome: Mapped[str] = mapped_column(String(16), default="refund", server_default="refund")
    back_carrier: Mapped[str] = mapped_column(String(24), default="", server_default="")
    back_number: Mapped[str] = mapped_column(String(60), default="", server_default="")

    __table_args__ = (
        CheckConstraint(
            "state IN ('requested', 'approved', 'refused', 'in_transit', 'refunded', 'withdrawn', "
            "'exchanged', 'repaired')",
            name="state",
        ),
        CheckConstraint("outcome IN ('refund', 'money', 'exchange', 'repair')", name="outcome"),
        CheckConstraint(
            "(state <> 'exchanged' OR outcome = 'exchange')"
            " AND (state <> 'repaired' OR outcome = 'repair')",
            name="reached",
        ),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("(state = 'refunded') = (refund_id IS NOT NULL)", name="refund"),
        Index("ix_return_request_state_created_at", "state", "created_at"),
    )


class ReturnLine(HasId, Base):
    """Units of a line in a return, why, and in the shopper's words. ``restocked`` None until they were
    inspected, and for ever where nothing comes back."""

    __tablename__ = "return_line"

    return_id: Mapped[int] = mapped_column(ForeignKey("return_request.id", ondelete="CASCADE"))
    line_id: Mapped[int] = mapped_column(
        ForeignKey("order_line.id", ondelete="RESTRICT"), index=True
    )
    quantity: Mapped[int]
    reason: Mapped[str] = mapped_column(String(24))
    restocked: Mapped[bool | None]
    note: Mapped[str] = mapped_column(String(500), default="", server_default="")

    __table_args__ = (
        UniqueConstraint("return_id", "line_id"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint(
            "reason IN ('damaged', 'wrong-item', 'not-as-described', 'size', 'changed-mind', "
            "'quality', 'other', 'not-received')",
            name="reason",
        ),
    )


class ReturnPhoto(HasPublicId, Base):
    """A photo that goes with a return: for its shopper and the staff of its store, nobody else.

    ``name``, ``widths``, ``width`` and ``height`` as of ``catalog.models.Image``; ``position`` from 0.
    """

    __tablename__ = "return_photo"

    return_id: Mapped[int] = mapped_column(ForeignKey("return_request.id", ondelete="CASCADE"))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(120), index=True)
    width: Mapped[int]
    height: Mapped[int]
    widths: Mapped[str] = mapped_column(String(60))

    __table_args__ = (
        UniqueConstraint("return_id", "position"),
        CheckConstraint("position BETWEEN 0 AND 8", name="position"),
    )


class Replacement(HasId, Base):
    """What is wanted in exchange for the units of a line of a return, and once it is sent ``line_id``: its
    line in an order that costs nothing. ``paid_line_id``: the line whose money pays for it, which stands
    at the head of a chain of exchanges."""

    __tablename__ = "replacement"

    return_line_id: Mapped[int] = mapped_column(
        ForeignKey("return_line.id", ondelete="CASCADE"), unique=True
    )
    variant_id: Mapped[int] = mapped_column(
        ForeignKey("variant.id", ondelete="RESTRICT"), index=True
    )
    line_id: Mapped[int | None] = mapped_column(
        ForeignKey("order_line.id", ondelete="RESTRICT"), unique=True
    )
    paid_line_id: Mapped[int | None] = mapped_column(
        ForeignKey("order_line.id", ondelete="RESTRICT"), index=True
    )

    __table_args__ = (CheckConstraint("(line_id IS NULL) = (paid_line_id IS NULL)", name="sent"),)
