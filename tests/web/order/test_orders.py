"""One order as its buyer sees it: found, followed, cancelled, received, bought again."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from shop.core import clock
from shop.core.db import db
from shop.core.transaction import transaction
from shop.order import cancellation, links
from shop.order.models import OrderLine, RedemptionCode
from shop.order.states import OrderState, PaymentState, ShippingState
from tests.factories import orders as made
from tests.factories.orders import assert_sound, contact, order, store_with_goods
from tests.web.order.conftest import HTMX
from tests.web.order.markup import heading


def key(app, number):
    return links.sign(number, app.config["SECRET_KEY"])


def url(app, placed, lang="en", at=""):
    return f"/{lang}/orders/{placed.number}{at}?key={key(app, placed.number)}"


def page(browser, path):
    answer = browser.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def act(browser, app, placed, what):
    return browser.post(f"/en/orders/{placed.number}/{what}", data={"key": key(app, placed.number)})


def state_of(placed):
    row = order(placed.order)
    return OrderState(row.state), PaymentState(row.payment_state), ShippingState(row.shipping_state)


def test_the_signed_link_opens_the_order_and_nothing_else_does(app, client, goods):
    placed = made.place_order(goods.variant)
    other = made.place_order(goods.variants[1])
    assert placed.number in page(client, url(app, placed))
    number = placed.number
    for wrong in ("", "x", key(app, other.number), key(app, number)[:-1], key(app, number) + "A"):
        assert client.get(f"/en/orders/{number}?key={wrong}").status_code == 404
    assert client.get(f"/en/orders/{number}").status_code == 404
    assert client.get("/en/orders/261122-AAAAAA?key=x").status_code == 404


@pytest.mark.parametrize(
    ("make", "said", "buttons", "without"),
    (
        (made.place_order, "Waiting for your payment", ("Pay", "Cancel the order"), "Track"),
        (made.paid_order, "Paid, arriving", ("Cancel the order",), "Confirm receipt"),
        (made.shipped_order, "On its way, arriving", ("Confirm receipt", "Track"), "Cancel the"),
        (made.received_order, "Received", ("Write a review",), "Confirm receipt"),
    ),
)
def test_the_state_in_a_sentence_and_the_buttons_that_fit(
    app, client, goods, alipay, make, said, buttons, without
):
    text = page(client, url(app, make(goods.variant)))
    assert said in heading(text)
    head = text[text.index("order-head") : text.index('class="timeline')]
    for button in buttons:
        assert button in head
    assert without not in head


def test_cash_is_asked_for_until_it_is_there(app, client, goods):
    placed = made.place_order(goods.variant, method="cod")
    text = page(client, url(app, placed))
    assert "Please have ¥108 ready for the courier." in text
    assert "To pay on delivery" in text
    assert "/pay/" not in text


def test_everything_of_an_order_is_on_its_page(app, client, goods):
    placed = made.shipped_order(
        {goods.variants[0]: 2, goods.variants[1]: 1},
        contact=contact(name="林知远", phone="+8613800001234", note="请放门口"),
    )
    text = page(client, url(app, placed, "zh"))
    for said in ("SF1234567", "林知远", "138 **** 1234", "请放门口", "浙江省杭州市西湖区文三路"):
        assert said in text
    assert "13800001234" not in text
    assert f'data-copy="{placed.number}"' in text
    assert 'data-copy="SF1234567"' in text
    assert "308.00" in re.sub(r"<[^>]+>", "", text)


def test_orders_of_one_checkout_name_each_other(app, client, goods):
    other = store_with_goods(price_minor=5000)
    placed = made.place_order([(goods.variant, 1), (other.variant, 1)])
    text = page(client, url(app, placed))
    sibling = placed.numbers[1]
    assert f"/en/orders/{sibling}?key={key(app, sibling)}" in text.replace("&amp;", "&")


def test_times_are_those_of_the_store(app, client):
    far = store_with_goods(timezone="America/New_York")
    placed = made.place_order(far.variant)
    from zoneinfo import ZoneInfo

    local = order(placed.order).placed_at.astimezone(ZoneInfo("America/New_York"))
    assert f"{local:%H:%M}" in page(client, url(app, placed))


def test_cancelling_asks_first_and_gives_everything_back(app, client, goods):
    placed = made.paid_order(goods.variant)
    asked = page(client, url(app, placed) + "&ask=cancellation")
    assert "Cancel this order?" in asked
    assert "¥108.00 goes back the way you paid" in asked
    assert state_of(placed)[0] == OrderState.OPEN
    answer = act(client, app, placed, "cancellation")
    assert answer.status_code == 303
    text = page(client, answer.headers["Location"])
    assert heading(text) == "This order is cancelled"
    assert "Your money is on its way back" in text
    assert "¥108.00 is on its way to Alipay" in re.sub(r"<[^>]+>", "", text)
    assert made.available(goods.variant) == 10
    assert_sound()


def test_what_has_left_is_not_cancelled(app, client, goods):
    placed = made.shipped_order(goods.variant)
    assert act(client, app, placed, "cancellation").status_code == 409
    assert state_of(placed)[0] == OrderState.OPEN


def test_receipt_is_asked_once_and_counts_once(app, client, goods):
    placed = made.shipped_order(goods.variant)
    assert "Do you have everything?" in page(client, url(app, placed) + "&ask=receipt")
    assert act(client, app, placed, "receipt").status_code == 303
    assert state_of(placed) == (OrderState.COMPLETED, PaymentState.PAID, ShippingState.RECEIVED)
    assert act(client, app, placed, "receipt").status_code == 409


def test_nothing_is_received_before_it_was_sent(app, client, goods):
    placed = made.paid_order(goods.variant)
    assert act(client, app, placed, "receipt").status_code == 409
    assert "Do you have everything?" not in page(client, url(app, placed) + "&ask=receipt")


def test_looking_changes_nothing(app, client, goods):
    placed = made.shipped_order(goods.variant)
    for what in ("cancellation", "receipt", "repetition"):
        assert client.get(url(app, placed, at=f"/{what}")).status_code == 405
    assert state_of(placed)[2] == ShippingState.SHIPPED


def test_an_order_that_was_not_paid_in_time_says_so(app, client, goods):
    placed = made.place_order(goods.variant, expires_after=timedelta(minutes=30))
    with clock.at(clock.now() + timedelta(minutes=31)), transaction():
        assert cancellation.expire(placed.order)
    text = page(client, url(app, placed))
    assert heading(text) == "Not paid in time, so we cancelled it"
    assert "Nothing was charged." in text


def test_bought_again_with_what_there_is(app, client, goods, alipay):
    placed = made.received_order({goods.variants[0]: 2, goods.variants[1]: 1})
    answer = act(client, app, placed, "repetition")
    assert answer.headers["Location"] == "/en/cart"
    cart = client.get("/en/cart").get_data(as_text=True)
    assert "Everything of this order is in the cart." in cart
    assert client.get("/en/checkout").status_code == 200


def test_nothing_left_to_buy_again(app, client):
    few = store_with_goods(stock=1)
    placed = made.received_order(few.variant)
    answer = act(client, app, placed, "repetition")
    assert f"/en/orders/{placed.number}" in answer.headers["Location"]


def test_a_service_shows_its_code_once_it_is_paid(app, client):
    service = store_with_goods(kind="service", stock=None)
    placed = made.place_order(service.variant)
    db.session.rollback()
    codes = select(RedemptionCode.code).join(OrderLine).where(OrderLine.order_id == placed.order)
    assert db.session.scalar(codes) is None
    made.pay(placed)
    db.session.rollback()
    code = db.session.scalar(codes)
    assert code
    assert code in page(client, url(app, placed))


def test_found_by_number_and_either_contact(app, client, goods):
    placed = made.place_order(
        goods.variant, contact=contact(email="Emma@Example.com", phone="+8613800001234")
    )
    loose = placed.number.replace("-", " ").lower()
    for number, who in (
        (placed.number, "emma@example.com"),
        (loose, "138 0000 1234"),
        (f" {placed.number} ", "+86 13800001234"),
    ):
        answer = client.post("/en/find-order", data={"number": number, "contact": who})
        assert answer.status_code == 303
        assert placed.number in page(client, answer.headers["Location"])


def test_not_found_says_the_same_whatever_is_wrong(client, goods):
    placed = made.place_order(goods.variant)
    texts = set()
    for number, who in (
        (placed.number, "somebody@example.com"),
        ("261122-AAAAAA", placed.form.contact.email),
        (placed.number, "%"),
        ("'; --", "x"),
    ):
        answer = client.post("/en/find-order", data={"number": number, "contact": who})
        assert answer.status_code == 422
        text = answer.get_data(as_text=True)
        texts.add(re.search(r'class="form-errors".*?</div>', text, re.DOTALL)[0])
        assert f'value="{who}"' in text or "&#39;" in text
    assert len(texts) == 1


def test_finding_without_words_shows_both_fields(client):
    answer = client.post("/en/find-order", data={}, headers=HTMX)
    assert answer.status_code == 422
    assert answer.get_data(as_text=True).count('class="field__error"') == 2


def test_the_confirmation_is_the_buyers_secret(client, goods):
    placed = made.paid_order(goods.variant)
    assert heading(page(client, f"/en/checkout/{placed.token}")) == "Thank you, Lin Wan"
    assert client.get("/en/checkout/unknown").headers["Location"] == "/en/find-order"


def test_the_confirmation_of_what_is_not_paid_leads_on(client, goods, alipay):
    placed = made.place_order(goods.variant)
    text = page(client, f"/en/checkout/{placed.token}")
    assert heading(text) == "Ordered, not paid yet"
    assert f"/en/pay/{placed.token}" in text


def test_a_guest_without_an_email_gets_the_link_to_keep(app, client, goods):
    placed = made.place_order(
        goods.variant, method="cod", contact=contact(email="", phone="+8613800001234")
    )
    text = page(client, f"/zh/checkout/{placed.token}")
    assert f"/zh/orders/{placed.number}?key={key(app, placed.number)}" in text.replace("&amp;", "&")
    assert 'name="password"' not in text


def test_an_account_is_offered_to_guests_alone(client, enter, person, goods):
    placed = made.paid_order(goods.variant)
    assert 'action="/en/register"' in page(client, f"/en/checkout/{placed.token}")
    mine = made.paid_order(goods.variants[1], owner=made.Owner(user_id=person.id))
    text = page(enter(person.username), f"/en/checkout/{mine.token}")
    assert 'action="/en/register"' not in text


def test_the_account_takes_the_order_along(app, client, goods):
    placed = made.paid_order(goods.variant, contact=contact(email="emma.fischer@example.com"))
    text = page(client, f"/en/checkout/{placed.token}")
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', text))
    given = fields | {"password": "a pine on the hill"}
    assert client.post("/en/register", data=given).status_code == 303
    answer = client.post(
        "/en/sign-in",
        data={"login": "emma.fischer@example.com", "password": "a pine on the hill"},
    )
    assert answer.status_code == 303
    assert placed.number in page(client, "/en/account/orders")


def test_no_account_takes_what_belongs_to_somebody(client, person, goods):
    mine = made.paid_order(goods.variant, owner=made.Owner(user_id=person.id))
    client.post(
        "/en/register",
        data={
            "checkout": mine.token,
            "email": "thief@example.com",
            "password": "a pine on the hill",
        },
    )
    assert order(mine.order).user_id == person.id
