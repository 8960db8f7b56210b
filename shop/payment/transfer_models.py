"""Tables of bank transfers: what a transfer must carry, what came to the account, what shoppers show for it."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.core import clock
from shop.core.db import Base, HasCreatedAt, HasId, HasPublicId, append_only


class BankTransfer(HasId, HasCreatedAt, Base):
    """A checkout that is paid by bank transfer: the ``reference`` that the money carries, for all its orders.

    ``reminded_at``: the shopper was told that the time ends.
    """

    __tablename__ = "bank_transfer"

    checkout_id: Mapped[int] = mapped_column(
        ForeignKey("checkout.id", ondelete="RESTRICT"), unique=True
    )
    reference: Mapped[str] = mapped_column(String(16), unique=True)
    reminded_at: Mapped[datetime | None]


class BankReceipt(HasPublicId, Base):
    """Money on the account, as staff read it there. ``reference_key``: the bank's own reference without
    spaces and case; it counts once, whatever order it is booked for. Minor units of the checkout's currency."""

    __tablename__ = "bank_receipt"

    transfer_id: Mapped[int] = mapped_column(
        ForeignKey("bank_transfer.id", ondelete="RESTRICT"), index=True
    )
    reference: Mapped[str] = mapped_column(String(80))
    reference_key: Mapped[str] = mapped_column(String(80), unique=True)
    amount_minor: Mapped[int]
    actor: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(default=clock.now)

    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount"),)


class BankReceiptShare(HasId, Base):
    """Which payment got how much of a receipt; the shares of a receipt are all of it."""

    __tablename__ = "bank_receipt_share"

    receipt_id: Mapped[int] = mapped_column(ForeignKey("bank_receipt.id", ondelete="RESTRICT"))
    payment_id: Mapped[int] = mapped_column(
        ForeignKey("payment.id", ondelete="RESTRICT"), index=True
    )
    amount_minor: Mapped[int]

    __table_args__ = (
        UniqueConstraint("receipt_id", "payment_id"),
        CheckConstraint("amount_minor > 0", name="amount"),
    )


append_only(BankReceipt.__table__)  # type: ignore[arg-type]  # declared as FromClause, is a Table
append_only(BankReceiptShare.__table__)  # type: ignore[arg-type]  # declared as FromClause, is a Table


class TransferProof(HasPublicId, HasCreatedAt, Base):
    """A picture or a PDF by which a shopper shows that they have paid. It pays nothing by itself.

    ``name``: where it lies in the private part of media storage. ``widths``: of a picture, "" for a PDF.
    """

    __tablename__ = "transfer_proof"

    transfer_id: Mapped[int] = mapped_column(
        ForeignKey("bank_transfer.id", ondelete="RESTRICT"), index=True
    )
    name: Mapped[str] = mapped_column(String(120))
    width: Mapped[int] = mapped_column(default=0)
    height: Mapped[int] = mapped_column(default=0)
    widths: Mapped[str] = mapped_column(String(60), default="")
    payer: Mapped[str] = mapped_column(String(80), default="")
    paid_on: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(16), default="sent")
    reason: Mapped[str] = mapped_column(String(24), default="")
    note: Mapped[str] = mapped_column(String(255), default="")
    actor: Mapped[str] = mapped_column(String(80), default="")
    decided_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("state IN ('sent', 'accepted', 'declined')", name="state"),
        CheckConstraint("(state = 'sent') = (decided_at IS NULL)", name="decided"),
    )
