"""The table of security events."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base, HasId, Json


class SecurityEvent(HasId, Base):
    """What was refused within a minute, one row for each subject and reason, however often it came.

    ``addresses``: where the first few came from. Rows are forgotten after ``security.KEPT``.
    """

    __tablename__ = "security_event"

    minute: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(24))
    subject: Mapped[str] = mapped_column(String(24))
    reason: Mapped[str] = mapped_column(String(24))
    times: Mapped[int]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    addresses: Mapped[list[str]] = mapped_column(Json)

    __table_args__ = (
        UniqueConstraint("minute", "kind", "subject", "reason", name="uq_security_event_one"),
        CheckConstraint("kind IN ('notify')", name="kind"),
        CheckConstraint("times > 0 AND first_at <= last_at", name="times"),
        Index("ix_security_event_minute_id", "minute", "id"),
    )
