"""Mails to the people of a store."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from shop.catalog.models import Product, ProductTranslation, Variant
from shop.catalog.queries import variants_for_cart
from shop.core.db import db
from shop.core.i18n import pick
from shop.notifications import links, people
from shop.notifications.render import Draft, draft
from shop.order.mail_views import order_mail
from shop.order.models import OrderLine
from shop.review.models import Review
from shop.review.question_models import Question
from shop.review.voice_models import ReviewFollowup
from shop.store.models import Store

Payload = Mapping[str, Any]


def order_to_deliver(payload: Payload) -> list[Draft]:
    """``order.placed`` when it is paid at the door: there is something to do."""
    return _new_order(payload["order_id"], at_the_door=True)


def order_to_ship(payload: Payload) -> list[Draft]:
    """``order.paid`` of any other order."""
    return _new_order(payload["order_id"], at_the_door=False)


def low_stock(payload: Payload) -> list[Draft]:
    """``stock.low``: a variant fell to its threshold."""
    variant_id = payload["variant_id"]
    store_id = db.session.scalar(
        select(Product.store_id)
        .join(Variant, Variant.product_id == Product.id)
        .where(Variant.id == variant_id)
    )
    if store_id is None:
        return []
    drafts = []
    for reader in people.of_store(store_id):
        found = variants_for_cart([variant_id], reader.locale).get(variant_id)
        if found is not None:
            drafts.append(
                draft(
                    reader.email,
                    "low_stock",
                    reader.locale,
                    variant=found,
                    left=int(payload.get("available", 0)),
                    link=links.admin_inventory(reader.locale),
                )
            )
    return drafts


def review_posted(payload: Payload) -> list[Draft]:
    """``review.posted``: somebody wrote about what they bought."""
    return _about_review(payload["review"], "review_posted")


def review_followed_up(payload: Payload) -> list[Draft]:
    """``review.followed_up``: they added to it after a time of use."""
    return _about_review(payload["review"], "review_followed_up")


def _about_review(review_id: str, mail: str) -> list[Draft]:
    row = db.session.execute(
        select(Review, OrderLine.titles, Product.store_id, Store.timezone, ReviewFollowup.text)
        .join(OrderLine, OrderLine.id == Review.order_line_id)
        .join(Product, Product.id == OrderLine.product_id)
        .join(Store, Store.id == Product.store_id)
        .outerjoin(ReviewFollowup, ReviewFollowup.review_id == Review.id)
        .where(Review.public_id == review_id)
    ).first()
    if row is None:
        return []
    review, titles, store_id, timezone, added = row
    return [
        draft(
            reader.email,
            mail,
            reader.locale,
            timezone=timezone,
            review=review,
            added=added,
            title=pick(titles, reader.locale),
            link=links.admin_reviews(reader.locale),
        )
        for reader in people.of_store(store_id)
    ]


def question_asked(payload: Payload) -> list[Draft]:
    """``question.asked``: somebody wants to know something, unless it was dealt with meanwhile."""
    row = db.session.execute(
        select(Question, Product.id, Product.store_id, Store.timezone)
        .join(Product, Product.id == Question.product_id)
        .join(Store, Store.id == Product.store_id)
        .where(Question.public_id == payload["question"], Question.state == "pending")
    ).one_or_none()
    if row is None:
        return []
    question, product_id, store_id, timezone = row
    titles = dict(
        db.session.execute(
            select(ProductTranslation.locale, ProductTranslation.title).where(
                ProductTranslation.product_id == product_id
            )
        ).all()
    )
    return [
        draft(
            reader.email,
            "question_asked",
            reader.locale,
            timezone=timezone,
            question=question,
            title=pick(titles, reader.locale),
            link=links.admin_questions(reader.locale),
        )
        for reader in people.of_store(store_id)
    ]


def _new_order(order_id: int, *, at_the_door: bool) -> list[Draft]:
    order = order_mail(order_id)
    if order is None or (order.method == "cod") != at_the_door:
        return []
    drafts = []
    for reader in people.of_store(order.store_id):
        mine = order if reader.locale == order.locale else order_mail(order_id, reader.locale)
        if mine is not None:
            drafts.append(
                draft(
                    reader.email,
                    "new_order",
                    reader.locale,
                    timezone=mine.timezone,
                    order=mine,
                    link=links.admin_order(mine.number, reader.locale),
                )
            )
    return drafts
