"""Gift cards and balances at checkout, with and without scripts."""

import re
from types import SimpleNamespace

from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy import select

from shop.core.db import db
from shop.order.models import Order
from shop.web.order import cards
from tests.factories.cards import card, code_of, give_balance, make_card
from tests.web.order.conftest import ENGLISH, checkout, put
from tests.web.order.markup import form_of


def button(page: str) -> str:
    """What the button at the end says."""
    end = page[page.index('id="place"') :]
    return re.sub(r"<[^>]+>", "", end[: end.index("</button>")].partition(">")[2]).strip()


def quoted(browser, fields, **more):
    """The page after «Apply»; returns its text."""
    return browser.post("/en/checkout/quote", data=fields | more).get_data(as_text=True)


def filled(browser, **more):
    return form_of(checkout(browser)) | ENGLISH | more


def last_order() -> Order:
    db.session.rollback()
    return db.session.scalars(select(Order).order_by(Order.id.desc())).first()


def test_the_button_says_what_the_card_leaves_and_that_is_what_is_paid(buyer, goods):
    name = make_card(goods.store_id, 5000)
    page = quoted(buyer, filled(buyer, card=code_of(name).lower()), do="card")
    assert f"Gift card …{code_of(name)[-4:]} pays ¥50" in page
    assert button(page) == "Pay ¥58.00"
    answer = buyer.post("/en/checkout", data=form_of(page))
    waiting = buyer.get(answer.headers["Location"]).get_data(as_text=True)
    assert "¥58.00" in waiting
    assert "¥50.00 of ¥108.00 are paid by gift card or balance." in waiting
    assert (last_order().payment_state, card(name).balance_minor) == ("partly_paid", 0)


def test_a_code_that_was_only_typed_is_shown_before_anything_is_placed(buyer, goods):
    name = make_card(goods.store_id, 5000)
    page = buyer.post("/en/checkout", data=filled(buyer, card=code_of(name))).get_data(as_text=True)
    assert button(page) == "Pay ¥58.00"
    assert last_order() is None
    taken_out = quoted(buyer, form_of(page), do="no-card")
    assert button(taken_out) == "Pay ¥108.00"


def test_a_card_that_covers_everything_asks_for_no_gateway(buyer, goods):
    name = make_card(goods.store_id, 20000)
    page = quoted(buyer, filled(buyer, card=code_of(name)), do="card")
    assert button(page) == "Place order"
    assert "Nothing is left to be paid." in page
    answer = buyer.post("/en/checkout", data=form_of(page))
    thanks = buyer.get(answer.headers["Location"]).get_data(as_text=True)
    assert "Paid with Gift card or balance" in thanks
    assert (last_order().payment_state, card(name).balance_minor) == ("paid", 9200)


def test_a_wrong_code_is_said_beside_its_field_and_guesses_are_counted(monkeypatch, buyer, goods):
    page = quoted(buyer, filled(buyer, card="AAAA-BBBB-CCCC-DDDD"), do="card")
    assert "There is no gift card with this code." in page
    assert 'value="AAAA-BBBB-CCCC-DDDD"' in page
    assert button(page) == "Pay ¥108.00"
    placed = buyer.post("/en/checkout", data=form_of(page))
    assert placed.status_code == 422
    good = code_of(make_card(goods.store_id, 5000))
    counting = SimpleNamespace(enabled=True, limiter=FixedWindowRateLimiter(MemoryStorage()))
    monkeypatch.setattr(cards, "limiter", counting)
    form = filled(buyer)
    assert "pays ¥50" in quoted(buyer, form, card=good, do="card")
    for _ in range(11):
        page = quoted(buyer, form, card="AAAA-BBBB-CCCC-DDDD", do="card")
    assert "Too many codes that do not exist." in page
    # What pretends to have been shown is not looked at, either.
    sent = buyer.post("/en/checkout", data=form | {"card": good, "card_shown": good})
    assert "Too many codes" in sent.get_data(as_text=True)
    assert last_order() is None


def test_a_member_ticks_the_balance(person, enter, alipay, goods):
    balance = give_balance(goods.store_id, person.id, 3000)
    browser = enter(person.username)
    put(browser, goods.variant)
    page = checkout(browser)
    assert "Use my balance of ¥30.00" in page
    page = quoted(browser, form_of(page) | ENGLISH, use_balance="y", do="update")
    assert button(page) == "Pay ¥78.00"
    answer = browser.post("/en/checkout", data=form_of(page))
    assert answer.status_code == 303
    assert card(balance).balance_minor == 0
