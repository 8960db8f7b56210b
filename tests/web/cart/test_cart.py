"""The cart through its pages: with scripts and without."""

import re

import pytest

from shop.catalog import prices, products
from shop.core.transaction import transaction
from shop.inventory import services as inventory
from tests.factories.campaigns import make_coupon, make_promotion
from tests.factories.catalog import make_product
from tests.factories.orders import Goods, restock, store_with_goods
from tests.factories.users import make_user
from tests.web.catalog.browsing import PARTIAL, code_of, page, pot, signed_in, value_of, words


@pytest.fixture
def goods(app) -> Goods:
    """A store with two products of ten units at 10.00, delivery 8.00, free from 199.00."""
    return store_with_goods(
        products=2,
        flat_delivery_minor=800,
        free_delivery_from_minor=19900,
        names={"en": "Songjian", "zh": "松间"},
    )


def add(client, variant: int, quantity: object = 1, **data: object):
    return client.post(
        "/en/cart/lines", data={"variant": code_of(variant), "quantity": str(quantity)} | data
    )


def line(client) -> str:
    """The public id of the (first) line in the cart."""
    return re.search(r'id="line-([^"]+)"', page(client, "/en/cart"))[1]


def partial(client, address: str, **data: str):
    return client.post(address, data=data, headers=PARTIAL)


def to_pay(html: str) -> str:
    return re.search(r"You pay ([¥$][\d,.]+)", words(html))[1]


def test_an_empty_cart_shows_what_others_come_back_for(client, goods):
    html = page(client, "/en/cart")
    assert "What you choose waits here" in html
    assert f"/en/p/{goods.products[0].slug}" in html
    assert "buybar" not in html


def test_adding_leads_to_the_cart(client, goods):
    response = add(client, goods.variant, 2)
    assert response.status_code == 303
    assert response.headers["Location"] == "/en/cart"
    html = page(client, "/en/cart")
    assert "Added to the cart." in words(html)
    assert "2 items ¥20.00" in words(html)
    assert to_pay(html) == "¥28.00"
    assert "Delivery ¥8.00" in words(html)
    assert "no-store" in client.get("/en/cart").headers["Cache-Control"]


def test_adding_twice_makes_one_line(client, goods):
    add(client, goods.variant)
    add(client, goods.variant, 2)
    html = page(client, "/en/cart")
    assert html.count('<li class="line') == 1
    assert 'value="3"' in html


def test_adding_opens_the_drawer_with_htmx(client, goods):
    response = partial(client, "/en/cart/lines", variant=code_of(goods.variant), quantity="1")
    html = response.get_data(as_text=True)
    assert '"open": "cart-drawer"' in response.headers["HX-Trigger"]
    assert 'hx-target="#cart-drawer"' in html
    assert "Added to your cart" in html
    assert 'id="cart-count" hx-swap-oob="true"' in html
    assert "View cart (1)" in html
    assert "Add ¥189 more for free delivery" in html


def test_adding_on_the_carts_own_page_shows_it_there(client, goods):
    add(client, goods.variants[0])
    headers = PARTIAL | {"HX-Current-URL": "http://localhost/en/cart"}
    response = client.post(
        "/en/cart/lines", data={"variant": code_of(goods.variants[1])}, headers=headers
    )
    assert response.headers["HX-Retarget"] == "#cart"
    assert response.get_data(as_text=True).count('<li class="line') == 2


def test_buy_now_goes_on_to_the_checkout(client, goods):
    response = add(client, goods.variant, buy_now="1")
    assert response.headers["Location"].endswith("/en/checkout")
    sent = partial(client, "/en/cart/lines", variant=code_of(goods.variant), buy_now="1")
    assert sent.headers["HX-Redirect"].endswith("/en/checkout")


def test_what_is_seen_is_what_is_added(client, goods):
    made = pot(goods, {"CE-S": 5, "MO-S": 5})
    data = {
        "variant": code_of(made.variants[0]),
        "product": made.slug,
        "quantity": "1",
        "option-1": value_of(made, "Moon"),
        "option-2": value_of(made, "S"),
    }
    client.post("/en/cart/lines", data=data)  # chosen, but "Update" was never pressed
    assert "Moon, S" in page(client, "/en/cart")


def test_a_combination_that_is_not_made_is_not_added(client, goods):
    made = pot(goods, {"CE-S": 5})
    data = {
        "product": made.slug,
        "option-1": value_of(made, "Moon"),
        "option-2": value_of(made, "L"),
    }
    response = client.post("/en/cart/lines", data=data)
    assert response.status_code == 422
    assert "Choose another value" in response.get_data(as_text=True)


def test_update_never_adds(client, goods):
    made = pot(goods, {"CE-S": 5})
    data = {"product": made.slug, "act": "choose", "option-1": value_of(made, "Moon")}
    assert f"/en/p/{made.slug}?option-1=" in client.post("/en/cart/lines", data=data).location
    assert "waits here" in page(client, "/en/cart")


@pytest.mark.parametrize("variant", ("", "nonsense", "x" * 5000))
def test_what_is_not_sold_is_not_found(client, goods, variant):
    assert client.post("/en/cart/lines", data={"variant": variant}).status_code == 404


@pytest.mark.parametrize("quantity", ("0", "-1", "x", "1000", "9999999", "1.5", "²"))
def test_a_quantity_must_be_one(client, goods, quantity):
    response = add(client, goods.variant, quantity)
    assert response.status_code == 422
    assert "from 1 to 999" in response.get_data(as_text=True)


def test_more_than_there_is_cannot_be_added(client, goods):
    response = add(client, goods.variant, 11)
    assert response.status_code == 409
    assert "Only 10 left." in response.get_data(as_text=True)
    add(client, goods.variant, 8)
    again = partial(client, "/en/cart/lines", variant=code_of(goods.variant), quantity="5")
    assert again.status_code == 409
    assert "Only 10 left, and 8 are in your cart already." in again.headers["HX-Trigger"]
    sold_out = store_with_goods(stock=0)
    assert "just sold out" in add(client, sold_out.variant).get_data(as_text=True)


def test_a_quantity_is_changed_in_place(client, goods):
    add(client, goods.variant)
    response = partial(client, f"/en/cart/lines/{line(client)}", quantity="3")
    html = response.get_data(as_text=True)
    assert "<html" not in html
    assert to_pay(html) == "¥38.00"
    assert "3 items, \\u00a538.00 to pay." in response.headers["HX-Trigger"]
    assert 'hx-target="#paybar"' in html
    # without scripts
    sent = client.post(f"/en/cart/lines/{line(client)}", data={"quantity": "2"})
    assert sent.status_code == 303
    assert to_pay(page(client, "/en/cart")) == "¥28.00"


def test_a_quantity_beyond_the_stock_is_refused_at_its_line(client, goods):
    add(client, goods.variant)
    for headers in ({}, PARTIAL):
        response = client.post(
            f"/en/cart/lines/{line(client)}", data={"quantity": "99"}, headers=headers
        )
        assert response.status_code == 409
        html = response.get_data(as_text=True)
        assert re.search(r'role="alert" id="said-.*?Only 10 left\.', html, re.S)
        assert ("<html" in html) is (not headers)
    bad = client.post(f"/en/cart/lines/{line(client)}", data={"quantity": "x"}, headers=PARTIAL)
    assert bad.status_code == 422


def test_nought_takes_a_line_out_and_undo_brings_it_back(client, goods):
    add(client, goods.variant, 2)
    response = partial(client, f"/en/cart/lines/{line(client)}", quantity="0")
    assert "What you choose waits here" in response.get_data(as_text=True)
    assert '"quantity": "2"' in response.headers["HX-Trigger"]
    data = {"variant": code_of(goods.variant), "quantity": "2"}
    assert client.post("/en/cart/lines/restoration", data=data).location == "/en/cart"
    assert to_pay(page(client, "/en/cart")) == "¥28.00"


def test_removal_without_scripts_offers_undo_on_the_page(client, goods):
    add(client, goods.variant)
    client.post(f"/en/cart/lines/{line(client)}/removal")
    html = page(client, "/en/cart")
    assert "Taken out of the cart." in html
    assert 'action="/en/cart/lines/restoration"' in html


def test_undo_on_the_carts_page_answers_there(client, goods):
    headers = PARTIAL | {"HX-Current-URL": "http://localhost/en/cart"}
    data = {"variant": code_of(goods.variant), "quantity": "1"}
    response = client.post("/en/cart/lines/restoration", data=data, headers=headers)
    assert response.headers["HX-Retarget"] == "#cart"
    assert to_pay(response.get_data(as_text=True)) == "¥18.00"


def test_another_visitors_lines_are_not_found(app, client, goods):
    add(client, goods.variant)
    theirs = line(client)
    stranger = app.test_client()
    member = signed_in(app, make_user())
    for other in (stranger, member):
        for tail in ("", "/removal", "/selection"):
            sent = other.post(f"/en/cart/lines/{theirs}{tail}", data={"quantity": "2"})
            assert sent.status_code == 404
    assert to_pay(page(client, "/en/cart")) == "¥18.00"


def test_lines_can_be_left_behind(client, goods):
    add(client, goods.variants[0])
    add(client, goods.variants[1])
    assert 'class="line__pick"' not in page(client, "/en/cart")
    assert 'class="line__pick"' in page(client, "/zh/cart")
    html = partial(client, f"/en/cart/lines/{line(client)}/selection").get_data(as_text=True)
    assert to_pay(html) == "¥18.00"
    assert 'class="line__pick"' in html  # so that it can be taken along again
    html = partial(client, f"/en/cart/lines/{line(client)}/selection", selected="1")
    assert to_pay(html.get_data(as_text=True)) == "¥28.00"


def test_a_price_that_changed_says_so_until_the_next_change(client, goods):
    add(client, goods.variant)
    with transaction():
        prices.set_price(goods.variant, 600, None)
    html = page(client, "/en/cart")
    assert "¥4 less than when you added it" in words(html)
    assert to_pay(html) == "¥14.00"
    answer = partial(client, f"/en/cart/lines/{line(client)}", quantity="2")
    assert "less than when" not in answer.get_data(as_text=True)


def test_what_cannot_be_bought_says_so_at_its_line(client, goods):
    add(client, goods.variants[0], 5)
    add(client, goods.variants[1])
    with transaction():
        inventory.set_on_hand(goods.variants[0], goods.location_id, 2, reason="count", actor="test")
    assert "Only 2 left. Take fewer to go on." in words(page(client, "/en/cart"))
    with transaction():
        inventory.set_on_hand(goods.variants[0], goods.location_id, 0, reason="count", actor="test")
    html = page(client, "/en/cart")
    assert "Sold out meanwhile" in words(html)
    assert "needs a look first" in words(html)
    assert to_pay(html) == "¥18.00"
    with transaction():
        products.set_status(goods.products[0].id, "archived")
    assert "No longer sold" in words(page(client, "/en/cart"))


def test_few_left_is_said(client, app):
    goods = store_with_goods(stock=3)
    add(client, goods.variant)
    assert "Only 3 left" in words(page(client, "/en/cart"))


def test_a_coupon_counts_and_can_be_taken_away(client, goods):
    make_coupon(code="FIRST5", value=500)
    add(client, goods.variant, 2)
    html = partial(client, "/en/cart/coupon", code=" first5 ").get_data(as_text=True)
    assert "Coupon: Welcome Remove" in words(html)
    assert "−¥5.00" in words(html)
    assert to_pay(html) == "¥23.00"
    html = partial(client, "/en/cart/coupon/removal").get_data(as_text=True)
    assert to_pay(html) == "¥28.00"
    sent = client.post("/en/cart/coupon", data={"code": "FIRST5"})
    assert (sent.status_code, sent.location) == (303, "/en/cart")
    assert to_pay(page(client, "/en/cart")) == "¥23.00"


def test_a_coupon_that_does_not_count_says_why(client, goods):
    make_coupon(code="BIG", threshold_minor=20000)
    add(client, goods.variant)
    html = partial(client, "/en/cart/coupon", code="nope").get_data(as_text=True)
    assert "We do not know this code" in html
    assert 'value="nope"' in html
    html = partial(client, "/en/cart/coupon", code="BIG").get_data(as_text=True)
    assert "Add ¥190 more to use this coupon; it counts from ¥200." in words(html)
    assert '<details class="extra" open' in html
    assert "Forget this code" in html
    response = partial(client, "/en/cart/coupon", code="x" * 200)
    assert response.status_code == 422
    assert "x" * 200 in response.get_data(as_text=True)


def test_use_now_leads_to_goods_or_to_the_cart(client, goods):
    make_coupon(code="FIRST5", value=500)
    data = {"code": "FIRST5", "next": "/en/c/all"}
    assert client.post("/en/cart/coupon", data=data).location == "/en/c/all"
    assert "FIRST5 is in your cart" in words(page(client, "/en/c/all"))
    assert "Your coupon FIRST5 is kept" in words(page(client, "/en/cart"))
    add(client, goods.variant)
    assert client.post("/en/cart/coupon", data=data).location == "/en/cart"


@pytest.mark.parametrize("target", ("//evil.example", "https://evil.example", "\\\\evil", ""))
def test_use_now_never_leads_away(client, goods, target):
    data = {"code": "FIRST5", "next": target}
    assert client.post("/en/cart/coupon", data=data).location == "/en/"


def test_tiers_are_explained_nearest_first(client, goods):
    make_promotion(goods.store_id, tiers=((3000, 300), (6000, 900)))
    add(client, goods.variant)
    text = words(page(client, "/en/cart"))
    assert text.index("Add ¥20 more for ¥3 off") < text.index("Add ¥189 more for free delivery")
    html = partial(client, f"/en/cart/lines/{line(client)}", quantity="4").get_data(as_text=True)
    text = words(html)
    assert "¥3 off for spending over ¥30. Next: ¥9 off at ¥60." in text
    assert "¥3 off ¥30 −¥3.00" in text
    assert "−¥3 in offers" in text
    assert to_pay(html) == "¥45.00"


def test_just_enough_for_free_delivery_is_offered_when_it_is_near(client, goods):
    fits = make_product(goods.store_id, "Fits", price_minor=9950)
    small = make_product(goods.store_id, "Too small", price_minor=200)
    for made in (fits, small):
        restock(goods, made.variants[0], 20)
    add(client, goods.variant)
    assert "Just enough" not in page(client, "/en/cart")
    add(client, fits.variants[0])
    add(client, small.variants[0], 5)
    html = page(client, "/en/cart")
    assert "Just enough" not in html  # nothing that is not in the cart already would do
    with transaction():
        prices.set_price(goods.variants[1], 12000, None)
    html = page(client, "/en/cart")
    assert "Just enough for free delivery" in html
    assert f"/en/p/{goods.products[1].slug}" in html


def test_stores_are_named_when_there_are_several(client, goods):
    add(client, goods.variant)
    assert "store-line" not in page(client, "/en/cart")
    other = store_with_goods(flat_delivery_minor=600, slug="harrow")
    add(client, other.variant)
    html = page(client, "/en/cart")
    assert html.count('class="store-line"') == 2
    assert "Delivery from Songjian ¥8.00" in words(html)
    assert "Delivery from Harrow ¥6.00" in words(html)


def test_each_currency_is_paid_by_itself(client, goods):
    dollars = store_with_goods(currency="USD", price_minor=2500)
    add(client, goods.variant)
    add(client, dollars.variant)
    html = page(client, "/en/cart")
    assert "/en/checkout?currency=CNY" in html
    assert "/en/checkout?currency=USD" in html
    assert "Total in USD" in html
    assert "$25.00" in words(html)
    assert html.count('id="code"') == 1


def test_services_and_downloads_need_no_parcel(client, app):
    goods = store_with_goods(kind="service", stock=None, flat_delivery_minor=800)
    add(client, goods.variant)
    html = page(client, "/en/cart")
    assert "A code, no parcel" in html
    assert to_pay(html) == "¥10.00"
    assert "Arrives" not in words(html)


def test_a_members_cart_is_their_own(app, client, goods):
    person = make_user()
    member = signed_in(app, person)
    add(member, goods.variant)
    assert "What you choose" in page(client, "/en/cart")
    assert to_pay(page(signed_in(app, person), "/en/cart")) == "¥18.00"


def test_looking_writes_nothing(client, goods, statements):
    add(client, goods.variant)
    statements.clear()
    page(client, "/en/cart")
    assert not statements.writes


def test_chinese(client, goods):
    client.post("/zh/cart/lines", data={"variant": code_of(goods.variant)})
    html = page(client, "/zh/cart")
    assert "（中文）" in html
    assert 'action="/zh/cart/lines/' in html


def test_nul_is_refused(client, goods):
    for address in ("/en/cart/lines", "/en/cart/coupon", "/en/cart/lines/restoration"):
        sent = client.post(address, data={"variant": "a\0b", "code": "a\0b"})
        assert sent.status_code == 400
