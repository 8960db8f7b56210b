"""Tables of money: attempts, allocations to orders, provider events, refunds."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.core import clock
from shop.core.db import Base, HasCreatedAt, HasId, append_only


class Payment(HasId, HasCreatedAt, Base):
    """One attempt to pay a checkout (or, for cash on delivery, one order of it). Never deleted."""

    __tablename__ = "payment"

    attempt_no: Mapped[str] = mapped_column(String(32), unique=True)
    checkout_id: Mapped[int] = mapped_column(
        ForeignKey("checkout.id", ondelete="RESTRICT"), index=True
    )
    gateway: Mapped[str] = mapped_column(String(24))
    amount_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    state: Mapped[str] = mapped_column(String(16), default="created")
    redirect_url: Mapped[str | None] = mapped_column(Text)
    qr_text: Mapped[str | None] = mapped_column(Text)
    opened_at: Mapped[datetime | None]
    provider_id: Mapped[str | None] = mapped_column(String(64), index=True)
    merchant: Mapped[str | None] = mapped_column(String(120))
    reference: Mapped[str] = mapped_column(String(120), default="")
    flag: Mapped[str] = mapped_column(String(40), default="")
    expires_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    queried_at: Mapped[datetime | None]
    next_query_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("amount_minor >= 0", name="amount"),
        CheckConstraint(
            "state IN ('created', 'pending', 'unknown', 'paid', 'closed', 'failed')", name="state"
        ),
        Index("ix_payment_state_next_query_at", "state", "next_query_at"),
    )


class PaymentAllocation(HasId, Base):
    """Which order gets which share of a payment; refunds are reserved on it by a guarded update."""

    __tablename__ = "payment_allocation"

    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id", ondelete="RESTRICT"))
    order_id: Mapped[int] = mapped_column(ForeignKey("order.id", ondelete="RESTRICT"), index=True)
    amount_minor: Mapped[int]
    refunded_minor: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        UniqueConstraint("payment_id", "order_id"),
        CheckConstraint("refunded_minor >= 0 AND refunded_minor <= amount_minor", name="refunded"),
    )


class PaymentEvent(HasId, Base):
    """What a provider (or staff, for offline money) told us. Amounts come from here alone."""

    __tablename__ = "payment_event"

    payment_id: Mapped[int] = mapped_column(
        ForeignKey("payment.id", ondelete="RESTRICT"), index=True
    )
    gateway: Mapped[str] = mapped_column(String(24))
    provider_event_id: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(24))
    amount_minor: Mapped[int] = mapped_column(default=0)
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime] = mapped_column(default=clock.now)

    __table_args__ = (
        UniqueConstraint("gateway", "provider_event_id"),
        CheckConstraint(
            "kind IN ('paid', 'closed', 'refused', 'flagged', 'refunded')", name="kind"
        ),
    )


append_only(PaymentEvent.__table__)  # type: ignore[arg-type]  # declared as FromClause, is a Table


class Refund(HasId, HasCreatedAt, Base):
    """Money going back for an order, out of one payment."""

    __tablename__ = "refund"

    refund_no: Mapped[str] = mapped_column(String(32), unique=True)
    payment_id: Mapped[int] = mapped_column(
        ForeignKey("payment.id", ondelete="RESTRICT"), index=True
    )
    order_id: Mapped[int] = mapped_column(ForeignKey("order.id", ondelete="RESTRICT"), index=True)
    # Of one request: what the payment of that refund did not hold any more. No foreign key, since SQLite
    # would rebuild the table for a named one; refunds are never deleted.
    rest_of_id: Mapped[int | None] = mapped_column(index=True)
    amount_minor: Mapped[int]
    delivery_minor: Mapped[int] = mapped_column(default=0)
    currency: Mapped[str] = mapped_column(String(3))
    state: Mapped[str] = mapped_column(String(16), default="created")
    reason: Mapped[str] = mapped_column(String(40), default="")
    note: Mapped[str] = mapped_column(String(255), default="")
    actor: Mapped[str] = mapped_column(String(80), default="")
    reference: Mapped[str] = mapped_column(String(120), default="")
    provider_refund_id: Mapped[str | None] = mapped_column(String(64))
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("amount_minor > 0 AND delivery_minor >= 0", name="amount"),
        CheckConstraint(
            "state IN ('created', 'submitted', 'unknown', 'processing', 'abnormal', 'done', 'manual', "
            "'failed')",
            name="state",
        ),
        Index("ix_refund_state_next_try_at", "state", "next_try_at"),
    )


class RefundLine(HasId, Base):
    """Which units of a line a refund is for, and their exact share after discounts. No units: money of units
    that the refund this is the rest of counts."""

    __tablename__ = "refund_line"

    refund_id: Mapped[int] = mapped_column(ForeignKey("refund.id", ondelete="CASCADE"))
    line_id: Mapped[int] = mapped_column(
        ForeignKey("order_line.id", ondelete="RESTRICT"), index=True
    )
    quantity: Mapped[int]
    amount_minor: Mapped[int]
    restock: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        UniqueConstraint("refund_id", "line_id"),
        CheckConstraint("quantity >= 0 AND amount_minor >= 0", name="amount"),
    )
