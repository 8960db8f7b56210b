"""Mails about a wishlist: each drop once, each return once, only to who wants them."""

from urllib.parse import urlsplit

import pytest

from shop.cart import wishlist_queries
from shop.catalog import prices
from shop.core.transaction import transaction
from shop.inventory import services as inventory
from shop.jobs import inline, waiting
from shop.notifications import senders
from tests.factories.orders import restock, store_with_goods
from tests.factories.users import make_user
from tests.web.catalog.browsing import page, signed_in, words


@pytest.fixture
def goods(app):
    """A store with two products of ten units at 10.00; no mail has been sent."""
    senders.memory().clear()
    return store_with_goods(products=2)


@pytest.fixture
def member(app, goods):
    """A browser in which somebody has signed in who saved both."""
    person = make_user(display_name="Lin")
    browser = signed_in(app, person)
    browser.person = person
    for product in goods.products:
        browser.post("/en/wishlist/items", data={"product": product.slug})
    return browser


def cost(variant: int, minor: int) -> None:
    with transaction():
        prices.set_price(variant, minor, None)


def news() -> list[str]:
    """What the next look at the wishlists says: the texts of its mails; the box is emptied."""
    waiting.tell_wishes()
    inline.run_all()
    box = senders.memory()
    found = [str(mail["Subject"]) + mail.get_body(("plain",)).get_content() for mail in box]
    box.clear()
    return found


def test_each_drop_is_told_once(goods, member):
    assert news() == []
    cost(goods.variants[0], 700)
    (mail,) = news()
    assert mail.startswith(
        f"It costs less now: {wishlist_queries.title(goods.products[0].slug, 'en')}"
    )
    assert "¥7 instead of ¥10" in mail
    assert news() == []
    cost(goods.variants[0], 900)  # up again, below the first: no news, but the measure of the next
    assert news() == []
    cost(goods.variants[0], 800)
    (mail,) = news()
    assert "¥8 instead of ¥9" in mail
    cost(goods.variants[0], 1500)
    assert news() == []
    cost(goods.variants[0], 1200)  # less, but more than on the day it was saved
    assert news() == []
    assert "less than when you saved it" not in words(page(member, "/en/wishlist"))


def test_a_return_is_told_once_and_several_things_in_one_mail(goods, member):
    with transaction():
        inventory.adjust(goods.variants[0], goods.location_id, -10, reason="lost", actor="test")
    assert news() == []
    restock(goods, goods.variants[0], 2)
    cost(goods.variants[1], 500)
    (mail,) = news()
    assert mail.startswith("News of 2 things on your wishlist")
    assert "Hello Lin" in mail
    assert "Back in stock" in mail
    assert "¥5 instead of ¥10" in mail
    assert news() == []


def test_the_link_of_the_mail_ends_them_and_the_details_bring_them_back(goods, member):
    cost(goods.variants[0], 700)
    waiting.tell_wishes()
    inline.run_all()
    (mail,) = senders.memory()
    leave = urlsplit(mail["List-Unsubscribe"].strip("<>")).path
    assert "No more such mails" in words(page(member, leave))
    assert member.post(leave).status_code == 303
    assert "Mails about your wishlist are off" in words(page(member, leave))
    senders.memory().clear()
    cost(goods.variants[0], 600)
    assert news() == []
    assert "wishlist_mails" in page(member, "/en/account/profile")
    member.post("/en/account/profile", data={"locale": "zh", "wishlist_mails": "y"})
    (mail,) = news()
    assert "现价 ¥6，原来 ¥7" in mail


def test_nobody_is_told_of_what_is_gone_or_of_an_address_not_confirmed(app, goods, member):
    stranger = signed_in(app, make_user(confirmed=False))
    stranger.post("/en/wishlist/items", data={"product": goods.products[0].slug})
    member.post("/en/wishlist/items/removal", data={"product": goods.products[0].slug})
    cost(goods.variants[0], 700)
    assert news() == []
