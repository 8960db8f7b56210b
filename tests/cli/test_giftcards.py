"""`flask giftcards`: issue, list, show, end."""

from sqlalchemy import select

from shop.core.db import db
from shop.payment.card_models import GiftCard
from tests.factories.cards import code_of
from tests.factories.orders import store_with_goods


def test_a_card_is_issued_shown_and_ended(app):
    def run(*arguments):
        found = app.test_cli_runner().invoke(args=("giftcards", *arguments))
        db.session.rollback()
        return found.output

    store_with_goods(slug="tea")
    assert run("list") == "No gift cards.\n"
    assert "mailed to june@example.com" in run("issue", "tea", "88.80", "june@example.com")
    name = db.session.scalars(select(GiftCard.public_id)).one()
    last = code_of(name)[-4:]
    assert f"{name}  ...{last}" in run("list", "--store", "tea", "--search", "june")
    assert "issued" in run("show", last)
    assert code_of(name) not in run("show", name)
    assert run("void", name, "--reason", "Lost") == f"Card {name} is void.\n"
    assert "over already" in run("void", name, "--reason", "Lost")
    assert "voided" in run("show", name)
    assert "There is no gift card nothing." in run("show", "nothing")
    assert "Not issued: card-recipient" in run("issue", "tea", "5", "nobody")
