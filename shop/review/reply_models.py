"""The table of texts that a store answers with again and again."""

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base, HasCreatedAt, HasPublicId


class SavedReply(HasPublicId, HasCreatedAt, Base):
    """A text of a store for its answers to reviews and questions, under a short title that staff choose
    it by. What was answered with it is a copy: changing it changes no answer."""

    __tablename__ = "saved_reply"

    store_id: Mapped[int] = mapped_column(ForeignKey("store.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text)

    __table_args__ = (UniqueConstraint("store_id", "title"),)
