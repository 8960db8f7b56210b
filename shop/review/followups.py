"""What buyers add to their review after a time of use (追评)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from shop.catalog.images import Picture
from shop.core import clock, ids, outbox
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound
from shop.order.models import OrderLine
from shop.review import photos, votes
from shop.review.models import Review
from shop.review.reasons import checked
from shop.review.services import MAX_TEXT, of_stores
from shop.review.voice_models import ReviewFollowup

OPEN_FOR = timedelta(days=180)
"""So long after a review something can be added to it."""


def may_follow(state: str, created_at: datetime, followup: str | None) -> bool:
    """Whether something can be added to a review of this state and time: once, within ``OPEN_FOR``,
    unless the store hides it."""
    return followup is None and state != "hidden" and created_at + OPEN_FOR > clock.now()


def post(
    order_id: int, line: str, *, text: str, locale: str, pictures: Sequence[Picture] = ()
) -> None:
    """Add ``text`` to the review of a line, with photos (``pictures``, stored already); it waits for the
    store to publish it.

    Raises ``NotFound`` for a line without a review, ``Conflict("followup-exists")`` for a second one,
    ``Conflict("followup-closed")`` when it is too late or the review is hidden, and ``Invalid`` for an
    empty text, one too long and too many photos.
    """
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise Invalid("text-missing", field="text")
    if len(text) > MAX_TEXT:
        raise Invalid("text-too-long", field="text", maximum=MAX_TEXT)
    review = db.session.execute(
        select(Review.id, Review.public_id, Review.state, Review.created_at)
        .join(OrderLine, OrderLine.id == Review.order_line_id)
        .where(OrderLine.public_id == line, OrderLine.order_id == order_id)
    ).one_or_none()
    if review is None:
        raise NotFound("review-missing")
    if not may_follow(review.state, review.created_at, None):
        raise Conflict("followup-closed")
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(ReviewFollowup)
    made = db.session.scalar(
        insert.values(
            public_id=ids.public_id(),
            review_id=review.id,
            text=text,
            locale=locale,
            state="pending",
            hidden_reason="",
            created_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["review_id"])
        .returning(ReviewFollowup.id)
    )
    if made is None:
        raise Conflict("followup-exists")
    photos.attach_later(review.id, made, pictures)
    outbox.record("review.followed_up", review=review.public_id)


def set_state(review: str, state: str, *, store_ids: list[int], reason: str = "") -> None:
    """Publish or hide what was added to a review of the stores' goods. Raises as ``services.set_state``."""
    state, reason = checked(state, reason, "review-state-unknown")
    row = of_stores(review, store_ids)
    followup = db.session.scalar(select(ReviewFollowup).where(ReviewFollowup.review_id == row.id))
    if followup is None:
        raise NotFound("review-missing")
    followup.state, followup.hidden_reason = state, reason
    votes.close_reports(row.id)
