"""Tables of gift cards and store balances, and the ledger of what moved on them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.core import clock
from shop.core.db import Base, HasCreatedAt, HasId, HasPublicId, append_only


class GiftCard(HasPublicId, HasCreatedAt, Base):
    """What a store owes whoever holds a code or, with ``user_id``, a member: their balance there.

    ``balance_minor`` (minor units of ``currency``) pays orders of this store alone, and is the sum of
    the entries. The code itself is nowhere: ``nonce`` and the shop's secret make it again for its mail.
    """

    __tablename__ = "gift_card"

    store_id: Mapped[int] = mapped_column(ForeignKey("store.id", ondelete="RESTRICT"))
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="SET NULL"), index=True
    )
    currency: Mapped[str] = mapped_column(String(3))
    code_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    nonce: Mapped[str] = mapped_column(String(64), default="")
    last_four: Mapped[str] = mapped_column(String(4), default="")
    balance_minor: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(16), default="active")
    expires_at: Mapped[datetime | None] = mapped_column(index=True)
    recipient: Mapped[str] = mapped_column(String(254), default="")
    message: Mapped[str] = mapped_column(String(500), default="")
    locale: Mapped[str] = mapped_column(String(10), default="en")

    __table_args__ = (
        UniqueConstraint("store_id", "user_id", "currency"),
        CheckConstraint("balance_minor >= 0", name="balance"),
        CheckConstraint("state IN ('active', 'expired', 'void')", name="state"),
        Index("ix_gift_card_store_id_last_four", "store_id", "last_four"),
    )


class GiftCardEntry(HasId, Base):
    """One movement: ``amount_minor`` added (below 0: taken), ``balance_minor`` after it, and why.

    ``paid`` names the payment that it made, ``returned`` the refund that it came with: each once.
    """

    __tablename__ = "gift_card_entry"

    card_id: Mapped[int] = mapped_column(
        ForeignKey("gift_card.id", ondelete="RESTRICT"), index=True
    )
    kind: Mapped[str] = mapped_column(String(16))
    amount_minor: Mapped[int]
    balance_minor: Mapped[int]
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payment.id", ondelete="RESTRICT"))
    refund_id: Mapped[int | None] = mapped_column(ForeignKey("refund.id", ondelete="RESTRICT"))
    actor: Mapped[str] = mapped_column(String(80), default="")
    reason: Mapped[str] = mapped_column(String(255), default="")
    at: Mapped[datetime] = mapped_column(default=clock.now)

    __table_args__ = (
        UniqueConstraint("payment_id"),
        UniqueConstraint("refund_id"),
        CheckConstraint("balance_minor >= 0 AND amount_minor <> 0", name="amount"),
        CheckConstraint(
            "kind IN ('issued', 'credited', 'paid', 'returned', 'expired', 'voided')", name="kind"
        ),
    )


append_only(GiftCardEntry.__table__)  # type: ignore[arg-type]  # declared as FromClause, is a Table
