"""An account at a payment provider, its secrets sealed."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from shop.core import clock
from shop.core.db import Base, HasCreatedAt, HasPublicId

_IN_USE = text("enabled")


class PaymentAccount(HasPublicId, HasCreatedAt, Base):
    """One merchant at one provider. Never deleted: payments that it took are refunded through it.

    ``values`` holds what may be read; ``sealed`` the secrets, as one text for this row and gateway
    (``shop.core.sealing``); ``hints`` when each secret was set and how it ends. ``merchant`` are the
    ids at the provider and never change. ``currencies``: ISO codes with spaces between.
    """

    __tablename__ = "payment_account"

    gateway: Mapped[str] = mapped_column(String(24))
    merchant: Mapped[str] = mapped_column(String(120))
    name: Mapped[str] = mapped_column(String(80), default="")
    enabled: Mapped[bool] = mapped_column(default=False)
    currencies: Mapped[str] = mapped_column(default="")
    values: Mapped[dict[str, Any]] = mapped_column(default=dict)
    hints: Mapped[dict[str, Any]] = mapped_column(default=dict)
    key_id: Mapped[str] = mapped_column(String(16))
    sealed: Mapped[str] = mapped_column(Text)
    created_by: Mapped[str] = mapped_column(String(80), default="")
    changed_by: Mapped[str] = mapped_column(String(80), default="")
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)
    tested_at: Mapped[datetime | None]
    test_result: Mapped[str] = mapped_column(String(24), default="")
    test_code: Mapped[str] = mapped_column(String(80), default="")

    __table_args__ = (
        UniqueConstraint("gateway", "merchant"),
        Index(
            "ix_payment_account_in_use",
            "gateway",
            unique=True,
            sqlite_where=_IN_USE,
            postgresql_where=_IN_USE,
        ),
        CheckConstraint("(tested_at IS NULL) = (test_result = '')", name="tested"),
    )
