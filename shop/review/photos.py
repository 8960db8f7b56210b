"""Photos of reviews and of what is added to them: written with those, read with them.

Rendering and storing take long, so the edge does them before its transaction, under a name of their own
(``new_name``): what nobody refers to any more is found by that and removed (``shop.jobs.photos``).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, literal, select, union_all

from shop.catalog.images import Picture
from shop.catalog.photos import columns
from shop.catalog.views import ImageView
from shop.core import clock
from shop.core.db import db
from shop.review.models import Review
from shop.review.photo_models import FollowupPhoto, ReviewPhoto
from shop.review.voice_models import ReviewFollowup

FOLDER = "reviews"
"""Where uploaded photos lie in media storage."""


def attach(review_id: int, pictures: Sequence[Picture]) -> None:
    """Give a new review its photos, in order. Raises ``Invalid("photos-too-many")``."""
    _attach(ReviewPhoto, review_id, pictures, {"review_id": review_id})


def attach_later(review_id: int, followup_id: int, pictures: Sequence[Picture]) -> None:
    """The same for what is added to it."""
    _attach(FollowupPhoto, review_id, pictures, {"followup_id": followup_id})


def _attach(
    table: type[ReviewPhoto] | type[FollowupPhoto],
    review_id: int,
    pictures: Sequence[Picture],
    owner: dict[str, int],
) -> None:
    rows = columns(pictures)
    if not rows:
        return
    review = db.session.execute(
        select(Review.product_id, Review.user_id).where(Review.id == review_id)
    ).one()
    db.session.execute(
        insert(table),
        [
            {
                **row,
                "created_at": clock.now(),
                "product_id": review.product_id,
                "user_id": review.user_id,
                **owner,
            }
            for row in rows
        ],
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """The photos of a review, and of what was added to it, in order; without a text, which is for the
    page to word."""

    first: list[ImageView] = field(default_factory=list)
    later: list[ImageView] = field(default_factory=list)


def of_reviews(review_ids: Collection[int]) -> dict[int, Shown]:
    """The photos of each review; whether what was added is seen at all, its reader decides. One
    statement, none for nothing."""
    found: dict[int, Shown] = {review_id: Shown() for review_id in review_ids}
    if not review_ids:
        return found
    first = select(literal(0).label("part"), ReviewPhoto.review_id, *_of(ReviewPhoto)).where(
        ReviewPhoto.review_id.in_(review_ids)
    )
    later = (
        select(literal(1).label("part"), ReviewFollowup.review_id, *_of(FollowupPhoto))
        .join(ReviewFollowup, ReviewFollowup.id == FollowupPhoto.followup_id)
        .where(ReviewFollowup.review_id.in_(review_ids))
    )
    both = union_all(first, later).subquery()
    for row in db.session.execute(
        select(both).order_by(both.c.review_id, both.c.part, both.c.position)
    ):
        widths = tuple(int(width) for width in row.widths.split())
        view = ImageView(row.name, row.width, row.height, widths, "", row.public_id)
        shown = found[row.review_id]
        (shown.later if row.part else shown.first).append(view)
    return found


def _of(table: type[ReviewPhoto] | type[FollowupPhoto]) -> list[Any]:
    return [
        table.name,
        table.width,
        table.height,
        table.widths,
        table.public_id,
        table.position,
    ]


def known(names: Collection[str]) -> set[str]:
    """Which of these stored pictures are photos of a review, or of what was added to one."""
    tables = (ReviewPhoto, FollowupPhoto)
    return {
        name
        for table in tables
        for name in db.session.scalars(select(table.name).where(table.name.in_(names)).distinct())
    }


def added_with_photos(product_id: int) -> Any:
    """The reviews of a product to which something with photos was added that is published: a query of ids."""
    return (
        select(ReviewFollowup.review_id)
        .join(FollowupPhoto, FollowupPhoto.followup_id == ReviewFollowup.id)
        .where(
            FollowupPhoto.product_id == product_id,
            FollowupPhoto.position == 0,
            ReviewFollowup.state == "published",
        )
    )


def holding(product_id: int, photo: str) -> Any:
    """The review of a product that a photo (its public id) belongs to, or what was added to it, if that is
    published: a query of its id."""
    later = (
        select(ReviewFollowup.review_id)
        .join(FollowupPhoto, FollowupPhoto.followup_id == ReviewFollowup.id)
        .where(
            FollowupPhoto.product_id == product_id,
            FollowupPhoto.public_id == photo,
            ReviewFollowup.state == "published",
        )
    )
    return union_all(
        select(ReviewPhoto.review_id).where(
            ReviewPhoto.product_id == product_id, ReviewPhoto.public_id == photo
        ),
        later,
    )
