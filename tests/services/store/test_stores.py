"""Stores and who works for them."""

import pytest
from sqlalchemy import insert

from shop.account.models import User
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound
from shop.core.transaction import transaction
from shop.store import queries, services
from shop.store.data import StoreText
from tests.factories.stores import make_store


@pytest.fixture
def users(app):
    with transaction():
        return [
            db.session.scalar(
                insert(User)
                .values(
                    username=n,
                    username_key=n,
                    email=f"{n}@example.com",
                    email_key=f"{n}@example.com",
                    password_hash="-",
                    locale="en",
                    is_operator=False,
                    display_name=n,
                )
                .returning(User.id)
            )
            for n in ("mei", "tom")
        ]


def test_a_store_reads_back(users, statements):
    store_id = make_store(
        "songjian",
        names={"en": "Songjian", "zh": "松间"},
        owner_id=users[0],
        flat_delivery_minor=800,
    )
    store = queries.by_slug("songjian")
    assert (store.id, store.currency, store.flat_delivery_minor) == (store_id, "CNY", 800)
    assert queries.names([store_id], "zh")[store_id].name == "松间"
    assert queries.view("songjian", "fr").name == "Songjian"
    assert queries.view("none", "en") is None
    assert queries.count() == 1
    assert [s.id for s in queries.stores_of(users[0])] == [store_id]
    assert queries.stores_of(users[1]) == []
    assert queries.store_ids_of(users[0]) == [store_id]
    with pytest.raises(NotFound):
        queries.get(store_id + 1)


@pytest.mark.parametrize(
    ("fields", "code"),
    (
        ({"slug": "Song Jian"}, "store-slug"),
        ({"slug": "taken"}, "store-slug-taken"),
        ({"names": {"en": " "}}, "store-name-missing"),
        ({"currency": "yuan"}, "currency-unknown"),
        ({"timezone": "Moon/Sea"}, "timezone-unknown"),
        ({"timezone": "../etc"}, "timezone-unknown"),
        ({"flat_delivery_minor": -1}, "amount-out-of-range"),
    ),
)
def test_what_is_wrong_is_named(app, fields, code):
    make_store("taken")
    with pytest.raises(Invalid) as caught:
        make_store(**fields)
    assert caught.value.reason == code
    assert queries.count() == 1


def test_a_store_changes_what_is_given(app):
    store_id = make_store("songjian", free_delivery_from_minor=9900, settings={"a": 1})
    with transaction():
        services.update(store_id, texts={"en": StoreText("New", "Tag")}, settings={"b": 2})
    view = queries.view("songjian", "zh")
    assert (view.name, view.tagline, view.free_delivery_from_minor) == ("New", "Tag", 9900)
    assert view.settings == {"a": 1, "b": 2}
    with transaction():
        services.update(store_id, free_delivery_from_minor=None)
    assert queries.view("songjian", "en").free_delivery_from_minor is None


def test_a_store_keeps_an_owner(users):
    store_id = make_store(owner_id=users[0])
    with pytest.raises(Conflict, match="last-owner"), transaction():
        services.remove_staff(store_id, users[0])
    with pytest.raises(Conflict, match="last-owner"), transaction():
        services.add_staff(store_id, users[0], "staff")
    with transaction():
        services.add_staff(store_id, users[1])
    assert queries.role(store_id, users[1]) == "staff"
    with transaction():
        services.add_staff(store_id, users[1], "owner")
        services.remove_staff(store_id, users[0])
    assert [(s.username, s.role) for s in queries.staff(store_id)] == [("tom", "owner")]
    with pytest.raises(NotFound), transaction():
        services.remove_staff(store_id, users[0])
    with pytest.raises(Invalid, match="role-unknown"), transaction():
        services.add_staff(store_id, users[0], "king")
