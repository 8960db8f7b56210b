"""What buyers say, on the product's page and on its own."""

import os
import re

import pytest
from sqlalchemy import delete, func, select, update

from shop.account.models import User
from shop.catalog.media import Storage
from shop.catalog.models import Product
from shop.catalog.photos import Photo
from shop.core.db import db
from shop.core.transaction import transaction
from shop.jobs.photos import tidy_photos
from shop.order.models import Order
from shop.review import followups, photos
from shop.review import services as reviews
from shop.review.models import Review
from shop.review.photo_models import ReviewPhoto
from tests.factories.orders import Owner, lines_of, received_order, store_with_goods
from tests.factories.users import make_user
from tests.web.catalog.browsing import PARTIAL, page, signed_in, words


@pytest.fixture
def product(app):
    """A product with eight published reviews and one that waits."""
    goods = store_with_goods(stock=50, names={"en": "Songjian", "zh": "松间"})
    replier = make_user()
    for number in range(9):
        placed = received_order(goods.variant)
        with transaction():
            review = reviews.post(
                placed.order,
                lines_of(placed.order)[0].public_id,
                stars=5 if number else 2,
                title=f"Review {number} <b>",
                text="Pours well.",
                locale="zh" if number == 1 else "en",
                author="Mei L.",
                user_id=None,
            )
        if number == 8:
            continue
        with transaction():
            reviews.set_state(review, "published", store_ids=[goods.store_id])
            if number == 7:
                reviews.reply(review, "Thank you.", user_id=replier.id, store_ids=[goods.store_id])
    return goods.products[0]


def test_readers_vote_and_report(app, client, product):
    address = f"/en/p/{product.slug}/reviews"
    reader = signed_in(app, make_user())
    html = page(reader, f"{address}?by=helpful")
    review = re.search(r'action="/en/reviews/(\w+)/vote"', html).group(1)
    assert "/vote" not in page(client, address)
    assert client.post(f"/en/reviews/{review}/vote").status_code in (302, 303)
    answer = reader.post(f"/en/reviews/{review}/vote", headers=PARTIAL)
    assert 'aria-pressed="true"' in answer.get_data(as_text=True)
    assert "1 person found this helpful" in words(page(client, f"{address}?by=helpful"))
    answer = reader.post(f"/en/reviews/{review}/vote", data={"helpful": "0"})
    assert answer.headers["Location"].endswith(f"{address}#review-{review}")
    assert "found this helpful" not in words(page(client, address))
    for reason, said in (("spam", "The shop will look at it."), ("dull", "Choose a reason.")):
        answer = reader.post(
            f"/en/reviews/{review}/report", data={"reason": reason}, headers=PARTIAL
        )
        assert said in answer.headers["HX-Trigger"]
    assert reader.post("/en/reviews/unknown/vote").status_code == 404


def test_the_page_sums_them_up_and_fetches_them(client, product):
    html = page(client, f"/en/p/{product.slug}")
    assert "4.6 from 8 reviews" in words(html)
    assert f'hx-get="/en/p/{product.slug}/reviews" hx-trigger="load"' in html
    assert f'href="/en/p/{product.slug}/reviews">Read the reviews' in html


def test_the_newest_come_first_and_the_list_goes_on(client, product):
    address = f"/en/p/{product.slug}/reviews"
    html = client.get(address, headers=PARTIAL).get_data(as_text=True)
    assert "<html" not in html
    assert html.count('class="review"') == 6
    assert html.index("Review 7") < html.index("Review 2")
    assert "Review 8" not in html  # not published
    assert "Songjian Thank you." in words(html)
    assert "<b>" not in html.replace("<b>Songjian</b>", "")
    assert "5 stars 7" in words(html)
    onward = html.split('id="load-more" href="')[1].split('"')[0].replace("&amp;", "&")
    more = client.get(onward, headers=PARTIAL).get_data(as_text=True)
    assert more.count('class="review"') == 2
    assert 'hx-swap-oob="true"' in more
    assert 'lang="zh-Hans"' in more  # said in another language than the page's
    whole = page(client, onward)
    assert "Back to the newest" in whole
    assert whole.count('class="review"') == 2


def test_only_those_with_so_many_stars(client, product):
    for stars, count in (("2", 1), ("3", 0), ("5", 6), ("9", 6), ("x", 6)):
        html = page(client, f"/en/p/{product.slug}/reviews?stars={stars}")
        assert html.count('class="review"') == count
        assert ("Nobody gave this many stars." in html) == (count == 0)


def test_a_product_without_reviews_says_so(client, app):
    product = store_with_goods().products[0]
    html = page(client, f"/en/p/{product.slug}")
    assert "Nobody has written about it yet" in html
    assert 'hx-trigger="load"' not in html.split('id="rel-h"')[0]
    assert "Nobody has written" in page(client, f"/en/p/{product.slug}/reviews")


def test_photos_are_shown_with_the_reviews_that_are(client, product, app):
    address = f"/en/p/{product.slug}/reviews"
    assert "With photos" not in page(client, address)
    store_id = db.session.scalar(select(Product.store_id))
    variant = product.variants[0]
    shown = with_photos(received_order(variant), "one", "two")
    with_photos(received_order(variant), "three")
    with transaction():
        reviews.set_state(shown, "published", store_ids=[store_id])
    html = page(client, address)
    assert 'With photos <span class="num">1</span>' in html
    assert "/media/reviews/one-160.jpg" in html
    assert "three" not in html
    only = page(client, f"{address}?photos=1")
    assert only.count('class="review"') == 1
    assert f'href="/en/p/{product.slug}/reviews?stars=5&amp;photos=1"' in only
    assert page(client, f"{address}?photos=1&stars=2").count('class="review"') == 0

    first = re.search(rf'href="(/en/p/{product.slug}/photos/[^"]+)"', html)[1]
    large = page(client, first)
    assert "/media/reviews/one-400.jpg" in large
    assert "1/2" in words(large)
    following = re.search(r'rel="next" href="([^"]+)"', large)[1]
    assert "/media/reviews/two-400.jpg" in page(client, following)
    db.session.rollback()
    unseen = db.session.scalars(
        select(ReviewPhoto.public_id).where(ReviewPhoto.name == "reviews/three")
    ).one()
    assert client.get(f"/en/p/{product.slug}/photos/{unseen}").status_code == 404
    with transaction():
        reviews.set_state(shown, "hidden", store_ids=[store_id], reason="spam")
    assert client.get(first).status_code == 404
    assert "With photos" not in page(client, address)


def test_photos_added_later_are_shown_with_what_was_added(client, product, app, statements):
    address = f"/en/p/{product.slug}/reviews"
    store_id = db.session.scalar(select(Product.store_id))
    placed = received_order(product.variants[0])
    review = with_photos(placed, "first")
    other = with_photos(received_order(product.variants[0]))
    line = lines_of(placed.order)[0].public_id
    with transaction():
        for one in (review, other):
            reviews.set_state(one, "published", store_ids=[store_id])
        followups.post(
            placed.order,
            line,
            text="Still whole.",
            locale="en",
            pictures=[Photo("reviews/later", 400, 500, (160, 400))],
        )
    assert "later-160" not in page(client, address)
    with transaction():
        followups.set_state(review, "published", store_ids=[store_id])
    statements.clear()
    html = page(client, address)
    assert len(statements) <= 12
    assert html.index("/media/reviews/first-160.jpg") < html.index("/media/reviews/later-160.jpg")
    assert 'With photos <span class="num">1</span>' in html
    large = page(client, re.findall(rf'href="(/en/p/{product.slug}/photos/[^"]+)"', html)[1])
    assert "/media/reviews/later-400.jpg" in large
    assert "2/2" in words(large)
    db.session.rollback()
    assert photos.known(["reviews/first", "reviews/later", "reviews/none"]) == {
        "reviews/first",
        "reviews/later",
    }
    with transaction():
        db.session.execute(delete(ReviewPhoto))  # only what was added shows some now
    assert page(client, f"{address}?photos=1").count('class="review"') == 1
    with transaction():
        followups.set_state(review, "hidden", store_ids=[store_id], reason="spam")
    assert "With photos" not in page(client, address)


def test_photos_go_with_the_account_and_then_their_files(app, product):
    person = make_user()
    owner = Owner(user_id=person.id)
    review = with_photos(
        received_order(product.variants[0], owner=owner), "mine", user_id=person.id
    )
    storage = Storage(app.config["MEDIA_FOLDER"])
    names = ("reviews/mine-160.jpg", "reviews/never-posted-160.jpg", "reviews/fresh-160.jpg")
    for name in names:
        storage.save(name, b"a picture")
    for name in names[:2]:
        os.utime(storage.path(name), (0, 0))

    def left():
        tidy_photos()
        return [storage.exists(name) for name in names]

    assert left() == [True, False, True]
    with transaction():
        db.session.execute(update(Order).values(user_id=None))
        db.session.execute(delete(User).where(User.id == person.id))
    db.session.rollback()
    assert db.session.scalar(select(Review.user_id).where(Review.public_id == review)) is None
    assert db.session.scalar(select(func.count(ReviewPhoto.id))) == 0
    assert left() == [False, False, True]


def with_photos(placed, *names, user_id=None):
    with transaction():
        return reviews.post(
            placed.order,
            lines_of(placed.order)[0].public_id,
            stars=5,
            title="Seen",
            text="Look.",
            locale="en",
            author="Mei L.",
            user_id=user_id,
            pictures=[Photo(f"reviews/{name}", 400, 500, (160, 400)) for name in names],
        )
