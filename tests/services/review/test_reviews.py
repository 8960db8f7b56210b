"""Reviews: by verified buyers, once a line; the merchant publishes, hides and answers."""

import pytest
from sqlalchemy import select

from shop.catalog import queries as catalog
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound
from shop.core.models import Outbox
from shop.core.transaction import transaction
from shop.payment import refunds
from shop.review import queries, services
from tests.factories.orders import (
    assert_sound,
    lines_of,
    paid_order,
    receive,
    received_order,
    ship,
    shipped_order,
    store_with_goods,
)
from tests.factories.users import make_user


def post(placed, line=None, **given):
    values = {
        "stars": 5,
        "title": " Good ",
        "text": "It pours well.",
        "locale": "en",
        "author": "Emma Fox",
        "user_id": None,
    }
    line = line or lines_of(placed.order)[0].public_id
    with transaction():
        return services.post(placed.order, line, **(values | given))


def set_state(review, state, *store_ids, reason="spam"):
    with transaction():
        services.set_state(review, state, store_ids=list(store_ids), reason=reason)


def rating(goods):
    db.session.rollback()
    (card,) = catalog.listing(locale="en", store_id=goods.store_id).items
    return card.rating.count, card.rating.mean


def test_a_review_waits_for_the_merchant(app):
    goods = store_with_goods()
    placed = received_order(goods.variant)
    review = post(placed)
    page = queries.for_product(goods.products[0].id, "en")
    assert (page.total, page.rows, page.mean) == (0, [], 0.0)
    assert queries.state_counts([goods.store_id])["pending"] == 1
    db.session.rollback()
    assert db.session.scalars(select(Outbox).where(Outbox.name == "review.posted")).one()
    set_state(review, "published", goods.store_id)
    page = queries.for_product(goods.products[0].id, "en")
    (row,) = page.rows
    assert (row.author, row.stars, row.title, row.text) == ("Emma F.", 5, "Good", "It pours well.")
    assert row.order_number == placed.number
    assert_sound()


def test_the_mean_follows_what_is_published(app):
    goods = store_with_goods()
    reviews = [post(received_order(goods.variant), stars=stars) for stars in (5, 4, 1)]
    assert rating(goods)[0] == 0
    for review in reviews:
        set_state(review, "published", goods.store_id)
        set_state(review, "published", goods.store_id)  # again: nothing changes
    assert rating(goods)[0] == 3
    assert queries.for_product(goods.products[0].id, "en").mean == pytest.approx(10 / 3)
    assert_sound()
    set_state(reviews[2], "hidden", goods.store_id)
    page = queries.for_product(goods.products[0].id, "en")
    assert (page.counts, page.mean) == ({5: 1, 4: 1, 3: 0, 2: 0, 1: 0}, 4.5)
    set_state(reviews[2], "pending", goods.store_id)
    assert rating(goods)[0] == 2
    assert_sound()


@pytest.mark.parametrize("order", (paid_order, shipped_order))
def test_who_has_nothing_yet_says_nothing_of_it(app, order):
    placed = order(store_with_goods().variant)
    with pytest.raises(Conflict, match="review-too-early"):
        post(placed)


def test_one_review_for_each_line(app):
    goods = store_with_goods(products=2)
    placed = received_order(dict.fromkeys(goods.variants, 1))
    first, second = (line.public_id for line in lines_of(placed.order))
    post(placed, first)
    with pytest.raises(Conflict, match="review-exists"):
        post(placed, first, stars=1)
    post(placed, second)


def test_a_cancelled_line_is_not_reviewed(app):
    goods = store_with_goods(products=2)
    placed = paid_order(dict.fromkeys(goods.variants, 1))
    first, second = lines_of(placed.order)
    with transaction():
        refunds.request(
            placed.order,
            {second.public_id: 1},
            include_delivery=False,
            restock=(),
            reason="other",
            note="",
            actor="u:1",
            key="a-refund-of-this",
        )
    ship(placed.order)
    receive(placed.order)
    post(placed, first.public_id)
    with pytest.raises(Conflict, match="review-too-early"):
        post(placed, second.public_id)


def test_anothers_line_is_not_reviewed(app):
    goods = store_with_goods()
    mine, other = received_order(goods.variant), received_order(goods.variant)
    for line in (lines_of(other.order)[0].public_id, "unknown"):
        with pytest.raises(NotFound, match="order-line-missing"):
            post(mine, line)


@pytest.mark.parametrize(
    ("given", "code"),
    (
        ({"stars": 0}, "stars-missing"),
        ({"stars": 6}, "stars-missing"),
        ({"title": "x" * 121}, "text-too-long"),
        ({"text": "x" * 4001}, "text-too-long"),
    ),
)
def test_reviews_that_cannot_be(app, given, code):
    placed = received_order(store_with_goods().variant)
    with pytest.raises(Invalid) as refused:
        post(placed, **given)
    assert refused.value.reason == code


def test_only_the_stores_own_staff_decide(app):
    goods, other = store_with_goods(), store_with_goods()
    review = post(received_order(goods.variant))
    staff = make_user()
    with pytest.raises(NotFound, match="review-missing"):
        set_state(review, "published", other.store_id)
    with pytest.raises(NotFound, match="review-missing"):
        set_state(review, "published")
    with pytest.raises(NotFound), transaction():
        services.reply(review, "No", user_id=staff.id, store_ids=[other.store_id])
    with pytest.raises(Invalid, match="review-state-unknown"):
        set_state(review, "deleted", goods.store_id)
    assert queries.admin_list([other.store_id], "en").rows == []


def test_the_merchant_answers_changes_and_takes_back_an_answer(app):
    goods = store_with_goods()
    review = post(received_order(goods.variant))
    staff = make_user()

    def reply(text):
        with transaction():
            services.reply(review, text, user_id=staff.id, store_ids=[goods.store_id])
        db.session.rollback()
        return queries.admin_list([goods.store_id], "en").rows[0].reply

    assert reply("") == ""
    assert reply(" Thank you. ") == "Thank you."
    assert reply("Thanks!") == "Thanks!"
    assert reply("  ") == ""
    with pytest.raises(Invalid, match="text-too-long"):
        reply("x" * 4001)


@pytest.mark.parametrize(
    ("name", "shown"),
    (
        ("李小龙", "李**"),
        ("Emma Fox", "Emma F."),
        ("Emma Maria  Fox", "Emma F."),
        ("Emma", "Emma"),
        ("  ", ""),
        ("", ""),
    ),
)
def test_names_are_shown_in_part(name, shown):
    assert services.mask(name) == shown


def test_reviews_come_page_by_page(app):
    goods = store_with_goods(stock=20)
    for number in range(5):
        review = post(received_order(goods.variant), stars=1 + number % 2, text=str(number))
        set_state(review, "published", goods.store_id)
    product = goods.products[0].id
    page = queries.for_product(product, "en", limit=2)
    texts = [row.text for row in page.rows]
    while page.next_cursor:
        page = queries.for_product(product, "en", limit=2, after=page.next_cursor)
        texts += [row.text for row in page.rows]
    assert texts == ["4", "3", "2", "1", "0"]
    assert [row.text for row in queries.for_product(product, "en", stars=2).rows] == ["3", "1"]
    for nonsense in ("abc", "-1", "9" * 40, "½"):
        assert len(queries.for_product(product, "en", after=nonsense).rows) in (0, 5)
