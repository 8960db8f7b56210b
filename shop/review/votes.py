"""What readers do with a published review: find it helpful, or report it."""

from collections.abc import Collection

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from shop.core import clock
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound
from shop.review.helpful import count as helpful_count
from shop.review.models import Review
from shop.review.reasons import REASONS
from shop.review.voice_models import ReviewReport, ReviewVote


def vote(review: str, *, user_id: int, helpful: bool) -> None:
    """Find a published review helpful, or no longer; each person counts once.

    Raises ``NotFound``, and ``Conflict("review-own")`` for one's own.
    """
    row = _published(review, user_id)
    helpful_count(Review.helpful, ReviewVote.review_id, row, user_id=user_id, helpful=helpful)


def report(review: str, *, user_id: int, reason: str) -> None:
    """Say that a published review breaks a rule (one of ``reasons.REASONS``); the store looks at it.

    Each person counts once, also after the store has decided. Raises as ``vote``, and
    ``Invalid("reason-missing")``.
    """
    if reason not in REASONS:
        raise Invalid("reason-missing", field="reason")
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(ReviewReport)
    db.session.execute(
        insert.values(
            review_id=_published(review, user_id),
            user_id=user_id,
            reason=reason,
            created_at=clock.now(),
        ).on_conflict_do_nothing(index_elements=["review_id", "user_id"])
    )


def close_reports(review_id: int) -> None:
    """The store has decided on a review: what was reported of it is done with."""
    db.session.execute(
        update(ReviewReport)
        .where(ReviewReport.review_id == review_id, ReviewReport.closed_at.is_(None))
        .values(closed_at=clock.now())
    )


def reported(review_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """Review → reason → how many reports of it are open."""
    found: dict[int, dict[str, int]] = {}
    if review_ids:
        for review_id, reason, many in db.session.execute(
            select(ReviewReport.review_id, ReviewReport.reason, func.count())
            .where(ReviewReport.review_id.in_(review_ids), ReviewReport.closed_at.is_(None))
            .group_by(ReviewReport.review_id, ReviewReport.reason)
            .order_by(ReviewReport.review_id, ReviewReport.reason)
        ):
            found.setdefault(review_id, {})[reason] = int(many)
    return found


def apart() -> list[tuple[int, int, int]]:
    """Reviews whose count of votes is not that of its ledger: id, what is kept, what is right."""
    real = func.count(ReviewVote.user_id)
    rows = db.session.execute(
        select(Review.id, Review.helpful, real)
        .outerjoin(ReviewVote, ReviewVote.review_id == Review.id)
        .group_by(Review.id, Review.helpful)
        .having(Review.helpful != real)
    )
    return [(rid, kept, int(many)) for rid, kept, many in rows]


def differences() -> list[str]:
    """The same in a sentence each, for ``flask doctor``."""
    return [f"review {rid}: helpful to {kept}, its votes are {many}" for rid, kept, many in apart()]


def _published(review: str, user_id: int) -> int:
    row = db.session.execute(
        select(Review.id, Review.user_id).where(
            Review.public_id == review, Review.state == "published"
        )
    ).one_or_none()
    if row is None:
        raise NotFound("review-missing")
    if row.user_id == user_id:
        raise Conflict("review-own")
    return int(row.id)
