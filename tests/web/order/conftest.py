"""Browsers with something in the cart, and a provider that the tests speak for."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from shop.catalog.models import Variant
from shop.core.db import db
from tests.factories.orders import Goods, store_with_goods
from tests.factories.users import PASSWORD, Person, make_user
from tests.web.payment.fake import FakeAlipay, at_the_provider

Enter = Callable[[str], FlaskClient]

ENGLISH = {
    "email": "emma@example.com",
    "name": "Emma Fischer",
    "street": "12 Long Lane, Flat 3",
    "postcode": "200050",
    "city": "Shanghai",
    "country": "CN",
    "phone": "138 0000 1234",
    "note": "Ring twice",
}
CHINESE = {
    "name": "林知远",
    "phone": "13800001234",
    "country": "CN",
    "province": "浙江省",
    "city": "杭州市",
    "district": "西湖区",
    "street": "文三路 90 号 502",
}
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


def put(browser: FlaskClient, variant: int, quantity: int = 1) -> None:
    """Put something into the browser's cart, as a shopper does."""
    public_id = db.session.scalar(select(Variant.public_id).where(Variant.id == variant))
    answer = browser.post("/en/cart/lines", data={"variant": public_id, "quantity": quantity})
    assert answer.status_code == 303, answer.get_data(as_text=True)[:200]


@pytest.fixture
def goods(app: Flask) -> Goods:
    """A store with two things of ¥100 and ¥8 for delivery."""
    return store_with_goods(price_minor=10000, products=2, flat_delivery_minor=800)


@pytest.fixture
def alipay(app: Flask) -> Iterator[FakeAlipay]:
    """Alipay is offered, and the tests speak for it."""
    yield from at_the_provider(app)


@pytest.fixture
def buyer(client: FlaskClient, goods: Goods, alipay: FakeAlipay) -> FlaskClient:
    """A guest with one thing in the cart."""
    put(client, goods.variant)
    return client


@pytest.fixture
def person(app: Flask) -> Person:
    """Somebody with an account."""
    return make_user(display_name="Emma Fischer")


@pytest.fixture
def enter(app: Flask) -> Enter:
    """A new browser in which somebody has signed in."""

    def begin(login: str) -> FlaskClient:
        browser = app.test_client()
        answer = browser.post("/en/sign-in", data={"login": login, "password": PASSWORD})
        assert answer.status_code == 303
        return browser

    return begin


def checkout(browser: FlaskClient, lang: str = "en") -> str:
    """The checkout page."""
    answer = browser.get(f"/{lang}/checkout")
    assert answer.status_code == 200, answer.headers.get("Location")
    return answer.get_data(as_text=True)
