"""The wishlist through its pages: guests, members, marks, Undo."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from shop.cart import wishlist
from shop.cart.models import Cart, WishlistItem
from shop.catalog import prices, products
from shop.core import clock
from shop.core.db import db
from shop.core.transaction import transaction
from shop.jobs import housekeeping
from tests.factories.orders import Goods, restock, store_with_goods
from tests.factories.users import PASSWORD, make_user
from tests.web.catalog.browsing import (
    PARTIAL,
    code_of,
    page,
    pot,
    shop,
    signed_in,
    titles,
    words,
)


@pytest.fixture
def goods(app) -> Goods:
    """A store with two products of ten units at 10.00."""
    return store_with_goods(products=2)


def send(client, action: str, slug: str, **data: str):
    address = "/en/wishlist/items" + (f"/{action}" if action else "")
    return client.post(address, data={"product": slug} | data)


def pressed(client, slug: str) -> str:
    return re.search(r'id="heart-page"[^>]* aria-pressed="(\w+)"', page(client, f"/en/p/{slug}"))[1]


def test_an_empty_list_says_how_it_is_filled(client, goods):
    html = page(client, "/en/wishlist")
    assert "Press the heart at a picture" in html
    assert "no-store" in client.get("/en/wishlist").headers["Cache-Control"]


def test_a_guest_saves_and_removes(client, goods):
    slug = goods.products[0].slug
    assert pressed(client, slug) == "false"
    answer = send(client, "", slug)
    assert (answer.status_code, answer.location) == (303, f"/en/p/{slug}")
    assert pressed(client, slug) == "true"
    assert pressed(client, goods.products[1].slug) == "false"
    assert len(titles(page(client, "/en/wishlist"))) == 1
    answer = send(client, "removal", slug, back="list")
    assert (answer.status_code, answer.location) == (303, "/en/wishlist")
    assert titles(page(client, "/en/wishlist")) == []


def test_the_heart_is_swapped_with_htmx(client, goods):
    slug = goods.products[0].slug
    answer = client.post("/en/wishlist/items", data={"product": slug}, headers=PARTIAL)
    assert 'aria-pressed="true"' in answer.text
    assert 'action="/en/wishlist/items/removal"' in answer.text
    answer = client.post("/en/wishlist/items/removal", data={"product": slug}, headers=PARTIAL)
    assert 'aria-pressed="false"' in answer.text
    assert "/en/wishlist/items/restoration" in answer.headers["HX-Trigger"]


def test_removing_in_the_list_shows_what_is_left(client, goods):
    for product in goods.products:
        send(client, "", product.slug)
    answer = client.post(
        "/en/wishlist/items/removal",
        data={"product": goods.products[0].slug, "back": "list"},
        headers=PARTIAL,
    )
    assert goods.products[0].slug not in answer.text
    assert goods.products[1].slug in answer.text
    assert "<html" not in answer.text


def test_undo_brings_the_price_of_that_day_back(client, goods):
    slug = goods.products[0].slug
    send(client, "", slug)
    with transaction():
        prices.set_price(goods.variants[0], 700, None)
    assert "¥3 less than when you saved it" in words(page(client, "/en/wishlist"))
    send(client, "removal", slug)
    send(client, "restoration", slug)
    assert "¥3 less than when you saved it" in words(page(client, "/en/wishlist"))
    send(client, "removal", slug)
    send(client, "", slug)  # saved anew: at today's price
    assert "less than" not in words(page(client, "/en/wishlist"))


def test_saving_again_keeps_the_price_of_the_first_time(client, goods):
    slug = goods.products[0].slug
    send(client, "", slug)
    with transaction():
        prices.set_price(goods.variants[0], 700, None)
    send(client, "", slug)
    assert "¥3 less than when you saved it" in words(page(client, "/en/wishlist"))


def test_what_was_sold_out_and_is_back_is_marked(client, app):
    goods = store_with_goods(stock=0)
    send(client, "", goods.products[0].slug)
    html = words(page(client, "/en/wishlist"))
    assert "Sold out" in html
    assert "Move to cart" not in html
    restock(goods, goods.variant, 3)
    assert "Back in stock" in words(page(client, "/en/wishlist"))


def test_moving_to_the_cart(client, goods):
    slug = goods.products[0].slug
    send(client, "", slug)
    answer = send(client, "move", slug, variant=code_of(goods.variants[0]))
    assert (answer.status_code, answer.location) == (303, "/en/cart")
    assert "1 item ¥10.00" in words(page(client, "/en/cart"))
    assert titles(page(client, "/en/wishlist")) == []


def test_what_has_sold_out_meanwhile_stays_on_the_list(client, app):
    goods = store_with_goods(stock=0)
    send(client, "", goods.products[0].slug)
    answer = send(client, "move", goods.products[0].slug, variant=code_of(goods.variant))
    assert answer.status_code == 409
    assert "This has just sold out." in answer.text
    assert len(titles(page(client, "/en/wishlist"))) == 1


def test_a_version_is_chosen_on_the_product_page(client, app):
    goods = shop()
    made = pot(goods, {"CE-S": 3, "CE-L": 3})
    send(client, "", made.slug)
    assert "Choose a version" in words(page(client, "/en/wishlist"))


def test_signing_in_joins_both_lists(app, client, goods):
    person = make_user()
    member = signed_in(app, person)
    send(member, "", goods.products[0].slug)
    for product in goods.products:
        send(client, "", product.slug)
    with transaction():
        prices.set_price(goods.variants[0], 700, None)
    client.post("/en/sign-in", data={"login": person.username, "password": PASSWORD})
    assert len(titles(page(client, "/en/wishlist"))) == 2
    assert len(titles(page(member, "/en/wishlist"))) == 2


def test_lists_are_ones_own(app, client, goods):
    send(client, "", goods.products[0].slug)
    other = app.test_client()
    send(other, "removal", goods.products[0].slug)
    assert titles(page(other, "/en/wishlist")) == []
    assert len(titles(page(client, "/en/wishlist"))) == 1


def test_what_is_not_sold_is_refused(client, goods):
    assert send(client, "", "no-such-thing").status_code == 404


def test_a_full_list_says_so_but_keeps_what_is_on_it(client, goods, monkeypatch):
    monkeypatch.setattr(wishlist, "MAX_ITEMS", 1)
    send(client, "", goods.products[0].slug)
    answer = send(client, "", goods.products[1].slug)
    assert answer.status_code == 409
    assert "A wishlist holds 1 things at most." in answer.text
    assert send(client, "", goods.products[0].slug).status_code == 303


def test_hearts_of_a_list_show_what_is_saved_in_one_statement(client, goods, statements):
    first, second = (product.slug for product in goods.products)

    def hearts() -> dict[str, str]:
        statements.clear()
        html = page(client, "/en/c/all")
        asked = [
            one for one in statements if "FROM wishlist_item" in one or "JOIN wishlist_item" in one
        ]
        assert len(asked) == (1 if client.get_cookie("cart") else 0)
        return dict(
            re.findall(r'value="([^"]+)" formaction="[^"]*" [^>]*aria-pressed="(\w+)"', html)
        )

    assert hearts() == {first: "false", second: "false"}
    answer = client.post(
        "/en/wishlist/items",
        data={"product": first},
        headers={"Referer": "http://localhost/en/c/all?sort=rating"},
    )
    assert (answer.status_code, answer.location) == (303, "/en/c/all?sort=rating")
    assert hearts() == {first: "true", second: "false"}
    answer = client.post("/en/wishlist/items", data={"product": second}, headers=PARTIAL)
    assert f'id="heart-{second}"' in answer.text
    assert "hx-target" not in answer.text


def test_both_hearts_of_a_product_page_change_together(client, goods):
    slug = goods.products[0].slug
    assert page(client, f"/en/p/{slug}").count('id="heart-') == 2
    answer = client.post("/en/wishlist/items?at=page", data={"product": slug}, headers=PARTIAL)
    assert re.findall(r'hx-target="#([\w-]+)"', answer.text) == ["heart-page", "heart-bar"]
    assert answer.text.count('aria-pressed="true"') == 2


def test_undo_stays_where_one_is(client, goods):
    slug = goods.products[0].slug
    send(client, "", slug)
    send(client, "removal", slug)
    answer = client.post(
        "/en/wishlist/items/restoration",
        data={"product": slug},
        headers={"Referer": "http://localhost/en/new"},
    )
    assert (answer.status_code, answer.location) == (303, "/en/new")
    send(client, "removal", slug)
    answer = client.post("/en/wishlist/items/restoration", data={"product": slug}, headers=PARTIAL)
    assert answer.headers["HX-Refresh"] == "true"


def test_what_is_no_longer_sold_stays_and_can_be_removed(client, goods):
    slug = goods.products[0].slug
    for product in goods.products:
        send(client, "", product.slug)
    with transaction():
        products.set_status(goods.products[0].id, "archived")
    html = page(client, "/en/wishlist")
    assert "No longer sold" in words(html)
    assert f'href="/en/p/{slug}"' not in html
    assert words(html).count("Move to cart") == 1
    send(client, "removal", slug, back="list")
    assert "No longer sold" not in words(page(client, "/en/wishlist"))


def test_a_guests_list_is_forgotten_with_the_cart_and_a_members_is_not(app, client, goods):
    member, buyer = signed_in(app, make_user()), app.test_client()
    for browser in (client, member, buyer):
        send(browser, "", goods.products[0].slug)
    buyer.post("/en/cart/lines", data={"variant": code_of(goods.variant)})
    with transaction():
        db.session.execute(update(WishlistItem).values(created_at=clock.now() - timedelta(days=61)))
    housekeeping.tidy()
    assert titles(page(client, "/en/wishlist")) == []
    assert len(titles(page(member, "/en/wishlist"))) == 1
    assert len(titles(page(buyer, "/en/wishlist"))) == 1
    with transaction():
        db.session.execute(update(Cart).values(updated_at=clock.now() - timedelta(days=61)))
    housekeeping.tidy()
    assert titles(page(buyer, "/en/wishlist")) == []
