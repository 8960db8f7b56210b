"""Signing in and out: sessions, where it leads, what it tells."""

import json
import re
from datetime import timedelta

import pytest
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

from shop.account import services
from shop.cart import queries as carts
from shop.cart import services as cart_services
from shop.cart.owner import Owner
from shop.core import clock, ids
from shop.core.transaction import transaction
from shop.store import services as stores
from tests.factories.orders import store_with_goods
from tests.factories.users import PASSWORD, make_user
from tests.web.account.conftest import go_in, is_in, page, visible


def cookie(browser, app):
    return browser.get_cookie(app.config["SESSION_COOKIE_NAME"]).value


def contents(app, value) -> dict:
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert isinstance(serializer, URLSafeTimedSerializer)
    return serializer.loads(value)


@pytest.mark.parametrize("login", ("{0.username}", "{0.email}", "  {0.username} "))
def test_a_user_name_or_an_email_opens_the_account(client, person, login):
    answer = go_in(client, login.format(person))
    assert (answer.status_code, answer.location) == (303, "/en/account")
    assert person.username in page(client, "/en/account")


def test_the_form_posts_without_scripts_and_keeps_what_was_typed(client, person):
    answer = go_in(client, person.username, "not this one", next="/en/coupons")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f'value="{person.username}"' in text
    assert 'name="next" type="hidden" value="/en/coupons"' in text
    assert "not this one" not in text
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_nobody_learns_who_has_an_account(client, person):
    closed = make_user()
    with transaction():
        services.disable(closed.id)
    pages = set()
    for login, password in (
        (person.username, "wrong"),
        ("nobody", "wrong"),
        ("nobody@example.com", "wrong"),
        (closed.username, PASSWORD),
    ):
        answer = go_in(client, login, password)
        assert answer.status_code == 422
        pages.add(visible(answer).replace(f'value="{login}"', ""))
    assert len(pages) == 1


def test_signing_in_begins_a_new_session(app, client, person):
    page(client, "/en/sign-in")
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    before = cookie(client, app)
    go_in(client, person.username)
    assert cookie(client, app) != before
    assert "planted" not in contents(app, cookie(client, app))
    assert len(contents(app, cookie(client, app))["_user_id"]) >= 43  # 256 bits


def test_the_cookie_holds_a_token_and_nothing_of_the_person(app, mine, person):
    kept = json.dumps(contents(app, cookie(mine, app)))
    assert person.email not in kept
    assert person.username not in kept
    assert person.public_id not in kept


def test_signing_out_ends_a_copied_cookie(app, mine):
    name, copied = app.config["SESSION_COOKIE_NAME"], cookie(mine, app)
    answer = mine.post("/en/sign-out")
    assert answer.status_code == 303
    assert not is_in(mine)
    thief = app.test_client()
    thief.set_cookie(name, copied)
    assert not is_in(thief)


def devices(browser):
    """Path of revocation by whether it is the browser's own."""
    rows = page(browser, "/en/account/sessions").split('<li id="device-')[1:]
    return {"This device" in row: re.search(r'action="(\S+/revocation)"', row)[1] for row in rows}


def test_a_revoked_session_ends_at_once(enter, person):
    here, there = enter(person.username), enter(person.username)
    found = devices(here)
    assert len(found) == 2
    assert here.post(found[False]).location == "/en/account/sessions"
    assert is_in(here)
    assert not is_in(there)
    assert here.post(found[True]).location == "/en/sign-in"
    assert not is_in(here)


def test_another_persons_session_cannot_be_revoked(enter, mine):
    other = make_user()
    theirs = enter(other.username)
    assert mine.post(devices(theirs)[True]).status_code == 404
    assert is_in(theirs)


def test_a_closed_account_is_out_at_its_next_request(mine, person):
    with transaction():
        services.disable(person.id)
    assert not is_in(mine)


@pytest.mark.parametrize(
    "target",
    (
        "//evil.example",
        "https://evil.example/en/account",
        "/\\evil.example",
        "\\\\evil.example",
        "/\tevil",
        "/x\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
        "evil.example",
    ),
)
def test_it_leads_to_own_paths_only(client, person, target):
    assert go_in(client, person.username, next=target).location == "/en/account"
    again = client.get("/en/sign-in", query_string={"next": target})
    assert again.location == "/en/account"
    with_htmx = client.post(
        "/en/sign-in",
        data={"login": person.username, "password": PASSWORD, "next": target},
        headers={"HX-Request": "true", "HX-Request-Type": "partial"},
    )
    assert with_htmx.headers["HX-Redirect"] == "/en/account"


def test_it_leads_back_to_where_one_wanted_to_go(client, person):
    asked = client.get("/en/account/orders?tab=to-pay")
    assert asked.status_code == 303
    form = client.get(asked.location).get_data(as_text=True)
    assert 'value="/en/account/orders?tab=to-pay"' in form
    answer = go_in(client, person.username, next="/en/account/orders?tab=to-pay")
    assert answer.location == "/en/account/orders?tab=to-pay"


def test_merchants_and_operators_come_to_their_desk(client, app, person):
    goods = store_with_goods()
    with transaction():
        stores.add_staff(goods.store_id, person.id, "staff")
    assert go_in(client, person.username).location == "/en/admin"
    operator = make_user(is_operator=True)
    assert go_in(app.test_client(), operator.username).location == "/en/admin"


def test_a_guests_cart_comes_along(client, person):
    goods = store_with_goods(products=2)
    token = ids.token()
    with transaction():
        cart_services.add(Owner(token=token), goods.variants[0], 2)
        cart_services.add(Owner(user_id=person.id), goods.variants[1], 1)
    client.set_cookie("cart", token)
    go_in(client, person.username)
    assert carts.count(Owner(user_id=person.id)) == 3
    assert carts.count(Owner(token=token)) == 0
    assert client.get_cookie("cart") is None


def test_a_session_in_use_is_noted_without_a_write(mine, monkeypatch, statements):
    noted = []
    monkeypatch.setattr("shop.jobs.seen.note", noted.append)
    assert is_in(mine)
    assert noted == []
    statements.clear()
    with clock.at(clock.now() + timedelta(minutes=6)):
        assert is_in(mine)
    assert len(noted) == 1
    assert statements.writes == []


def test_an_idle_session_ends(app, mine):
    with clock.at(clock.now() + app.config["SESSION_IDLE"] + timedelta(minutes=1)):
        assert not is_in(mine)


def test_a_form_from_elsewhere_is_refused(app, client, person):
    app.config["WTF_CSRF_ENABLED"] = True
    assert go_in(client, person.username).status_code == 400
    app.config["WTF_CSRF_ENABLED"] = False
    assert not is_in(client)


def test_forged_and_broken_cookies_are_nobody(app, client):
    for value in ("", "x", "eyJfdXNlcl9pZCI6IjEifQ.aaaa.bbbb", "\N{DEGREE SIGN}"):
        client.set_cookie(app.config["SESSION_COOKIE_NAME"], value)
        assert not is_in(client)


@pytest.mark.parametrize("lang", ("en", "zh"))
@pytest.mark.parametrize("path", ("sign-in", "register", "forgot-password"))
def test_the_door_speaks_both_languages(client, lang, path):
    text = page(client, f"/{lang}/{path}")
    assert 'method="post"' in text
    assert 'name="csrf_token"' in text
    assert "style=" not in text
    assert "hx-on" not in text
