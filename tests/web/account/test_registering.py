"""Opening an account: what is asked, and that nobody learns who has one already."""

import pytest

from shop.account import queries
from shop.core.db import db
from shop.order.models import Order
from tests.factories.orders import place_order, store_with_goods
from tests.factories.users import PASSWORD, make_user
from tests.web.account.conftest import go_in, is_in, link_in, page, visible


def register(browser, username="linwan", email="lin@example.com", password=PASSWORD, **fields):
    data = {"username": username, "email": email, "password": password} | fields
    return browser.post("/en/register", data=data)


def test_a_new_account_can_sign_in_and_is_asked_to_confirm(client, mails):
    answer = register(client)
    assert (answer.status_code, answer.location) == (303, "/en/sign-in")
    assert 'value="lin@example.com"' in page(client, "/en/sign-in")
    assert go_in(client, "linwan").status_code == 303
    assert "not confirmed yet" in page(client, "/en/account")
    [mail] = mails()
    assert mail["To"] == "lin@example.com"
    path = link_in(mail, "confirm-email")
    assert "not confirmed yet" in page(client, "/en/account")
    client.post(path)
    assert "not confirmed yet" not in page(client, "/en/account")


def test_a_taken_email_is_answered_alike_and_its_owner_is_told(app, mails):
    known = make_user(email="known@example.com")
    answers = {}
    for email in ("known@example.com", "fresh@example.com"):
        browser = app.test_client()
        answer = register(browser, username="somebody", email=email)
        after = browser.get(answer.location)
        answers[email] = (
            answer.status_code,
            answer.location,
            visible(answer),
            visible(after).replace(email, ""),
        )
    assert answers["known@example.com"] == answers["fresh@example.com"]
    told = {mail["To"]: mail.get_content_type() for mail in mails()}
    assert set(told) == {"known@example.com", "fresh@example.com"}
    browser = app.test_client()
    go_in(browser, known.email)
    assert is_in(browser)


@pytest.mark.parametrize(
    ("fields", "name", "said"),
    (
        ({"username": "a"}, "username", "2 to 40 characters"),
        ({"username": "lin wan"}, "username", "letters and digits"),
        ({"username": "<script>alert(1)</script>"}, "username", "letters and digits"),
        ({"username": ""}, "username", "Choose a user name."),
        ({"email": "lin"}, "email", "not a complete e-mail"),
        ({"password": "short"}, "password", "at least 8 characters"),
        ({"password": "x" * 129}, "password", "at most 128 characters"),
        ({"password": "password123"}, "password", "thieves try"),
        ({"password": "lin@example.com"}, "password", "not your name or e-mail"),
        ({"username": "l\0in"}, "username", "cannot be used"),
    ),
)
def test_what_is_refused_is_said_at_its_field_and_nothing_is_lost(client, fields, name, said):
    answer = register(client, **fields)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in text.split(f'id="{name}-error"')[1].split("</p>")[0]
    assert PASSWORD not in text
    assert queries.find("lin@example.com") is None


def test_a_taken_user_name_is_a_field_error(client):
    taken = make_user("linwan")
    text = register(client, username=taken.username.upper()).get_data(as_text=True)
    assert "Somebody has this user name already" in text
    assert 'value="lin@example.com"' in text


def test_roles_come_from_the_server_only(client):
    register(client, is_operator="1", confirmed="1", role="owner")
    user = queries.find("linwan")
    assert user is not None
    assert not user.is_operator
    assert user.confirmed_at is None


def test_somebody_signed_in_is_led_on(mine):
    assert mine.get("/en/register").location == "/en/account"


class TestFromACheckout:
    @pytest.fixture
    def bought(self, app):
        return place_order(store_with_goods().variant)

    def test_one_password_makes_an_account_with_the_order_in_it(self, client, bought):
        answer = register(client, username="", email="new.buyer@example.com", checkout=bought.token)
        assert answer.status_code == 303
        go_in(client, "new.buyer@example.com")
        assert bought.number in page(client, "/en/account/orders")
        assert queries.find("new.buyer@example.com").username == "new.buyer"

    def test_a_taken_user_name_gets_a_variation(self, client, bought):
        make_user("new.buyer", email="another@example.com")
        register(client, username="", email="new.buyer@example.com", checkout=bought.token)
        assert queries.find("new.buyer@example.com").username.startswith("new.buyer-")

    def test_a_refused_password_keeps_the_checkout(self, client, bought):
        answer = register(client, "", "b@example.com", "short", checkout=bought.token)
        assert f'value="{bought.token}"' in answer.get_data(as_text=True)

    def test_an_order_with_an_owner_stays_with_them(self, client, bought):
        register(client, username="", email="first@example.com", checkout=bought.token)
        register(client, username="", email="second@example.com", checkout=bought.token)
        owner = db.session.get_one(Order, bought.order).user_id
        assert owner == queries.find("first@example.com").id

    def test_a_made_up_token_brings_nothing(self, client):
        answer = register(client, username="", email="b@example.com", checkout="x" * 32)
        assert answer.status_code == 303
