"""Reading questions and answers: for shoppers, and for the store's queue."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select

from shop.catalog.localised import best
from shop.catalog.models import Product, ProductTranslation
from shop.core.db import db
from shop.core.lookups import Lookup, askable
from shop.review.question_models import Answer, Question, QuestionVote


@dataclass(frozen=True, slots=True)
class AnswerView:
    """What was said to a question; ``mine``: by the reader."""

    public_id: str
    author: str
    by_store: bool
    text: str
    locale: str
    state: str
    hidden_reason: str
    created_at: datetime
    mine: bool


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question with the answers that its reader may see. ``voted``: the reader found it helpful."""

    public_id: str
    author: str
    text: str
    locale: str
    state: str
    hidden_reason: str
    helpful: int
    created_at: datetime
    mine: bool
    voted: bool
    product_title: str
    product_slug: str
    answers: list[AnswerView]


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """One page of questions; ``own``: what the reader asked and nobody else sees."""

    rows: list[QuestionView]
    next_cursor: str | None
    own: list[QuestionView]


def for_product(
    product_id: int, user_id: int | None, *, after: str | None = None, limit: int = 6
) -> QuestionPage:
    """Published questions of a product, the most helpful first. Two statements, four for a reader who
    has signed in."""
    mine = [Question.product_id == product_id, Question.state == "published"]
    position = _position(after)
    if position is not None:
        helpful, last = position
        mine.append(
            or_(
                Question.helpful < helpful,
                and_(Question.helpful == helpful, Question.id < last),
            )
        )
    found = list(
        db.session.scalars(
            select(Question)
            .where(*mine)
            .order_by(Question.helpful.desc(), Question.id.desc())
            .limit(limit + 1)
        )
    )
    own: list[Question] = []
    if user_id is not None and position is None:
        own = list(
            db.session.scalars(
                select(Question)
                .where(
                    Question.product_id == product_id,
                    Question.user_id == user_id,
                    Question.state != "published",
                )
                .order_by(Question.id.desc())
                .limit(10)
            )
        )
    shown = found[:limit]
    views = _views([*own, *shown], user_id)
    cursor = f"{shown[-1].helpful}-{shown[-1].id}" if len(found) > limit else None
    return QuestionPage(views[len(own) :], cursor, views[: len(own)])


def admin_list(
    store_ids: Sequence[int], locale: str, *, view: str, after: str | None = None, limit: int = 20
) -> QuestionPage:
    """Questions of some stores' goods, oldest first where they wait, else newest first. Two statements.

    ``view``: "waiting" (asked, or answered by a buyer, and not looked at), "published", "hidden", "all".
    """
    where: list[ColumnElement[bool]] = [Product.store_id.in_(store_ids)]
    if view in {"published", "hidden"}:
        where.append(Question.state == view)
    elif view == "waiting":
        where.append(_waits())
    rising = view == "waiting"
    if after and after.isascii() and after.isdecimal() and len(after) < 19:
        where.append(Question.id > int(after) if rising else Question.id < int(after))
    found = _with_product(where, locale, limit + 1, rising)
    titles = {row[0].id: (row[1], row[2]) for row in found}
    shown = [row[0] for row in found[:limit]]
    cursor = str(shown[-1].id) if len(found) > limit else None
    return QuestionPage(_views(shown, None, titles, staff=True), cursor, [])


def one(public_id: str, store_ids: Sequence[int], locale: str) -> QuestionView | None:
    """A question of some stores' goods, as the queue shows it. Two statements."""
    where = [Product.store_id.in_(store_ids), Question.public_id == public_id]
    found = _with_product(where, locale, 1, True)
    titles = {row[0].id: (row[1], row[2]) for row in found}
    views = _views([row[0] for row in found], None, titles, staff=True)
    return views[0] if views else None


@askable
def counts(store_ids: Sequence[int]) -> Lookup[dict[str, int]]:
    """How many questions of some stores' goods are in each view. One statement."""
    waits = case((_waits(), 1), else_=0)
    return Lookup(
        lambda rows: {name: int(many) for name, many in zip(rows[0]._fields, rows[0], strict=True)},
        select(
            func.coalesce(func.sum(waits), 0).label("waiting"),
            func.coalesce(func.sum(case((Question.state == "published", 1), else_=0)), 0).label(
                "published"
            ),
            func.coalesce(func.sum(case((Question.state == "hidden", 1), else_=0)), 0).label(
                "hidden"
            ),
            func.count().label("all"),
        )
        .select_from(Question)
        .join(Product, Product.id == Question.product_id)
        .where(Product.store_id.in_(store_ids)),
    )


def question_of_answer(answer: str, store_ids: Sequence[int]) -> str | None:
    """The public id of the question that an answer was given to, within some stores. One statement."""
    return db.session.scalar(
        select(Question.public_id)
        .join(Answer, Answer.question_id == Question.id)
        .join(Product, Product.id == Question.product_id)
        .where(Answer.public_id == answer, Product.store_id.in_(store_ids))
    )


def product_slug(question: str) -> str | None:
    """The address of the product that a published question is about."""
    return db.session.scalar(
        select(Product.slug)
        .join(Question, Question.product_id == Product.id)
        .where(Question.public_id == question, Question.state == "published")
    )


def _waits() -> ColumnElement[bool]:
    pending = exists().where(Answer.question_id == Question.id, Answer.state == "pending")
    waits: ColumnElement[bool] = or_(
        Question.state == "pending", and_(Question.state == "published", pending)
    )
    return waits


def _with_product(
    where: Sequence[ColumnElement[bool]], locale: str, limit: int, rising: bool
) -> Sequence[Any]:
    return db.session.execute(
        select(Question, ProductTranslation.title, Product.slug)
        .join(Product, Product.id == Question.product_id)
        .join(ProductTranslation, best(ProductTranslation, "product_id", Product.id, locale))
        .where(*where)
        .order_by(Question.id.asc() if rising else Question.id.desc())
        .limit(limit)
    ).all()


def _views(
    questions: Sequence[Question],
    user_id: int | None,
    titles: dict[int, tuple[str, str]] | None = None,
    *,
    staff: bool = False,
) -> list[QuestionView]:
    """Questions with their answers, and what the reader voted. Staff read every answer; other people's
    that are not published are nobody's business."""
    ids = [question.id for question in questions]
    answers = _answers(ids, user_id, staff)
    voted = set()
    if ids and user_id is not None:
        voted = set(
            db.session.scalars(
                select(QuestionVote.question_id).where(
                    QuestionVote.question_id.in_(ids), QuestionVote.user_id == user_id
                )
            )
        )
    named = titles or {}
    return [
        QuestionView(
            public_id=row.public_id,
            author=row.author,
            text=row.text,
            locale=row.locale,
            state=row.state,
            hidden_reason=row.hidden_reason,
            helpful=row.helpful,
            created_at=row.created_at,
            mine=user_id is not None and row.user_id == user_id,
            voted=row.id in voted,
            product_title=named.get(row.id, ("", ""))[0],
            product_slug=named.get(row.id, ("", ""))[1],
            answers=answers.get(row.id, []),
        )
        for row in questions
    ]


def _answers(
    question_ids: Collection[int], user_id: int | None, staff: bool
) -> dict[int, list[AnswerView]]:
    """The store's answers first, then in the order they came."""
    if not question_ids:
        return {}
    where: list[ColumnElement[bool]] = [Answer.question_id.in_(list(question_ids))]
    if not staff:
        own = Answer.user_id == user_id if user_id is not None else None
        seen = Answer.state == "published"
        where.append(seen if own is None else or_(seen, own))
    found: dict[int, list[AnswerView]] = {}
    for row in db.session.scalars(
        select(Answer).where(*where).order_by(Answer.by_store.desc(), Answer.id)
    ):
        found.setdefault(row.question_id, []).append(
            AnswerView(
                row.public_id,
                row.author,
                row.by_store,
                row.text,
                row.locale,
                row.state,
                row.hidden_reason,
                row.created_at,
                user_id is not None and row.user_id == user_id,
            )
        )
    return found


def _position(after: str | None) -> tuple[int, int] | None:
    """What a cursor says; one that cannot be read begins at the start."""
    helpful, _, last = (after or "").partition("-")
    if not (helpful.isdecimal() and last.isdecimal() and helpful.isascii() and last.isascii()):
        return None
    if len(helpful) > 18 or len(last) > 18:
        return None
    return int(helpful), int(last)
