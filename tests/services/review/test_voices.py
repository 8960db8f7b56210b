"""What is said about reviews: by their writers later, by readers, by the store."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from shop.core import clock
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound
from shop.core.transaction import transaction
from shop.review import checks, followups, queries, votes
from shop.review.models import Review
from tests.factories.orders import Owner, assert_sound, lines_of, received_order, store_with_goods
from tests.factories.users import make_user
from tests.services.review.test_reviews import post, set_state


@pytest.fixture
def goods(app):
    return store_with_goods(stock=20)


def add(placed, text="It has lasted."):
    with transaction():
        line = lines_of(placed.order)[0].public_id
        followups.post(placed.order, line, text=text, locale="en")


def decide(review, state, goods, reason=""):
    with transaction():
        followups.set_state(review, state, store_ids=[goods.store_id], reason=reason)


def shown(goods, **how):
    return queries.for_product(goods.products[0].id, "en", **how).rows


def test_something_is_added_once_and_waits_for_the_store(goods):
    placed = received_order(goods.variant)
    with pytest.raises(NotFound, match="review-missing"):
        add(placed)
    review = post(placed)
    set_state(review, "published", goods.store_id)
    with clock.at(clock.now() + timedelta(days=30)):
        add(placed)
        with pytest.raises(Conflict, match="followup-exists"):
            add(placed, "And more.")
    assert shown(goods)[0].followup is None
    assert queries.state_counts([goods.store_id])["pending"] == 1
    decide(review, "published", goods)
    (row,) = shown(goods)
    assert (row.followup.text, row.followup.days, row.stars) == ("It has lasted.", 30, 5)
    assert queries.state_counts([goods.store_id])["pending"] == 0
    decide(review, "hidden", goods, "rude")
    assert shown(goods)[0].followup is None
    with pytest.raises(Invalid, match="reason-missing"):
        decide(review, "hidden", goods, "ugly")
    with pytest.raises(NotFound):
        decide(review, "published", store_with_goods())


def test_not_too_late_and_not_to_what_is_hidden(goods):
    placed = received_order(goods.variant)
    review = post(placed)
    line = lines_of(placed.order)[0].id
    assert queries.of_lines([line])[line].may_follow
    with clock.at(clock.now() + timedelta(days=181)):
        assert not queries.of_lines([line])[line].may_follow
        with pytest.raises(Conflict, match="followup-closed"):
            add(placed)
    set_state(review, "hidden", goods.store_id, reason="personal")
    with pytest.raises(Conflict, match="followup-closed"):
        add(placed)
    assert queries.of_lines([line])[line].hidden_reason == "personal"
    for text, code in ((" ", "text-missing"), ("x" * 4001, "text-too-long")):
        with pytest.raises(Invalid, match=code):
            add(placed, text)


def test_each_reader_counts_once_and_the_most_helpful_come_first(goods):
    writer, readers = make_user(), [make_user().id for _ in range(3)]
    reviews = []
    for number in range(4):
        review = post(
            received_order(goods.variant, owner=Owner(user_id=writer.id)), text=str(number)
        )
        set_state(review, "published", goods.store_id)
        reviews.append(review)

    def vote(review, user_id, helpful=True):
        with transaction():
            votes.vote(review, user_id=user_id, helpful=helpful)

    for reader in readers:
        vote(reviews[1], reader)
        vote(reviews[1], reader)
    vote(reviews[0], readers[0])
    vote(reviews[2], readers[0])
    vote(reviews[2], readers[0], helpful=False)
    vote(reviews[2], readers[0], helpful=False)
    with pytest.raises(NotFound):
        vote("unknown", readers[0])
    found, after = [], None
    for _ in range(3):
        page = queries.for_product(
            goods.products[0].id, "en", by_helpful=True, after=after, limit=2, reader=readers[0]
        )
        found += page.rows
        after = page.next_cursor
        if after is None:
            break
    assert [(row.text, row.helpful, row.voted) for row in found] == [
        ("1", 3, True),
        ("0", 1, True),
        ("3", 0, False),
        ("2", 0, False),
    ]
    for nonsense in ("1", "x.1", "1.2.3", "½.1"):
        rows = shown(goods, by_helpful=True, after=nonsense)
        assert [row.text for row in rows] == ["1", "0", "3", "2"]
    with transaction():
        db.session.execute(update(Review).values(user_id=readers[0]))
    with pytest.raises(Conflict, match="review-own"):
        vote(reviews[3], readers[0])
    assert_sound()
    with transaction():
        db.session.execute(update(Review).where(Review.public_id == reviews[0]).values(helpful=7))
    (difference,) = checks.differences()
    assert "helpful to 7, its votes are 1" in difference


def test_what_readers_report_waits_until_the_store_decides(goods):
    review = post(received_order(goods.variant))
    reader = make_user().id

    def report(reason="spam"):
        with transaction():
            votes.report(review, user_id=reader, reason=reason)

    with pytest.raises(NotFound):  # nobody sees it yet
        report()
    set_state(review, "published", goods.store_id)
    with pytest.raises(Invalid, match="reason-missing"):
        report("dull")
    report()
    report("rude")  # once each
    (row,) = queries.admin_list([goods.store_id], "en", state="pending").rows
    assert row.reports == {"spam": 1}
    set_state(review, "published", goods.store_id)
    assert queries.admin_list([goods.store_id], "en", state="pending").rows == []
    report()
    assert queries.state_counts([goods.store_id]) == {"pending": 0, "published": 1, "hidden": 0}
