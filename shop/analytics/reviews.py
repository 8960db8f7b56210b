"""One review as the merchant's queue shows it."""

from collections.abc import Sequence

from sqlalchemy import select

from shop.core.db import db
from shop.review.models import Review
from shop.review.queries import admin_list
from shop.review.views import ReviewView


def one(public_id: str, store_ids: Sequence[int], locale: str) -> ReviewView | None:
    """The review, if it is of these stores' goods."""
    review_id = db.session.scalar(select(Review.id).where(Review.public_id == public_id))
    if review_id is None:
        return None
    # The list goes on below a review; asking from just above it begins with the review itself.
    rows = admin_list(store_ids, locale, after=str(review_id + 1), limit=1).rows
    return rows[0] if rows and rows[0].public_id == public_id else None
