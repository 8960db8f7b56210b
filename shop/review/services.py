"""The verbs of reviews: post, publish or hide, reply. The mean of a product is kept with them."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from shop.catalog import listing
from shop.catalog.images import Picture
from shop.core import clock, ids, outbox
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound
from shop.order.models import Order, OrderLine
from shop.order.states import ShippingState
from shop.review import photos, votes
from shop.review.models import Review, ReviewReply
from shop.review.reasons import checked

MAX_TEXT = 4000


def post(
    order_id: int,
    line: str,
    *,
    stars: int,
    title: str,
    text: str,
    locale: str,
    author: str,
    user_id: int | None,
    pictures: Sequence[Picture] = (),
) -> str:
    """What a verified buyer says of a line of a received order; returns the review's public id.

    Waits for the merchant to publish it, with its photos (``pictures``, stored already). Raises ``NotFound`` for a line of another order,
    ``Conflict("review-too-early")`` before receipt, ``Conflict("review-exists")`` for a second one,
    ``Invalid`` for stars outside 1-5, texts too long and too many photos.
    """
    if not 1 <= stars <= 5:
        raise Invalid("stars-missing", field="stars")
    if len(title) > 120:
        raise Invalid("text-too-long", field="title", maximum=120)
    if len(text) > MAX_TEXT:
        raise Invalid("text-too-long", field="text", maximum=MAX_TEXT)
    found = db.session.execute(
        select(OrderLine, Order.shipping_state)
        .join(Order, Order.id == OrderLine.order_id)
        .where(OrderLine.public_id == line, Order.id == order_id)
    ).first()
    if found is None:
        raise NotFound("order-line-missing")
    row, shipping_state = found
    if shipping_state != ShippingState.RECEIVED or row.cancelled >= row.quantity:
        raise Conflict("review-too-early")
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(Review)
    made = db.session.execute(
        insert.values(
            public_id=ids.public_id(),
            order_line_id=row.id,
            product_id=row.product_id,
            user_id=user_id,
            author=mask(author),
            stars=stars,
            title=title.strip(),
            text=text.strip(),
            locale=locale,
            state="pending",
            created_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["order_line_id"])
        .returning(Review.id, Review.public_id)
    ).one_or_none()
    if made is None:
        raise Conflict("review-exists")
    photos.attach(made.id, pictures)
    outbox.record("review.posted", review=made.public_id)
    return str(made.public_id)


def mask(name: str) -> str:
    """A buyer's name as strangers may read it: 李***, ``Emma F.``"""
    name = " ".join(name.split())
    if not name:
        return ""
    if not name.isascii():
        return name[0] + "**"
    first, *rest = name.split(" ")
    return f"{first[:30]} {rest[-1][0]}." if rest else first[:30]


def set_state(review: str, state: str, *, store_ids: list[int], reason: str = "") -> None:
    """Publish or hide a review of one of the stores' products; the product's mean follows, and what
    readers reported is decided. To hide takes one of ``reasons.REASONS``, which its writer is told."""
    state, reason = checked(state, reason, "review-state-unknown")
    row = of_stores(review, store_ids)
    row.hidden_reason = reason
    votes.close_reports(row.id)
    if row.state == state:
        return
    if state == "published":
        listing.add_rating(row.product_id, row.stars, 1)
    elif row.state == "published":
        listing.add_rating(row.product_id, -row.stars, -1)
    row.state = state


def reply(review: str, text: str, *, user_id: int, store_ids: list[int]) -> None:
    """The merchant's answer; a second one replaces the first, an empty one takes it away."""
    row = of_stores(review, store_ids)
    text = text.strip()
    if len(text) > MAX_TEXT:
        raise Invalid("text-too-long", field="text", maximum=MAX_TEXT)
    answer = db.session.scalar(select(ReviewReply).where(ReviewReply.review_id == row.id))
    if answer is None:
        if text:
            db.session.add(ReviewReply(review_id=row.id, user_id=user_id, text=text))
    elif text:
        answer.text, answer.user_id, answer.at = text, user_id, clock.now()
    else:
        db.session.delete(answer)


def of_stores(review: str, store_ids: list[int]) -> Review:
    """A review of the stores' goods, locked. Raises ``NotFound``."""
    row = db.session.scalar(
        select(Review)
        .join(OrderLine, OrderLine.id == Review.order_line_id)
        .join(Order, Order.id == OrderLine.order_id)
        .where(Review.public_id == review, Order.store_id.in_(store_ids))
        .with_for_update(of=Review)
    )
    if row is None:
        raise NotFound("review-missing")
    return row
