"""Tables of questions and answers."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base, HasCreatedAt, HasPublicId


class Question(HasPublicId, HasCreatedAt, Base):
    """What somebody wants to know of a product. Everybody sees it once the store has answered or
    published it; until then the asker alone does. ``helpful`` counts the votes of ``question_vote``.
    ``hidden_reason`` is said to the asker.
    """

    __tablename__ = "question"

    product_id: Mapped[int] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="SET NULL"), index=True
    )
    author: Mapped[str] = mapped_column(String(80), default="")
    text: Mapped[str] = mapped_column(Text)
    locale: Mapped[str] = mapped_column(String(10), default="en")
    state: Mapped[str] = mapped_column(String(16), default="pending")
    hidden_reason: Mapped[str] = mapped_column(String(24), default="")
    helpful: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        CheckConstraint("state IN ('pending', 'published', 'hidden')", name="state"),
        CheckConstraint("helpful >= 0", name="helpful"),
        Index("ix_question_product_id_state_helpful", "product_id", "state", "helpful", "id"),
    )


class Answer(HasPublicId, HasCreatedAt, Base):
    """What the store, or somebody who bought the product, says to a question. A buyer's answer waits
    for the store."""

    __tablename__ = "answer"

    question_id: Mapped[int] = mapped_column(
        ForeignKey("question.id", ondelete="CASCADE"), index=True
    )
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="SET NULL"), index=True
    )
    author: Mapped[str] = mapped_column(String(80), default="")
    by_store: Mapped[bool]
    text: Mapped[str] = mapped_column(Text)
    locale: Mapped[str] = mapped_column(String(10), default="en")
    state: Mapped[str] = mapped_column(String(16), default="pending")
    hidden_reason: Mapped[str] = mapped_column(String(24), default="")

    __table_args__ = (CheckConstraint("state IN ('pending', 'published', 'hidden')", name="state"),)


class QuestionVote(Base):
    """Somebody found a question with its answers helpful, once."""

    __tablename__ = "question_vote"

    question_id: Mapped[int] = mapped_column(
        ForeignKey("question.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        index=True,
    )
