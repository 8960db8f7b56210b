"""A few reviews for those who only quote them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Integer, bindparam, select

from shop.core.db import read
from shop.review.models import Review

_LATEST = (
    select(Review.author, Review.stars, Review.title, Review.text, Review.locale, Review.created_at)
    .where(
        Review.product_id == bindparam("product_id"), Review.state == "published", Review.text != ""
    )
    .order_by(Review.created_at.desc(), Review.id.desc())
    .limit(bindparam("limit", type_=Integer))
)


@dataclass(frozen=True, slots=True)
class Sample:
    """What a buyer said: ``stars`` of five, in the language ``locale``."""

    author: str
    stars: int
    title: str
    text: str
    locale: str
    created_at: datetime


def latest(product_id: int, limit: int = 3) -> list[Sample]:
    """The newest published reviews of a product that say something. One statement."""
    found = read(_LATEST, {"product_id": product_id, "limit": limit})
    return [Sample(**row) for row in found.mappings()]
