"""The coupons centre: what a guest sees, what a member claims, keeps and has used."""

from datetime import timedelta

import pytest

from shop.campaigns import queries, services
from shop.core import clock
from shop.core.transaction import transaction
from tests.factories.campaigns import make_bare_checkout, make_coupon
from tests.factories.stores import make_store
from tests.factories.users import Person, make_user
from tests.web.catalog.browsing import PARTIAL, page, signed_in, words


@pytest.fixture
def person(app) -> Person:
    return make_user()


@pytest.fixture
def member(app, person):
    return signed_in(app, person)


def public_id(coupon_id: int) -> str:
    found = queries.listed_coupons(None, None, clock.now(), "en")
    return next(coupon.public_id for coupon in found if coupon.id == coupon_id)


def test_a_guest_sees_codes_and_is_led_to_sign_in(client, app):
    make_coupon(code="FIRST30", threshold_minor=20000)
    html = page(client, "/en/coupons")
    text = words(html)
    assert "¥30 over ¥200" in text
    assert 'data-copy="FIRST30"' in html
    assert "/en/sign-in?next=/en/coupons" in html
    assert "no-store" in client.get("/en/coupons").headers["Cache-Control"]
    assert "Mine" not in text
    assert page(client, "/en/coupons?tab=mine") != ""


def test_with_nothing_to_claim_it_says_so(client, member):
    for browser in (client, member):
        assert "nothing to claim at the moment" in page(browser, "/en/coupons")
    assert "wait here until you use them" in page(member, "/en/coupons?tab=mine")
    assert "are kept here" in page(member, "/en/coupons?tab=over")


def test_percentages_are_written_as_each_language_does(client, app):
    make_coupon(kind="percentage", value=1500, threshold_minor=9900)
    make_coupon(kind="percentage", value=1250)
    text = words(page(client, "/en/coupons"))
    assert "15% off over ¥99" in text
    assert "12.5% off any order" in text


def test_claiming_in_place_turns_the_ticket(member, person):
    coupon = make_coupon(code="FIRST30")
    response = member.post(f"/en/coupons/{public_id(coupon)}/claim", headers=PARTIAL)
    html = response.get_data(as_text=True)
    assert html.strip().startswith("<li") or '<li class="ticket"' in html
    assert "Use now" in html
    assert 'action="/en/cart/coupon"' in html
    assert "The coupon is yours." in response.headers["HX-Trigger"]
    assert "<html" not in html
    assert len(queries.coupons_of(person.id, clock.now(), "en")) == 1


def test_claiming_without_scripts_leads_to_ones_own(member):
    coupon = make_coupon(code="FIRST30")
    address = f"/en/coupons/{public_id(coupon)}/claim"
    for _ in range(2):  # twice is harmless
        sent = member.post(address)
        assert (sent.status_code, sent.location) == (303, "/en/coupons?tab=mine")
    html = page(member, "/en/coupons?tab=mine")
    assert "Welcome" in words(html)
    assert "Use now" in html
    assert "nothing to claim" in page(member, "/en/coupons")


def test_a_guest_cannot_claim(client, app):
    coupon = make_coupon()
    address = f"/en/coupons/{public_id(coupon)}/claim"
    assert "/en/sign-in" in client.post(address).location
    assert "/en/sign-in" in client.post(address, headers=PARTIAL).headers["HX-Redirect"]


def test_what_is_not_given_out_is_not_found(member):
    make_coupon(code="SECRET", listed=False)
    assert member.post("/en/coupons/nonsense/claim").status_code == 404
    assert "SECRET" not in page(member, "/en/coupons")


def test_a_coupon_that_ended_meanwhile_says_so(member):
    coupon = make_coupon()
    address = f"/en/coupons/{public_id(coupon)}/claim"
    with transaction():
        services.end_coupon(coupon, actor="test")
    response = member.post(address)
    assert response.status_code == 409
    assert "This coupon has ended." in response.get_data(as_text=True)


def test_used_and_ended_coupons_move_to_the_last_tab(member, person):
    used, ended = make_coupon(titles={"en": "Spent"}), make_coupon(titles={"en": "Late"})
    with transaction():
        services.claim(used, person.id)
        services.claim(ended, person.id)
    store = make_store()
    checkout, orders = make_bare_checkout(store, user_id=person.id)
    with transaction():
        services.redeem(
            used, checkout, [queries.customer_key_user(person.id)], 3000, {orders[0]: 3000}
        )
        services.end_coupon(ended, actor="test")
    text = words(page(member, "/en/coupons?tab=over"))
    assert "Spent" in text
    assert "Late" in text
    assert "Used" in text
    assert "Over" in text
    assert "Use now" not in text
    assert "Spent" not in words(page(member, "/en/coupons"))


def test_how_many_are_gone_is_told_once_some_are(client, app):
    coupon = make_coupon(total_limit=10)
    assert "of 10 used" not in page(client, "/en/coupons")
    checkout, orders = make_bare_checkout(make_store())
    with transaction():
        services.redeem(coupon, checkout, ["c:1"], 3000, {orders[0]: 3000})
    assert "1 of 10 used" in words(page(client, "/en/coupons"))


def test_the_store_is_named_when_there_are_several(client, app):
    store = make_store("songjian")
    ends = clock.now() + timedelta(days=3)
    make_coupon(store, ends_at=ends)
    assert "Everything, until" in words(page(client, "/en/coupons"))
    make_store("harrow")
    assert "Songjian, until" in words(page(client, "/en/coupons"))


def test_looking_writes_nothing(member, statements):
    make_coupon()
    statements.clear()
    page(member, "/en/coupons?tab=mine")
    assert not statements.writes
