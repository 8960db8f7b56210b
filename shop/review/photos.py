"""Photos of reviews: written with the review, read with it.

Rendering and storing take long, so the edge does them before its transaction, under a name of their own
(``new_name``): what nobody refers to any more is found by that and removed (``shop.jobs.photos``).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select

from shop.catalog.images import Picture
from shop.catalog.views import ImageView
from shop.core import clock, ids
from shop.core.db import db
from shop.core.errors import Invalid
from shop.review.models import Review
from shop.review.photo_models import MOST_PHOTOS, ReviewPhoto

FOLDER = "reviews"
"""Where uploaded photos lie in media storage."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture that is stored already; as ``catalog.images.Picture``."""

    name: str
    width: int
    height: int
    widths: tuple[int, ...]


def new_name() -> str:
    """A name that nobody guesses: a photo is stored before the shop has looked at it."""
    token = ids.token()
    return f"{FOLDER}/{token[:2]}/{token}".replace("-", "_")


def attach(review_id: int, pictures: Sequence[Picture]) -> None:
    """Give a new review its photos, in order. Raises ``Invalid("photos-too-many")``."""
    if len(pictures) > MOST_PHOTOS:
        raise Invalid("photos-too-many", field="photos", maximum=MOST_PHOTOS)
    if not pictures:
        return
    review = db.session.execute(
        select(Review.product_id, Review.user_id).where(Review.id == review_id)
    ).one()
    db.session.execute(
        insert(ReviewPhoto),
        [
            {
                "public_id": ids.public_id(),
                "created_at": clock.now(),
                "review_id": review_id,
                "product_id": review.product_id,
                "user_id": review.user_id,
                "position": position,
                "name": picture.name,
                "width": picture.width,
                "height": picture.height,
                "widths": " ".join(map(str, picture.widths)),
            }
            for position, picture in enumerate(pictures)
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
