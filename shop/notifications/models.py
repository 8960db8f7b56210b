"""The record of every message to a person."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base, HasCreatedAt, HasPublicId


class Message(HasPublicId, HasCreatedAt, Base):
    """A mail to one recipient for one delivery of an event; sent once.

    ``unsubscribe_url``: where one POST ends mails of this kind; None for those that answer an act.
    """

    __tablename__ = "message"

    delivery_id: Mapped[int | None] = mapped_column(ForeignKey("delivery.id", ondelete="SET NULL"))
    recipient: Mapped[str] = mapped_column(String(254))
    channel: Mapped[str] = mapped_column(String(16), default="email")
    template: Mapped[str] = mapped_column(String(60))
    locale: Mapped[str] = mapped_column(String(10))
    subject: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16), default="queued")
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    unsubscribe_url: Mapped[str | None] = mapped_column(String(500))

    __table_args__ = (
        UniqueConstraint("delivery_id", "recipient", "channel"),
        CheckConstraint("state IN ('queued', 'sent', 'failed')", name="state"),
        Index("ix_message_created_at", "created_at"),
    )
