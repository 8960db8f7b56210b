"""Only who has received a thing reviews it, once."""

import pytest
from sqlalchemy import func, select

from shop.core.db import db
from shop.order import links
from shop.review.models import Review
from tests.factories import orders as made
from tests.web.order.conftest import HTMX
from tests.web.order.markup import form_of


def path(app, placed, line=None, lang="en"):
    line = line or made.lines_of(placed.order)[0].public_id
    key = links.sign(placed.number, app.config["SECRET_KEY"])
    return f"/{lang}/orders/{placed.number}/lines/{line}/review?key={key}"


def reviews():
    db.session.rollback()
    return list(db.session.scalars(select(Review)))


def test_a_received_line_is_reviewed_once(app, client, goods):
    placed = made.received_order(goods.variant)
    given = {"stars": "4", "title": "Good pot", "text": "Pours well.\nLid fits."}
    answer = client.post(path(app, placed), data=given)
    assert answer.status_code == 303
    [row] = reviews()
    assert (row.stars, row.title, row.state, row.author, row.locale) == (
        4,
        "Good pot",
        "pending",
        "Lin W.",
        "en",
    )
    text = client.get(answer.headers["Location"]).get_data(as_text=True)
    assert "Your review is with the shop" in text
    again = client.post(path(app, placed), data=given)
    assert again.status_code == 409
    assert "You have reviewed this already" in again.get_data(as_text=True)
    assert len(reviews()) == 1


@pytest.mark.parametrize("make", (made.place_order, made.paid_order, made.shipped_order))
def test_not_before_it_has_arrived(app, client, goods, make):
    placed = make(goods.variant)
    assert "/review" not in client.get(
        f"/en/orders/{placed.number}?key={links.sign(placed.number, app.config['SECRET_KEY'])}"
    ).get_data(as_text=True)
    answer = client.post(path(app, placed), data={"stars": "5"})
    assert answer.status_code == 409
    assert reviews() == []


@pytest.mark.parametrize("stars", ("", "0", "6", "-1", "five", "5.0"))
def test_stars_are_from_one_to_five_and_words_are_kept(app, client, goods, stars):
    placed = made.received_order(goods.variant)
    answer = client.post(
        path(app, placed), data={"stars": stars, "title": "T", "text": "Much <b>text</b>"}
    )
    assert answer.status_code == 422
    kept = form_of(answer.get_data(as_text=True), "review-form")
    assert (kept["title"], kept["text"]) == ("T", "Much <b>text</b>")
    assert db.session.scalar(select(func.count()).select_from(Review)) == 0


def test_the_form_alone_answers_htmx(app, client, goods):
    placed = made.received_order(goods.variant)
    answer = client.post(path(app, placed), data={}, headers=HTMX)
    assert answer.status_code == 422
    assert answer.get_data(as_text=True).lstrip().startswith("<form")


def test_a_line_of_another_order_is_not_here(app, client, goods):
    placed = made.received_order(goods.variant)
    other = made.received_order(goods.variants[1])
    theirs = made.lines_of(other.order)[0].public_id
    assert client.get(path(app, placed, theirs)).status_code == 404
    assert client.post(path(app, placed, theirs), data={"stars": "1"}).status_code == 404
    assert reviews() == []
