"""The address book."""

import re

import pytest

from shop.account import queries
from tests.factories.users import make_user
from tests.web.account.conftest import page

HERE = {
    "name": "林晚",
    "phone": "138 0013 8000",
    "country": "CN",
    "province": "浙江省",
    "city": "杭州市",
    "district": "西湖区",
    "street": "文三路 1 号",
}
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


def add(browser, lang="zh", **fields):
    return browser.post(f"/{lang}/account/addresses", data=HERE | fields)


def book(person):
    return queries.addresses(person.id)


def test_the_first_is_the_default_and_stands_first(mine, person):
    assert add(mine).status_code == 303
    assert add(mine, street="古墩路 2 号").status_code == 303
    first, second = book(person)
    assert (first.street, first.is_default, second.is_default) == ("文三路 1 号", True, False)
    assert first.phone == "+8613800138000"
    text = page(mine, "/zh/account/addresses")
    assert text.index("文三路") < text.index("古墩路")
    assert "浙江省杭州市西湖区" in text
    assert "138 **** 8000" in text or "138****8000" in text


def test_another_one_becomes_the_default(mine, person):
    add(mine)
    add(mine, street="古墩路 2 号", default="y")
    assert book(person)[0].street == "古墩路 2 号"
    mine.post(f"/zh/account/addresses/{book(person)[1].public_id}/default")
    assert [row.is_default for row in book(person)] == [True, False]
    assert book(person)[0].street == "文三路 1 号"


def test_it_is_changed_in_its_place(mine, person):
    add(mine)
    path = f"/zh/account/addresses/{book(person)[0].public_id}"
    assert 'value="文三路 1 号"' in page(mine, path)
    answer = mine.post(path, data=HERE | {"street": "古墩路 9 号", "tag": "work"})
    assert answer.status_code == 303
    [row] = book(person)
    assert (row.street, row.tag, row.is_default) == ("古墩路 9 号", "work", True)


def test_a_deletion_can_be_taken_back(mine, person):
    add(mine)
    entry = book(person)[0].public_id
    assert mine.post(f"/zh/account/addresses/{entry}/removal").status_code == 303
    assert book(person) == []
    text = page(mine, "/zh/account/addresses")
    undo = re.search(r'action="([^"]*/restoration)"', text) or re.search(
        r"(/zh/account/addresses/\w+/restoration)", text
    )
    assert undo is not None
    mine.post(undo[1])
    assert book(person)[0].is_default


@pytest.mark.parametrize("action", ("", "/removal", "/restoration", "/default"))
def test_anothers_entry_does_not_exist(mine, enter, action):
    other = make_user()
    theirs = enter(other.username)
    add(theirs)
    entry = book(other)[0]
    path = f"/zh/account/addresses/{entry.public_id}{action}"
    assert mine.post(path, data=HERE | {"street": "别处"}).status_code == 404
    if not action:
        assert mine.get(path).status_code == 404
    assert book(other) == [entry]


def test_every_problem_is_said_at_once_and_nothing_is_lost(mine, person):
    answer = add(mine, name="", phone="12", street="", tag="work")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'id="name-error"' in text
    assert 'id="phone-error"' in text
    assert 'id="street-error"' in text
    assert '<option selected value="work"' in text
    assert book(person) == []


@pytest.mark.parametrize(
    "fields",
    (
        {"country": "XX"},
        {"name": "x" * 81},
        {"street": "x" * 201},
        {"street": "a\0b"},
        {"tag": "<b>"},
    ),
)
def test_what_cannot_be_kept_is_refused(mine, person, fields):
    assert add(mine, **fields).status_code == 422
    assert book(person) == []


def test_an_address_abroad(mine, person):
    answer = mine.post(
        "/en/account/addresses",
        data={
            "name": "Amelia Hart",
            "phone": "+44 20 7946 0958",
            "country": "GB",
            "street": "12 Mill Lane",
            "city": "Bath",
            "postcode": "BA1 1AA",
        },
    )
    assert answer.status_code == 303
    [row] = book(person)
    assert (row.country, row.city, row.postcode) == ("GB", "Bath", "BA1 1AA")
    assert "12 Mill Lane<br>Bath" in page(mine, "/en/account/addresses")


def test_a_choice_of_province_brings_its_cities_and_keeps_the_rest(mine, person):
    given = {"name": "林晚", "country": "CN", "province": "浙江省", "do": "update"}
    for headers in ({}, HTMX):
        answer = mine.post("/zh/account/addresses", data=given, headers=headers)
        text = answer.get_data(as_text=True)
        assert answer.status_code == 200
        assert "杭州市" in text
        assert 'value="林晚"' in text
        assert ("<html" in text) is (headers == {})
    assert book(person) == []


def test_a_pasted_address_is_sorted_in(mine, person):
    answer = mine.post(
        "/zh/account/addresses",
        data={"paste": "林晚 13800138000 浙江省杭州市西湖区文三路1号", "do": "paste"},
    )
    text = answer.get_data(as_text=True)
    assert 'value="林晚"' in text
    assert 'value="文三路1号"' in text
    assert '<option value="西湖区" selected' in text
    assert book(person) == []
