"""Mails about questions."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from shop.account.models import User
from shop.catalog.models import Product, ProductTranslation
from shop.core.db import db
from shop.core.i18n import pick
from shop.notifications import links
from shop.notifications.render import Draft, draft
from shop.review.question_models import Answer, Question
from shop.store.models import Store, StoreTranslation

Payload = Mapping[str, Any]


def answered(payload: Payload) -> list[Draft]:
    """``question.answered``: to the asker, unless the answer was hidden meanwhile or the account is gone."""
    row = db.session.execute(
        select(Answer, Question, User, Product.id, Product.slug, Store.id, Store.timezone)
        .select_from(Answer)
        .join(Question, Question.id == Answer.question_id)
        .join(User, User.id == Question.user_id)
        .join(Product, Product.id == Question.product_id)
        .join(Store, Store.id == Product.store_id)
        .where(
            Answer.public_id == payload["answer"],
            Answer.state == "published",
            Question.state == "published",
            Product.status == "published",
            User.disabled_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        return []
    answer, question, asker, product_id, slug, store_id, timezone = row
    titles = dict(
        db.session.execute(
            select(ProductTranslation.locale, ProductTranslation.title).where(
                ProductTranslation.product_id == product_id
            )
        ).all()
    )
    names = dict(
        db.session.execute(
            select(StoreTranslation.locale, StoreTranslation.name).where(
                StoreTranslation.store_id == store_id
            )
        ).all()
    )
    locale = asker.locale
    return [
        draft(
            asker.email,
            "question_answered",
            locale,
            timezone=timezone,
            question=question,
            answer=answer,
            title=pick(titles, locale),
            answerer=pick(names, locale) if answer.by_store else answer.author,
            link=links.questions(slug, locale),
        )
    ]
