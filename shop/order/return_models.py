"""Tables of returns: what a shopper wants to give back, and what came of it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base, HasCreatedAt, HasId, HasPublicId


class ReturnRequest(HasPublicId, HasCreatedAt, Base):
    """Units of one order that go back for money. ``amount_minor``: promised when asked, and once
    refunded that of its refund. ``instructions``: where to send, given with the approval.
    ``answer_by``: then it counts as approved; ``send_by``: then an approved one that was not sent is over,
    withdrawn as ``lapsed``. Both None for returns from before there were dates."""

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

    __table_args__ = (
        CheckConstraint(
            "state IN ('requested', 'approved', 'refused', 'in_transit', 'refunded', 'withdrawn')",
            name="state",
        ),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("(state = 'refunded') = (refund_id IS NOT NULL)", name="refund"),
        Index("ix_return_request_state_created_at", "state", "created_at"),
    )


class ReturnLine(HasId, Base):
    """Units of a line in a return, and why. ``restocked`` None until they were inspected."""

    __tablename__ = "return_line"

    return_id: Mapped[int] = mapped_column(ForeignKey("return_request.id", ondelete="CASCADE"))
    line_id: Mapped[int] = mapped_column(
        ForeignKey("order_line.id", ondelete="RESTRICT"), index=True
    )
    quantity: Mapped[int]
    reason: Mapped[str] = mapped_column(String(24))
    restocked: Mapped[bool | None]

    __table_args__ = (
        UniqueConstraint("return_id", "line_id"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint(
            "reason IN ('damaged', 'wrong-item', 'not-as-described', 'size', 'changed-mind', "
            "'quality', 'other')",
            name="reason",
        ),
    )
