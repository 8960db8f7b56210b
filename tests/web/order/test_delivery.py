"""The checkout's second step: what is offered where, what it costs, and what is promised."""

import re

import pytest
from sqlalchemy import func, select

from shop.catalog.models import Variant
from shop.core.db import db
from shop.core.transaction import transaction
from shop.jobs import inline
from shop.notifications import senders
from shop.order import delivery
from shop.order.delivery_models import OrderDelivery
from shop.order.models import Order
from shop.store import delivery_services, queries
from tests.factories.delivery import first_window, make_method, make_zone
from tests.factories.orders import store_with_goods
from tests.web.order.conftest import CHINESE, ENGLISH, HTMX, checkout, put
from tests.web.order.markup import form_of, shown_fields


def words(answer_or_page) -> str:
    page = (
        answer_or_page if isinstance(answer_or_page, str) else answer_or_page.get_data(as_text=True)
    )
    shown = re.sub(r"</?span[^>]*>", "", page)  # within amounts
    return " ".join(re.sub(r"<[^>]+>", " ", shown).split())


@pytest.fixture
def zoned(goods):
    """The store of ``goods`` with two ways in China, a dear one to Xinjiang, and a counter."""
    china = make_zone(goods.store_id, "China", "CN")
    plain = make_method(
        goods.store_id, china, names={"en": "Post"}, price_minor=1000, min_days=1, max_days=2
    )
    fast = make_method(goods.store_id, china, names={"en": "Express"}, price_minor=3000)
    far = make_zone(goods.store_id, "Far", "CN:新疆维吾尔自治区")
    make_method(goods.store_id, far, names={"en": "By truck"}, price_minor=4500)
    counter = make_method(goods.store_id, None, "pickup", names={"en": "Our counter"})
    slug = queries.get(goods.store_id).slug
    return {"name": f"delivery-{slug}", "slug": slug, "plain": plain, "fast": fast, "up": counter}


def sent(browser, **changes: str):
    form = form_of(checkout(browser)) | ENGLISH | changes
    return browser.post("/en/checkout/quote", data=form | {"do": "update"}, headers=HTMX)


def order() -> Order:
    db.session.rollback()
    return db.session.scalars(select(Order).order_by(Order.id.desc())).first()


def test_ways_follow_the_address_and_totals_follow_the_way(buyer, zoned):
    page = words(checkout(buyer))
    assert "Arrives" in page
    assert "Pay ¥110.00" in page  # the cheapest that is brought is preselected
    express = words(sent(buyer, **{zoned["name"]: zoned["fast"]}))
    assert "Pay ¥130.00" in express
    far = words(sent(buyer, postcode="830000", city="Urumqi", **{zoned["name"]: zoned["fast"]}))
    assert "By truck" in far
    assert "Express" not in far
    assert "Pay ¥145.00" in far


def test_what_is_fetched_asks_for_no_address_and_keeps_what_was_typed(app, buyer, zoned, alipay):
    answer = sent(buyer, **{zoned["name"]: zoned["up"]})
    page = answer.get_data(as_text=True)
    assert "12 Long Lane, Shanghai" in page
    assert set(shown_fields(page)) <= {"email", "name", "note", "code", "card"}
    form = form_of(page)
    assert form["street"] == ENGLISH["street"]
    answer = buyer.post("/en/checkout", data=form | {"street": "", "postcode": ""})
    assert answer.status_code == 303
    placed = order()
    kept = db.session.get_one(OrderDelivery, placed.id)
    assert (placed.total_minor, kept.kind) == (10000, "pickup")
    with transaction():
        db.session.get_one(Order, placed.id).payment_state = "paid"
        delivery.ready(placed.id, actor="u:1")
    senders.memory().clear()
    inline.run_all()
    (mail,) = [one for one in senders.memory() if "Ready to fetch" in one["Subject"]]
    assert kept.pickup_code in mail.get_body(("plain",)).get_content()


def test_an_address_that_no_zone_covers_is_refused_at_the_field(buyer, zoned):
    with transaction():
        delivery_services.remove_method(store_id(zoned), zoned["up"])
    abroad = {"country": "DE", "postcode": "10115", "city": "Berlin", "phone": "+49 30 901820"}
    quoted = sent(buyer, **abroad)
    assert "does not deliver to Germany" in words(quoted)
    form = form_of(quoted.get_data(as_text=True)) | ENGLISH | abroad
    answer = buyer.post("/en/checkout", data=form)
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "The shop does not deliver there" in page
    assert form_of(page)["street"] == ENGLISH["street"]
    assert db.session.scalar(select(func.count()).select_from(Order)) == 0


def test_a_way_that_is_gone_meanwhile_is_said_and_nothing_is_ordered(buyer, zoned):
    form = form_of(checkout(buyer)) | ENGLISH | {zoned["name"]: zoned["plain"]}
    with transaction():
        delivery_services.remove_method(store_id(zoned), zoned["plain"])
    answer = buyer.post("/en/checkout", data=form)
    assert answer.status_code == 409
    assert "no longer offered" in words(answer)
    assert "Pay ¥130.00" in words(answer)


def test_each_store_has_its_own_way_and_its_slots(app, buyer, zoned, statements):
    other = store_with_goods(price_minor=5000, slug="harrow")
    near = make_zone(other.store_id, "Near", "CN")
    local = make_method(other.store_id, near, "local", price_minor=300)
    put(buyer, other.variant)
    checkout(buyer)  # the first to come reads what is kept for those who follow
    for path in ("/en/checkout", "/en/cart"):
        statements.clear()
        assert buyer.get(path).status_code == 200
        assert len(statements) <= 13, list(statements)
    page = checkout(buyer)
    form = form_of(page) | ENGLISH | {zoned["name"]: zoned["fast"]}
    assert form["window-harrow"] == first_window(other.store_id, local)
    quoted = buyer.post("/en/checkout/quote", data=form, headers=HTMX).get_data(as_text=True)
    assert "1 place left" in quoted
    late = app.test_client()
    put(late, other.variant)
    same = form_of(checkout(late)) | ENGLISH
    assert same["window-harrow"] == form["window-harrow"]
    answer = buyer.post("/en/checkout", data=form_of(quoted))
    assert answer.status_code == 303
    refused = late.post("/en/checkout", data=same)
    assert (refused.status_code, "has just been taken" in words(refused)) == (409, True)
    again = form_of(refused.get_data(as_text=True))
    assert again["window-harrow"] != same["window-harrow"]
    assert again["street"] == ENGLISH["street"]
    kinds = db.session.scalars(select(OrderDelivery.kind).order_by(OrderDelivery.order_id))
    assert list(kinds) == ["flat", "local"]


def test_the_chinese_form_knows_the_province(buyer, zoned):
    form = form_of(checkout(buyer, "zh")) | CHINESE
    far = {"province": "新疆维吾尔自治区", "city": "乌鲁木齐市", "district": "天山区"}
    page = buyer.post("/zh/checkout/quote", data=form | far, headers=HTMX).get_data(as_text=True)
    assert "支付 ¥145.00" in words(page)
    answer = buyer.post("/zh/checkout", data=form_of(page))
    assert answer.status_code == 303
    assert order().delivery_minor == 4500


def test_pages_show_the_region_that_the_visitor_named(app, buyer, zoned, goods):
    chosen = {"country": "CN", "province": "新疆维吾尔自治区", "next": "/en/cart"}
    answer = buyer.post("/en/delivery-region", data=chosen)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/en/cart")
    assert "Delivery to Xinjiang" in words(buyer.get("/en/cart"))
    path = f"/en/p/{goods.products[0].slug}"
    mine = words(buyer.get(path))
    assert "Delivery ¥45 a parcel. To Xinjiang." in mine
    others = app.test_client()
    for _ in range(2):  # made, and kept
        assert "Delivery ¥10 a parcel. To China." in words(others.get(path))
    assert form_of(checkout(buyer, "zh"))["province"] == chosen["province"]
    evil = buyer.post("/en/delivery-region", data=chosen | {"next": "//evil.example"})
    assert evil.headers["Location"] == "/en/cart"


def store_id(zoned) -> int:
    found = queries.by_slug(zoned["slug"])
    assert found is not None
    return found.id


def test_the_variant_weighs(app, client):
    """A missing weight counts as nothing; what is known decides the rate."""
    goods = store_with_goods(price_minor=5000)
    zone = make_zone(goods.store_id, "World", rest=True)
    make_method(goods.store_id, zone, "weight", price_minor=800, tiers=((1000, 1500),))
    path = f"/en/p/{goods.products[0].slug}"
    assert "Delivery ¥8 a parcel" in words(client.get(path))
    with transaction():
        db.session.get_one(Variant, goods.variant).weight_grams = 1200
    assert "Delivery ¥15 a parcel" in words(client.get(path))
