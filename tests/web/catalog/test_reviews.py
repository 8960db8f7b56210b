"""What buyers say, on the product's page and on its own."""

import pytest

from shop.core.transaction import transaction
from shop.review import services as reviews
from tests.factories.orders import lines_of, received_order, store_with_goods
from tests.factories.users import make_user
from tests.web.catalog.browsing import PARTIAL, page, words


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
