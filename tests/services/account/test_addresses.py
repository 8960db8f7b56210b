"""The address book."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shop.account import addresses, queries
from shop.account.addresses import AddressData
from shop.account.models import Address
from shop.core import clock
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound
from shop.core.transaction import transaction
from tests.factories.users import make_user

HOME = AddressData("林晚", "文三路 1 号", phone="138 0013 8000", province="浙江省", city="杭州市")
LONDON = AddressData("Ann Harrow", "1 Pine Street", country="GB", city="London", postcode="N1 9GU")


@pytest.fixture
def person(app):
    return make_user()


def add(person, data=HOME, **fields):
    with transaction():
        return addresses.add(person.id, data, **fields).public_id


def book(person):
    return [(entry.public_id, entry.is_default) for entry in queries.addresses(person.id)]


def test_the_first_address_is_the_default(person):
    first, second = add(person), add(person, LONDON)
    assert book(person) == [(first, True), (second, False)]
    assert queries.address(person.id, first).phone == "+8613800138000"


def test_one_default_at_a_time(person):
    first, second = add(person), add(person, LONDON, default=True)
    assert book(person) == [(second, True), (first, False)]
    with transaction():
        addresses.set_default(person.id, first)
    assert book(person) == [(first, True), (second, False)]


def test_change_and_make_default(person):
    add(person)
    second = add(person, LONDON)
    with transaction():
        addresses.change(person.id, second, replace(LONDON, city="Leeds"), default=True)
    found = queries.addresses(person.id)[0]
    assert (found.public_id, found.city) == (second, "Leeds")


def test_removal_is_undone(person):
    first, second = add(person), add(person, LONDON)
    with transaction():
        addresses.remove(person.id, first)
    assert book(person) == [(second, False)]
    with transaction():
        addresses.restore(person.id, first)
    assert book(person) == [(first, True), (second, False)]


def test_a_removal_is_forgotten_after_a_month(person):
    first = add(person)
    with transaction():
        addresses.remove(person.id, first)
    with clock.at(clock.now() + timedelta(days=31)):
        with pytest.raises(NotFound), transaction():
            addresses.restore(person.id, first)
        with transaction():
            assert addresses.forget_removed() == 1
    assert db.session.query(Address).count() == 0


def test_the_book_holds_fifty(person):
    kept = [add(person) for _ in range(50)]
    with pytest.raises(Conflict) as full:
        add(person)
    assert full.value.reason == "address-limit"
    with transaction():
        addresses.remove(person.id, kept[0])
    add(person)
    with pytest.raises(Conflict), transaction():
        addresses.restore(person.id, kept[0])


@pytest.mark.parametrize("act", (addresses.remove, addresses.restore, addresses.set_default))
def test_anothers_address_does_not_exist(person, act):
    mine = add(person)
    stranger = make_user()
    with pytest.raises(NotFound), transaction():
        act(stranger.id, mine)
    with pytest.raises(NotFound), transaction():
        addresses.change(stranger.id, mine, LONDON)
    assert queries.address(stranger.id, mine) is None
    assert book(person) == [(mine, True)]


@pytest.mark.parametrize(
    ("change", "code", "field"),
    (
        ({"name": " "}, "field-missing", "name"),
        ({"street": ""}, "field-missing", "street"),
        ({"name": "x" * 81}, "field-long", "name"),
        ({"street": "a\0b"}, "text-unreadable", "street"),
        ({"city": "\ud800"}, "text-unreadable", "city"),
        ({"country": "XX"}, "country-unknown", "country"),
        ({"country": ""}, "country-unknown", "country"),
        ({"phone": ""}, "phone-missing", "phone"),
        ({"phone": "12"}, "phone-invalid", "phone"),
    ),
)
def test_what_an_address_must_have(person, change, code, field):
    with pytest.raises(Invalid) as refused:
        add(person, replace(HOME, **change))
    assert (refused.value.reason, refused.value.params["field"]) == (code, field)
    assert book(person) == []
