"""Photos of reviews: written with the review, read with it (``catalog.photos`` says how they get there)."""

from collections.abc import Collection, Sequence

from sqlalchemy import insert, select

from shop.catalog.images import Picture
from shop.catalog.photos import columns
from shop.catalog.views import ImageView
from shop.core import clock
from shop.core.db import db
from shop.review.models import Review
from shop.review.photo_models import ReviewPhoto

FOLDER = "reviews"
"""Where uploaded photos lie in media storage."""


def attach(review_id: int, pictures: Sequence[Picture]) -> None:
    """Give a new review its photos, in order. Raises ``Invalid("photos-too-many")``."""
    rows = columns(pictures)
    if not rows:
        return
    review = db.session.execute(
        select(Review.product_id, Review.user_id).where(Review.id == review_id)
    ).one()
    db.session.execute(
        insert(ReviewPhoto),
        [
            {
                **row,
                "created_at": clock.now(),
                "review_id": review_id,
                "product_id": review.product_id,
                "user_id": review.user_id,
            }
            for row in rows
        ],
    )


def of_reviews(review_ids: Collection[int]) -> dict[int, list[ImageView]]:
    """The photos of each review, in order; without a text, which is for the page to word. One
    statement, none for nothing."""
    found: dict[int, list[ImageView]] = {}
    if not review_ids:
        return found
    for row in db.session.execute(
        select(
            ReviewPhoto.review_id,
            ReviewPhoto.name,
            ReviewPhoto.width,
            ReviewPhoto.height,
            ReviewPhoto.widths,
            ReviewPhoto.public_id,
        )
        .where(ReviewPhoto.review_id.in_(review_ids))
        .order_by(ReviewPhoto.review_id, ReviewPhoto.position)
    ):
        widths = tuple(int(width) for width in row.widths.split())
        view = ImageView(row.name, row.width, row.height, widths, "", row.public_id)
        found.setdefault(row.review_id, []).append(view)
    return found


def known(names: Collection[str]) -> set[str]:
    """Which of these stored pictures are photos of a review."""
    return set(
        db.session.scalars(select(ReviewPhoto.name).where(ReviewPhoto.name.in_(names)).distinct())
    )
