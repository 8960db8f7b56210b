"""A person's details, e-mail and password."""

import pytest

from shop.account import queries
from tests.factories.users import PASSWORD, make_user
from tests.web.account.conftest import go_in, is_in, link_in, page

NEW = "another hill, another pine"


def save(browser, **fields):
    data = {"display_name": "Lin Wan", "phone": "", "locale": "zh"} | fields
    return browser.post("/en/account/profile", data=data)


def test_name_phone_and_language_are_kept(mine, person):
    assert save(mine, phone="138 0013 8000").status_code == 303
    kept = queries.profile(person.id)
    assert (kept.display_name, kept.phone, kept.locale) == ("Lin Wan", "+8613800138000", "zh")
    assert 'value="Lin Wan"' in page(mine, "/en/account/profile")


@pytest.mark.parametrize(
    "fields",
    (
        {"phone": "12"},
        {"locale": "xx"},
        {"display_name": "x" * 81},
        {"display_name": "a\0b"},
        {"display_name": "a\x07b"},
    ),
)
def test_what_cannot_be_kept_is_refused_whole(mine, person, fields):
    before = queries.profile(person.id)
    assert save(mine, **fields).status_code == 422
    assert queries.profile(person.id) == before


def test_user_text_is_escaped(mine):
    save(mine, display_name="<img src=x onerror=alert(1)>")
    for path in ("/en/account", "/en/account/profile", "/en/account/addresses"):
        assert "<img src=x" not in page(mine, path)


class TestEmail:
    def change(self, browser, email="new@example.com", current=PASSWORD):
        return browser.post("/en/account/email", data={"email": email, "current": current})

    def test_it_asks_for_the_password(self, mine, mails):
        answer = self.change(mine, current="wrong")
        assert answer.status_code == 422
        assert "This is not your password." in answer.get_data(as_text=True)
        assert mails() == []

    def test_it_holds_once_the_new_address_is_confirmed(self, mine, person, mails):
        assert self.change(mine).status_code == 303
        assert queries.profile(person.id).email == person.email
        [mail] = mails()
        assert mail["To"] == "new@example.com"
        mine.post(link_in(mail, "confirm-email"))
        assert queries.profile(person.id).email == "new@example.com"

    def test_a_taken_address_is_told_to_its_holder_only(self, mine, person, mails):
        taken = make_user()
        fresh, known = self.change(mine), self.change(mine, taken.email)
        assert (fresh.status_code, fresh.location) == (known.status_code, known.location)
        link = link_in(mails()[-1], "confirm-email")
        answer = mine.post(link)
        assert answer.status_code == 410
        assert "belongs to another account" in answer.get_data(as_text=True)
        assert queries.profile(person.id).email == person.email


class TestPassword:
    def change(self, browser, password=NEW, current=PASSWORD):
        data = {"current": current, "password": password}
        return browser.post("/en/account/password", data=data)

    def test_it_ends_the_other_sessions_and_keeps_this(self, app, mine, enter, person):
        other = enter(person.username)
        assert self.change(mine).status_code == 303
        assert is_in(mine)
        assert not is_in(other)
        assert go_in(app.test_client(), person.username).status_code == 422
        assert go_in(app.test_client(), person.username, NEW).status_code == 303

    @pytest.mark.parametrize(
        ("fields", "said"),
        (
            ({"current": "wrong"}, "This is not your password."),
            ({"password": "short"}, "at least 8 characters"),
            ({"password": "password123"}, "thieves try"),
            ({"password": ""}, "Choose a password."),
        ),
    )
    def test_what_is_refused(self, app, mine, person, fields, said):
        answer = self.change(mine, **fields)
        assert answer.status_code == 422
        assert said in answer.get_data(as_text=True)
        assert go_in(app.test_client(), person.username).status_code == 303


@pytest.mark.parametrize(
    "path",
    ("", "/orders", "/profile", "/password", "/sessions", "/addresses", "/addresses/abc"),
)
def test_a_stranger_is_led_to_the_door(client, path):
    answer = client.get(f"/en/account{path}")
    assert answer.status_code == 303
    assert answer.location.startswith("/en/sign-in?next=")
    assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("lang", ("en", "zh"))
@pytest.mark.parametrize("path", ("", "/profile", "/password", "/sessions", "/addresses?new=1"))
def test_every_page_opens_and_is_kept_by_nobody(mine, lang, path):
    answer = mine.get(f"/{lang}/account{path}")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"
    text = answer.get_data(as_text=True)
    assert "style=" not in text
    assert "hx-on" not in text
    assert text.count("<form") == text.count("action=")
