"""The counter: looking a code up, using it in part, taking back, extending it."""

from datetime import timedelta

import pytest

from shop.catalog import terms
from shop.core import clock, ids
from shop.core.db import db
from shop.core.transaction import transaction
from shop.order import queries
from tests.factories.orders import paid_order, store_with_goods
from tests.web.admin.conftest import staff_of


@pytest.fixture
def goods_of_till(app):
    """A store that sells a five-visit card."""
    goods = store_with_goods(stock=None, kind="service", product={"validity_days": 30})
    with transaction():
        terms.change(goods.products[0].id, terms.Terms(uses=5))
    return goods


@pytest.fixture
def till(goods_of_till, sign_in):
    """The browser at its counter, and the code of a card with its order."""
    goods = goods_of_till
    placed = paid_order(goods.variant)
    code = queries.order_page(placed.number, "en").lines[0].codes[0].code
    db.session.rollback()
    return sign_in(staff_of(goods.store_id)), code, placed


def text(answer):
    return answer.get_data(as_text=True)


def sent(**data):
    return {"key": ids.token(), **data}


def test_a_code_is_looked_up_and_used_in_part(till, stranger):
    browser, code, placed = till
    typed = code.lower().replace("-", " ")
    page = browser.get("/en/admin/redeem", query_string={"code": typed})
    assert page.status_code == 200
    for shown in (code, placed.number, placed.form.contact.name, "of 5"):
        assert shown in text(page)
    for wrong in ("", "AAAA-BBBB-CCCC"):
        assert browser.get("/en/admin/redeem", query_string={"code": wrong}).status_code == 422
    foreign = stranger.get("/en/admin/redeem", query_string={"code": code})
    assert foreign.status_code == 422
    assert placed.number not in text(foreign)
    assert stranger.post("/en/admin/redeem", data=sent(code=code, uses=1)).status_code == 422
    form = sent(code=code, uses="2", note="Hall B")
    answer = browser.post("/en/admin/redeem", data=form)
    assert answer.status_code == 303
    assert browser.post("/en/admin/redeem", data=form).status_code == 303  # a second press
    page = text(browser.get(answer.location))
    assert "3 visits are left." in page
    assert "Hall B" in page
    too_many = browser.post("/en/admin/redeem", data=sent(code=code, uses="4", note="Hall C"))
    assert too_many.status_code == 422
    assert "Only 3 are left" in text(too_many)
    assert 'value="Hall C"' in text(too_many)
    rest = browser.post("/en/admin/redeem", data=sent(code=code, uses="1", all="3"))
    assert rest.status_code == 303
    assert "used up" in text(browser.get("/en/admin/redeem", query_string={"code": code}))
    again = browser.post("/en/admin/redeem", data=sent(code=code, uses="1"))
    assert again.status_code == 409


def test_a_use_is_taken_back_and_a_code_extended(till, goods_of_till):
    browser, code, _ = till
    answer = browser.post("/en/admin/redeem", data=sent(code=code, uses="5"))
    use = answer.location.rpartition("done=")[2]
    back = {"use": use, "code": code}
    assert browser.post("/en/admin/redeem/reversal", data=back).status_code == 303
    assert browser.post("/en/admin/redeem/reversal", data=back).status_code == 409
    with clock.at(clock.now() - timedelta(days=40)):
        old = paid_order(goods_of_till.variant)
    code = queries.order_page(old.number, "en").lines[0].codes[0].code
    db.session.rollback()
    ended = browser.get("/en/admin/redeem", query_string={"code": code})
    assert "This code ended on" in text(ended)
    until = f"{clock.now() + timedelta(days=60):%Y-%m-%d}"
    for wrong in (
        sent(code=code, until="tomorrow", reason="Was ill"),
        sent(code=code, until="2020-01-01", reason="Was ill"),
        sent(code=code, until=until, reason=""),
    ):
        refused = browser.post("/en/admin/redeem/extension", data=wrong)
        assert refused.status_code == 422
        assert wrong["until"] in text(refused)
    right = sent(code=code, until=until, reason="Was ill")
    assert browser.post("/en/admin/redeem/extension", data=right).status_code == 303
    assert browser.post("/en/admin/redeem", data=sent(code=code, uses="1")).status_code == 303


def test_the_terms_of_a_service_are_set_beside_its_editor(till):
    browser, _, placed = till
    product = queries.order_page(placed.number, "en").lines[0].product_id
    from shop.catalog.models import Product

    public_id = db.session.get_one(Product, product).public_id
    path = f"/en/admin/products/{public_id}/terms"
    wrong = browser.post(path, data={"uses": "0", "remind_days": "3"})
    assert wrong.status_code == 422
    assert "Write a whole number from 1 to 1000." in text(wrong)
    assert browser.post(path, data={"uses": "12", "remind_days": ""}).status_code == 303
    db.session.rollback()
    assert terms.of(product) == terms.Terms(uses=12, remind_days=0)
