"""Tables of reconciliation: bills as they were read, and what of them does not agree with our books."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base, HasCreatedAt, HasId, HasPublicId


class BillDay(HasId, HasCreatedAt, Base):
    """The bill of a gateway for a Beijing day, with the sums of its rows whose money moved (fen)."""

    __tablename__ = "bill_day"

    gateway: Mapped[str] = mapped_column(String(24))
    day: Mapped[date] = mapped_column(Date)
    digest: Mapped[str] = mapped_column(String(64), default="")
    payments: Mapped[int] = mapped_column(default=0)
    refunds: Mapped[int] = mapped_column(default=0)
    paid_minor: Mapped[int] = mapped_column(default=0)
    refunded_minor: Mapped[int] = mapped_column(default=0)
    fee_minor: Mapped[int] = mapped_column(default=0)

    __table_args__ = (UniqueConstraint("gateway", "day"),)


class BillItem(HasId, Base):
    """One row of a bill, as ``shop.payment.bills.base.BillRow`` says."""

    __tablename__ = "bill_item"

    bill_day_id: Mapped[int] = mapped_column(ForeignKey("bill_day.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))
    no: Mapped[str] = mapped_column(String(64))
    refund_no: Mapped[str] = mapped_column(String(64), default="")
    provider_id: Mapped[str] = mapped_column(String(64))
    provider_refund_id: Mapped[str] = mapped_column(String(64), default="")
    amount_minor: Mapped[int]
    refunded_minor: Mapped[int]
    fee_minor: Mapped[int]
    at: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(32), default="")
    payment_id: Mapped[int | None] = mapped_column(
        ForeignKey("payment.id", ondelete="RESTRICT"), index=True
    )

    __table_args__ = (
        UniqueConstraint(
            "bill_day_id",
            "kind",
            "no",
            "refund_no",
            "provider_id",
            "provider_refund_id",
            name="uq_bill_item_movement",
        ),
        CheckConstraint("kind IN ('payment', 'refund')", name="kind"),
        CheckConstraint("amount_minor >= 0 AND refunded_minor >= 0", name="amount"),
    )


class Difference(HasPublicId, HasCreatedAt, Base):
    """Something of a day that the shop and a provider tell differently; ``here`` and ``there`` in fen.

    ``resolved_by`` is empty when it closed by itself.
    """

    __tablename__ = "reconciliation_difference"

    gateway: Mapped[str] = mapped_column(String(24))
    day: Mapped[date] = mapped_column(Date)
    kind: Mapped[str] = mapped_column(String(16))
    no: Mapped[str] = mapped_column(String(64))
    refund_no: Mapped[str] = mapped_column(String(64), default="")
    here_minor: Mapped[int] = mapped_column(default=0)
    there_minor: Mapped[int] = mapped_column(default=0)
    payment_id: Mapped[int | None] = mapped_column(
        ForeignKey("payment.id", ondelete="RESTRICT"), index=True
    )
    state: Mapped[str] = mapped_column(String(16), default="open")
    note: Mapped[str] = mapped_column(String(500), default="")
    resolved_by: Mapped[str] = mapped_column(String(80), default="")
    resolved_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("gateway", "day", "kind", "no", "refund_no"),
        CheckConstraint(
            "kind IN ('missing_here', 'missing_there', 'amount', 'fee', 'refund')", name="kind"
        ),
        CheckConstraint("state IN ('open', 'resolved')", name="state"),
        CheckConstraint("(state = 'open') = (resolved_at IS NULL)", name="resolved"),
        Index("ix_reconciliation_difference_state_day", "state", "day"),
    )
