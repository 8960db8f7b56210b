"""From the cart to the order, as a guest and with an account, in both languages."""

import re

import pytest
from sqlalchemy import func, select

from shop.account import queries as accounts
from shop.core.db import db
from shop.core.transaction import transaction
from shop.inventory import services as inventory
from shop.order.models import Order, OrderContact
from tests.factories.campaigns import make_coupon, used
from tests.factories.orders import available, store_with_goods
from tests.web.order.conftest import CHINESE, ENGLISH, HTMX, checkout, put
from tests.web.order.markup import errors, form_of, heading, shown_fields


def orders() -> list[Order]:
    db.session.rollback()
    return list(db.session.scalars(select(Order).order_by(Order.id)))


def contact(order: Order) -> OrderContact:
    return db.session.scalars(select(OrderContact).where(OrderContact.order_id == order.id)).one()


def filled(browser, fields, lang="en", **more):
    return form_of(checkout(browser, lang)) | fields | more


def kept(form: dict[str, str]) -> dict[str, str]:
    """What a form has kept: its token is signed anew every second."""
    return {name: value for name, value in form.items() if name != "csrf_token"}


def test_an_empty_cart_has_nothing_to_check_out(client):
    answer = client.get("/en/checkout")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/en/cart")


def test_a_guest_buys_in_english(buyer, goods):
    page = checkout(buyer)
    assert len([name for name in shown_fields(page) if name not in {"code", "card"}]) <= 8
    answer = buyer.post("/en/checkout", data=filled(buyer, ENGLISH))
    assert answer.status_code == 303
    assert "/en/pay/" in answer.headers["Location"]
    [order] = orders()
    assert (order.total_minor, order.method, order.locale) == (10800, "alipay", "en")
    to = contact(order)
    assert (to.name, to.email, to.city, to.postcode) == (
        "Emma Fischer",
        "emma@example.com",
        "Shanghai",
        "200050",
    )
    assert (to.phone, to.note, to.province) == ("+8613800001234", "Ring twice", "")
    assert available(goods.variant) == 9


def test_a_guest_buys_in_chinese_with_a_phone_alone(buyer):
    page = checkout(buyer, "zh")
    names = shown_fields(page)
    regions = {"province", "city", "district"}
    assert regions <= set(names)
    assert len([n for n in names if n not in regions | {"country", "code", "card"}]) <= 4
    answer = buyer.post("/zh/checkout", data=filled(buyer, CHINESE, "zh"))
    assert "/zh/pay/" in answer.headers["Location"]
    to = contact(orders()[0])
    assert (to.province, to.city, to.district, to.email) == ("浙江省", "杭州市", "西湖区", "")


def test_cash_on_delivery_leads_straight_to_the_thanks(buyer):
    page = buyer.post("/en/checkout/quote", data=filled(buyer, ENGLISH, method="cod")).get_data(
        as_text=True
    )
    assert "on delivery" in page[page.index('id="place"') :]
    answer = buyer.post("/en/checkout", data=filled(buyer, ENGLISH, method="cod"))
    where = answer.headers["Location"]
    assert re.fullmatch(r"/en/checkout/[\w-]+", where)
    thanks = buyer.get(where).get_data(as_text=True)
    assert heading(thanks) == "Thank you, Emma Fischer"
    assert orders()[0].number in thanks
    assert orders()[0].expires_at is None


@pytest.mark.parametrize("lang", ("en", "zh"))
def test_nothing_typed_is_lost_when_something_is_wrong(buyer, lang):
    wrong = {
        "en": ENGLISH | {"email": "emma@", "phone": "12", "postcode": "20005", "city": ""},
        "zh": CHINESE | {"phone": "138 0000 12", "district": "", "note": "轻放"},
    }[lang]
    before = filled(buyer, wrong, lang, method="cod")
    answer = buyer.post(f"/{lang}/checkout", data=before)
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert form_of(page) == before | {"csrf_token": form_of(page).get("csrf_token")}
    assert 'class="form-errors"' in page
    if lang == "en":
        assert "A postcode here has 6 digits" in errors(page)
    assert orders() == []
    mended = {"en": ENGLISH, "zh": CHINESE | {"note": "轻放"}}[lang]
    again = buyer.post(f"/{lang}/checkout", data=form_of(page) | mended)
    assert again.status_code == 303


def test_every_error_leads_to_its_field(buyer):
    for lang in ("en", "zh"):
        page = buyer.post(f"/{lang}/checkout", data={"country": "CN"}).get_data(as_text=True)
        summary = page[page.index('class="form-errors"') :]
        targets = re.findall(r'<li><a href="#([^"]+)"', summary)
        assert len(targets) >= 4
        for target in targets:
            assert re.search(rf'<(?:input|select)[^>]* id="{target}"', page), target


def test_the_form_alone_answers_htmx(buyer):
    answer = buyer.post("/en/checkout", data=filled(buyer, ENGLISH, email=""), headers=HTMX)
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert page.strip().startswith("<div")
    assert "<html" not in page
    done = buyer.post("/en/checkout", data=filled(buyer, ENGLISH), headers=HTMX)
    assert (done.status_code, "/en/pay/" in done.headers["HX-Redirect"]) == (200, True)


def test_a_second_press_makes_no_second_order(buyer):
    form = filled(buyer, ENGLISH)
    first = buyer.post("/en/checkout", data=form)
    second = buyer.post("/en/checkout", data=form)
    assert first.headers["Location"] == second.headers["Location"]
    assert len(orders()) == 1


def test_another_browser_learns_nothing_from_a_used_key(app, buyer):
    form = filled(buyer, ENGLISH)
    buyer.post("/en/checkout", data=form)
    stranger = app.test_client()
    answer = stranger.post("/en/checkout", data=form)
    assert answer.headers["Location"] == "/en/cart"


def test_a_form_out_of_the_history_is_a_new_order_after_one_look(buyer, goods):
    form = filled(buyer, ENGLISH)
    buyer.post("/en/checkout", data=form)
    put(buyer, goods.variants[1])
    answer = buyer.post("/en/checkout", data=form | {"note": "Another one"})
    assert answer.status_code == 409
    page = answer.get_data(as_text=True)
    assert form_of(page)["key"] != form["key"]
    assert buyer.post("/en/checkout", data=form_of(page)).status_code == 303
    assert len(orders()) == 2


def test_a_total_that_moved_is_shown_before_it_is_charged(buyer, goods):
    form = filled(buyer, ENGLISH)
    put(buyer, goods.variants[1])  # in another tab
    answer = buyer.post("/en/checkout", data=form)
    assert answer.status_code == 409
    page = answer.get_data(as_text=True)
    assert "¥108.00" in page
    assert "¥208.00" in page
    assert "Nothing was ordered yet" in page
    assert orders() == []
    kept = form_of(page)
    assert kept["street"] == ENGLISH["street"]
    assert kept["key"] == form["key"]
    assert kept["expected_total"] == "20800"
    assert buyer.post("/en/checkout", data=kept).status_code == 303
    assert orders()[0].total_minor == 20800


def test_what_sold_out_meanwhile_leads_back_to_the_cart(buyer, goods):
    form = filled(buyer, ENGLISH)
    with transaction():
        inventory.set_on_hand(goods.variant, goods.location_id, 0, reason="counted", actor="test")
    answer = buyer.post("/en/checkout", data=form)
    assert answer.status_code == 409
    page = answer.get_data(as_text=True)
    assert 'href="/en/cart"' in page[page.index('class="note note--warn changed"') :][:400]
    assert form_of(page)["name"] == "Emma Fischer"
    assert orders() == []
    assert buyer.get("/en/checkout").headers["Location"] == "/en/cart"


def test_one_order_per_store_under_one_payment(buyer, goods):
    other = store_with_goods(price_minor=5000, flat_delivery_minor=0)
    put(buyer, other.variant)
    buyer.post("/en/checkout", data=filled(buyer, ENGLISH, expected_total="15800"))
    assert [order.total_minor for order in orders()] == [10800, 5000]
    assert len({order.checkout_id for order in orders()}) == 1


def test_another_country_asks_for_what_it_needs(buyer):
    form = filled(buyer, ENGLISH, country="US")
    page = buyer.post("/en/checkout/quote", data=form).get_data(as_text=True)
    assert kept(form_of(page)) == kept(form) | {"province": ""}
    assert '<option value="CA">California</option>' in page
    assert buyer.post("/en/checkout", data=form_of(page)).status_code == 422
    good = form_of(page) | {"province": "CA", "postcode": "90210", "phone": "+1 310 555 2368"}
    assert buyer.post("/en/checkout", data=good | {"phone": ""}).status_code == 303
    assert contact(orders()[0]).province == "CA"
    assert contact(orders()[0]).phone == ""


def test_what_a_country_does_not_ask_for_is_kept_for_the_next(buyer):
    form = filled(buyer, ENGLISH, country="SG")
    page = buyer.post("/en/checkout/quote", data=form).get_data(as_text=True)
    assert "city" not in shown_fields(page)
    assert form_of(page)["city"] == "Shanghai"
    sent = buyer.post("/en/checkout", data=form_of(page) | {"postcode": "546080", "phone": ""})
    assert sent.status_code == 303
    assert contact(orders()[0]).city == ""


def test_the_regions_follow_one_another(buyer):
    form = filled(buyer, {"province": "浙江省", "name": "林"}, "zh")
    page = buyer.post("/zh/checkout/quote", data=form).get_data(as_text=True)
    assert ">杭州市</option>" in page
    assert form_of(page)["name"] == "林"
    form = form_of(page) | {"city": "杭州市"}
    page = buyer.post("/zh/checkout/quote", data=form).get_data(as_text=True)
    assert ">西湖区</option>" in page
    form = form_of(page) | {"district": "西湖区", "province": "上海市"}
    page = buyer.post("/zh/checkout/quote", data=form).get_data(as_text=True)
    kept = form_of(page)
    assert (kept["province"], kept["city"], kept["district"]) == ("上海市", "", "")
    page = buyer.post("/zh/checkout/quote", data=kept | {"city": "长宁区"}).get_data(as_text=True)
    assert "district" not in shown_fields(page)  # Shanghai has no third level


def test_a_pasted_address_is_sorted_into_the_fields(buyer):
    text = "林知远 13800001234 上海市长宁区愚园路 1209 号 3 室"
    form = filled(buyer, {"paste": text, "email": "lin@example.com"}, "zh", do="paste")
    page = buyer.post("/zh/checkout", data=form).get_data(as_text=True)
    kept = form_of(page)
    assert (kept["name"], kept["province"], kept["city"]) == ("林知远", "上海市", "长宁区")
    assert (kept["street"], kept["email"], kept["paste"]) == (
        "愚园路1209号3室",
        "lin@example.com",
        "",
    )
    assert buyer.post("/zh/checkout", data=kept).status_code == 303
    assert contact(orders()[0]).phone == "+8613800001234"


def test_a_paste_without_an_address_says_so_and_stays(buyer):
    form = filled(buyer, {"paste": "?!", "name": "林"}, "zh", do="paste")
    page = buyer.post("/zh/checkout", data=form).get_data(as_text=True)
    assert form_of(page)["paste"] == "?!"
    assert form_of(page)["name"] == "林"
    assert 'id="paste-error"' in page


def test_a_coupon_is_taken_and_given_back_without_losing_the_form(buyer):
    coupon = make_coupon(code="TEA30", value=3000)
    form = filled(buyer, ENGLISH, code="tea30")
    page = buyer.post("/en/checkout", data=form | {"do": "coupon"}).get_data(as_text=True)
    kept = form_of(page)
    assert kept["expected_total"] == "7800"
    assert kept["street"] == ENGLISH["street"]
    assert "You save ¥30" in page
    page = buyer.post("/en/checkout", data=kept | {"do": "no-coupon"}).get_data(as_text=True)
    assert form_of(page)["expected_total"] == "10800"
    page = buyer.post("/en/checkout", data=form_of(page) | {"code": "TEA30"}).get_data(as_text=True)
    assert orders() == []  # a code that was typed and not applied yet: first the new total
    assert buyer.post("/en/checkout", data=form_of(page)).status_code == 303
    assert used(coupon) == 1
    assert orders()[0].total_minor == 7800


def test_a_coupon_that_does_not_count_says_why(buyer):
    form = filled(buyer, ENGLISH, code="NOPE", do="coupon")
    page = buyer.post("/en/checkout", data=form).get_data(as_text=True)
    assert "We do not know this code" in errors(page)
    assert form_of(page)["code"] == "NOPE"
    assert form_of(page)["name"] == "Emma Fischer"


def test_return_in_a_field_does_not_place_an_order(buyer):
    page = checkout(buyer)
    first = re.search(r"<button[^>]*>", page[page.index('id="checkout-form"') :])
    assert first
    assert 'name="do"' in first[0]
    answer = buyer.post("/en/checkout", data=filled(buyer, ENGLISH, do="update"))
    assert answer.status_code == 200
    assert orders() == []


def test_what_travels_in_no_parcel_needs_no_address(client, alipay):
    digital = store_with_goods(kind="service", stock=None, price_minor=5000)
    put(client, digital.variant)
    page = checkout(client)
    assert "street" not in form_of(page)
    fields = {"email": "emma@example.com", "name": "Emma"}
    assert client.post("/en/checkout", data=form_of(page) | fields).status_code == 303
    assert orders()[0].delivery_minor == 0


def test_who_is_signed_in_presses_once(enter, person, goods, alipay):
    browser = enter(person.username)
    browser.post("/zh/account/addresses", data=CHINESE)
    browser.post("/zh/account/addresses", data=CHINESE | {"street": "古墩路 2 号"})
    put(browser, goods.variant)
    page = checkout(browser)
    assert set(shown_fields(page)) <= {"code", "card"}
    assert browser.post("/en/checkout", data=form_of(page)).status_code == 303
    [order] = orders()
    assert order.user_id == person.id
    assert (contact(order).street, contact(order).email) == ("文三路 90 号 502", person.email)


def test_another_entry_of_the_book_is_one_press_away(enter, person, goods, alipay):
    browser = enter(person.username)
    browser.post("/zh/account/addresses", data=CHINESE)
    browser.post("/zh/account/addresses", data=CHINESE | {"street": "古墩路 2 号"})
    second = accounts.addresses(person.id)[1]
    put(browser, goods.variant)
    form = form_of(checkout(browser, "zh")) | {"address": second.public_id}
    assert browser.post("/zh/checkout", data=form).status_code == 303
    assert contact(orders()[0]).street == "古墩路 2 号"


def test_nobody_sends_to_an_address_of_somebody_else(enter, person, goods, alipay, app):
    from tests.factories.users import make_user

    other = make_user()
    enter(other.username).post("/zh/account/addresses", data=CHINESE)
    theirs = accounts.addresses(other.id)[0]
    browser = enter(person.username)
    put(browser, goods.variant)
    form = form_of(checkout(browser)) | {"address": theirs.public_id}
    answer = browser.post("/en/checkout", data=form)
    assert answer.status_code == 422
    assert theirs.street not in answer.get_data(as_text=True)


def test_a_typed_address_is_kept_when_asked(enter, person, goods, alipay):
    browser = enter(person.username)
    put(browser, goods.variant)
    form = form_of(checkout(browser)) | ENGLISH
    assert form["save_address"] == "y"  # nothing is in the book yet
    browser.post("/en/checkout", data=form)
    [row] = accounts.addresses(person.id)
    assert (row.street, row.is_default) == (ENGLISH["street"], True)
    put(browser, goods.variant)
    form = form_of(checkout(browser)) | ENGLISH | {"address": "new", "street": "Elsewhere 1"}
    browser.post("/en/checkout", data=form)
    assert len(accounts.addresses(person.id)) == 1
    assert len(orders()) == 2


def test_the_way_of_last_time_is_chosen(enter, person, goods, alipay):
    browser = enter(person.username)
    put(browser, goods.variant)
    browser.post("/en/checkout", data=form_of(checkout(browser)) | ENGLISH | {"method": "cod"})
    put(browser, goods.variant)
    assert form_of(checkout(browser))["method"] == "cod"


def test_a_way_to_pay_that_is_not_offered_is_refused(buyer):
    answer = buyer.post("/en/checkout", data=filled(buyer, ENGLISH, method="gold"))
    assert answer.status_code == 422
    assert orders() == []


@pytest.mark.parametrize("total", ("", "-1", "10799", "9" * 40, "１０８００", "abc"))
def test_the_total_comes_from_the_shop_alone(buyer, total):
    answer = buyer.post("/en/checkout", data=filled(buyer, ENGLISH, expected_total=total))
    assert answer.status_code == 409
    assert db.session.scalar(select(func.count()).select_from(Order)) == 0


def test_a_quote_has_no_page_of_its_own(buyer):
    assert buyer.get("/en/checkout/quote").headers["Location"] == "/en/checkout"


def test_nobody_keeps_the_checkout(buyer):
    assert buyer.get("/en/checkout").headers["Cache-Control"] == "private, no-store"
