"""The verbs of questions: ask, answer, publish or hide, find helpful."""

from sqlalchemy import exists, select

from shop.catalog.models import Product
from shop.core import outbox
from shop.core.db import db
from shop.core.errors import Forbidden, Invalid, NotFound
from shop.order.models import Order, OrderLine
from shop.review.helpful import count as helpful_count
from shop.review.question_models import Answer, Question, QuestionVote
from shop.review.reasons import checked
from shop.review.services import mask

MAX_TEXT = 1000


def ask(product_id: int, text: str, *, user_id: int, author: str, locale: str) -> str:
    """Ask about a product; returns the question's public id.

    Until the store answers or publishes it, only the asker sees it; the store is told by mail. Raises ``Invalid`` for an empty
    text or one too long.
    """
    question = Question(
        product_id=product_id,
        user_id=user_id,
        author=mask(author),
        text=_text(text),
        locale=locale,
    )
    db.session.add(question)
    db.session.flush()  # the default of the public id is made by it
    outbox.record("question.asked", question=question.public_id)
    return question.public_id


def answer_as_buyer(question: str, text: str, *, user_id: int, author: str, locale: str) -> str:
    """Somebody who bought the product answers; the store publishes it. Returns the answer's public id.

    Raises ``NotFound`` for a question that is not published, ``Forbidden("answer-not-bought")`` and
    ``Invalid`` as ``ask``.
    """
    row = db.session.execute(
        select(Question.id, Question.product_id).where(
            Question.public_id == question, Question.state == "published"
        )
    ).one_or_none()
    if row is None:
        raise NotFound("question-missing")
    if not has_bought(user_id, row.product_id):
        raise Forbidden("answer-not-bought")
    answer = Answer(
        question_id=row.id,
        user_id=user_id,
        author=mask(author),
        by_store=False,
        text=_text(text),
        locale=locale,
    )
    db.session.add(answer)
    db.session.flush()  # as above
    return answer.public_id


def has_bought(user_id: int, product_id: int) -> bool:
    """Whether somebody has paid for a product, or received it, and did not cancel it. One statement."""
    bought = exists().where(
        OrderLine.product_id == product_id,
        OrderLine.cancelled < OrderLine.quantity,
        Order.id == OrderLine.order_id,
        Order.user_id == user_id,
        Order.paid_at.is_not(None) | Order.received_at.is_not(None),
    )
    return bool(db.session.scalar(select(bought)))


def answer_as_store(
    question: str, text: str, *, user_id: int, locale: str, store_ids: list[int]
) -> None:
    """The store's answer. It publishes the question, and the asker is told by mail. A second answer
    stands beside the first."""
    row = _of_stores(question, store_ids)
    answer = Answer(
        question_id=row.id,
        user_id=user_id,
        by_store=True,
        text=_text(text),
        locale=locale,
        state="published",
    )
    db.session.add(answer)
    row.state, row.hidden_reason = "published", ""
    db.session.flush()  # as above
    _tell(row, answer)


def set_state(question: str, state: str, *, store_ids: list[int], reason: str = "") -> None:
    """Publish a question of the stores' goods, hide it, or let it wait again. To hide takes one of
    ``reasons.REASONS``."""
    row = _of_stores(question, store_ids)
    row.state, row.hidden_reason = checked(state, reason, "question-state-unknown")


def set_answer_state(answer: str, state: str, *, store_ids: list[int], reason: str = "") -> str:
    """The same for an answer; returns its question's public id. What waited and is published is told to
    the asker."""
    found = db.session.execute(
        select(Answer, Question)
        .join(Question, Question.id == Answer.question_id)
        .join(Product, Product.id == Question.product_id)
        .where(Answer.public_id == answer, Product.store_id.in_(store_ids))
        .with_for_update(of=Answer)
    ).one_or_none()
    if found is None:
        raise NotFound("answer-missing")
    row, question = found
    waited = row.state == "pending"
    row.state, row.hidden_reason = checked(state, reason, "question-state-unknown")
    if waited and state == "published":
        _tell(question, row)
    return str(question.public_id)


def vote(question: str, *, user_id: int, helpful: bool) -> None:
    """Find a published question helpful, or no longer; each person counts once."""
    question_id = db.session.scalar(
        select(Question.id).where(Question.public_id == question, Question.state == "published")
    )
    if question_id is None:
        raise NotFound("question-missing")
    helpful_count(
        Question.helpful, QuestionVote.question_id, question_id, user_id=user_id, helpful=helpful
    )


def _tell(question: Question, answer: Answer) -> None:
    if question.user_id is not None and question.user_id != answer.user_id:
        outbox.record("question.answered", answer=answer.public_id)


def _text(text: str) -> str:
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise Invalid("text-missing", field="text")
    if len(text) > MAX_TEXT:
        raise Invalid("text-too-long", field="text", maximum=MAX_TEXT)
    return text


def _of_stores(question: str, store_ids: list[int]) -> Question:
    row = db.session.scalar(
        select(Question)
        .join(Product, Product.id == Question.product_id)
        .where(Question.public_id == question, Product.store_id.in_(store_ids))
        .with_for_update(of=Question)
    )
    if row is None:
        raise NotFound("question-missing")
    return row
