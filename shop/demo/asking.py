"""The demo's questions: some answered, one that waits."""

from datetime import timedelta

from sqlalchemy import select

from shop.catalog.models import Product
from shop.core import clock
from shop.core.db import db
from shop.core.transaction import transaction
from shop.demo import texts
from shop.review import questions
from shop.store.models import StaffMember


def ask(users: dict[str, int]) -> None:
    """Ask what the texts say, and let the store answer a few hours later. ``users``: username → id."""
    names = {one["username"]: one["name"] for one in texts.read("customers")["customer"]}
    for row in texts.read("questions")["question"]:
        product = db.session.execute(
            select(Product.id, Product.store_id).where(Product.slug == row["product"])
        ).one()
        asker = users[row["by"]]
        at = clock.now() - timedelta(days=row["days_ago"])
        with clock.at(at), transaction():
            question = questions.ask(
                product.id,
                row["text"],
                user_id=asker,
                author=names[row["by"]],
                locale=row["locale"],
            )
        if "answer" in row:
            with clock.at(at + timedelta(hours=5)), transaction():
                questions.answer_as_store(
                    question,
                    row["answer"],
                    user_id=_answerer(product.store_id),
                    locale=row["locale"],
                    store_ids=[product.store_id],
                )


def _answerer(store_id: int) -> int:
    """The first who works for a store."""
    return db.session.scalars(
        select(StaffMember.user_id)
        .where(StaffMember.store_id == store_id)
        .order_by(StaffMember.id)
        .limit(1)
    ).one()
