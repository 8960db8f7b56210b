"""Merchants at their desks, and goods to work with."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from shop.account import sessions
from shop.core.transaction import transaction
from shop.store import services as stores
from tests.factories.orders import Goods, store_with_goods
from tests.factories.users import Person, make_user

SignIn = Callable[[Person], FlaskClient]


@pytest.fixture
def sign_in(app: Flask) -> SignIn:
    """A browser in which somebody has signed in."""

    def begin(person: Person) -> FlaskClient:
        with transaction():
            made = sessions.create(
                person.id, user_agent="tests", ip="127.0.0.1", lasts=timedelta(days=1)
            )
        browser = app.test_client()
        with browser.session_transaction() as session:
            session["_user_id"] = made.token
            session["_fresh"] = True
        return browser

    return begin


@pytest.fixture
def goods(app: Flask) -> Goods:
    """A store with two products of ten units each, delivery at 8.00."""
    return store_with_goods(products=2, flat_delivery_minor=800)


def staff_of(store_id: int, role: str = "owner") -> Person:
    """Somebody who works for a store."""
    person = make_user()
    with transaction():
        stores.add_staff(store_id, person.id, role)
    return person


@pytest.fixture
def merchant(goods: Goods, sign_in: SignIn) -> FlaskClient:
    """The browser of the owner of ``goods``."""
    return sign_in(staff_of(goods.store_id))


@pytest.fixture
def stranger(sign_in: SignIn) -> FlaskClient:
    """The browser of the owner of another store, which has goods of its own."""
    return sign_in(staff_of(store_with_goods().store_id))
