"""Waiting for a payment: what the page says, and how it ends by itself."""

import json
import re
from datetime import timedelta

import pytest

from shop.core import clock
from shop.core.transaction import transaction
from shop.order import cancellation, links
from shop.order.states import PaymentState
from shop.payment import settlement
from shop.payment.gateways.base import Rejected, Scene, Unknown
from tests.factories import orders as made
from tests.factories.orders import assert_sound, order
from tests.web.order.markup import heading
from tests.web.payment.fake import CASHIER

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148"


def page(browser, path):
    answer = browser.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def start(browser, placed, **fields):
    return browser.post(f"/en/pay/{placed.token}", data=fields)


def polls(text):
    return re.search(r'hx-get="([^"]+)"[^>]*hx-trigger="load delay:2s"', text)


def paid(placed):
    return order(placed.order).payment_state == PaymentState.PAID


def test_amount_number_and_time(app, client, placed):
    text = page(client, f"/en/pay/{placed.token}")
    assert heading(text) == "Pay ¥108.00 with Alipay"
    assert placed.number in text
    left = re.search(r'role="timer">(\d+):(\d\d)<', text)
    assert 29 * 60 < int(left[1]) * 60 + int(left[2]) <= 30 * 60
    key = links.sign(placed.number, app.config["SECRET_KEY"])
    assert f"/en/orders/{placed.number}?key={key}" in text.replace("&amp;", "&")


def test_an_unknown_token_is_nobodys(client):
    for path in ("", "/state", "/return"):
        assert client.get(f"/en/pay/unknown{path}").status_code == 404
    assert client.post("/en/pay/unknown").status_code == 404
    assert client.post("/en/pay/unknown/check").status_code == 404


def test_starting_leads_to_the_cashier_and_back(app, client, placed, alipay):
    answer = start(client, placed)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{CASHIER}?no={alipay.last}"
    [call] = alipay.calls
    base = app.config["PUBLIC_URL"]
    assert call["return_url"] == f"{base}/en/pay/{placed.token}/return"
    assert call["notify_url"].endswith("/notify/alipay")
    assert placed.number in call["subject"]
    assert alipay.opened == {alipay.last: 10800}


def test_starting_again_is_the_same_attempt(client, placed, alipay):
    first, second = start(client, placed), start(client, placed)
    assert first.headers["Location"] == second.headers["Location"]


@pytest.mark.parametrize(("agent", "scene"), (("Desktop", Scene.PAGE), (PHONE, Scene.WAP)))
def test_a_phone_opens_the_app(client, placed, alipay, agent, scene):
    client.post(f"/en/pay/{placed.token}", headers={"User-Agent": agent})
    assert alipay.calls[0]["scene"] == scene


@pytest.mark.parametrize("method", ("cod", "gold", "../x"))
def test_only_what_is_paid_online_is_started(client, placed, alipay, method):
    answer = start(client, placed, method=method)
    assert answer.status_code == 409
    assert alipay.opened == {}


@pytest.mark.parametrize(
    ("error", "said"),
    (
        (Rejected("ACQ.SYSTEM"), "The payment provider refused"),
        (Unknown(), "The payment provider does not answer"),
    ),
)
def test_a_provider_that_does_not_open_says_so(client, placed, alipay, error, said):
    alipay.fails = error
    answer = start(client, placed)
    assert answer.status_code == 409
    text = answer.get_data(as_text=True)
    assert said in text
    assert "<noscript><meta" not in text  # a reload would take the words away
    alipay.fails = None
    assert start(client, placed).status_code == 303


def test_the_live_part_asks_again_until_it_is_paid(client, placed, alipay):
    start(client, placed)
    whole = page(client, f"/en/pay/{placed.token}")
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in whole
    path = polls(whole)[1]
    fragment = client.get(path, headers=HTMX)
    text = fragment.get_data(as_text=True)
    assert text.lstrip().startswith("<div")
    assert polls(text)
    assert "htmx" not in fragment.headers.get("HX-Redirect", "")
    alipay.pay()
    client.get(f"/en/pay/{placed.token}/return")
    done = client.get(path, headers=HTMX)
    assert done.headers["HX-Redirect"] == f"/en/checkout/{placed.token}"
    assert client.get(path).headers["Location"] == f"/en/checkout/{placed.token}"
    assert_sound()


def test_looking_asks_no_provider(client, placed, alipay):
    start(client, placed)
    alipay.pay()
    page(client, f"/en/pay/{placed.token}")
    client.get(f"/en/pay/{placed.token}/state", headers=HTMX)
    assert not paid(placed)


def test_the_return_is_a_hint_and_the_provider_is_asked(client, placed, alipay):
    start(client, placed)
    answer = client.get(f"/en/pay/{placed.token}/return?trade_status=TRADE_SUCCESS")
    assert answer.headers["Location"].startswith(f"/en/pay/{placed.token}")
    assert not paid(placed)
    assert "Waiting for the provider to confirm" in page(client, answer.headers["Location"])
    alipay.pay()
    answer = client.get(f"/en/pay/{placed.token}/return")
    assert answer.headers["Location"] == f"/en/checkout/{placed.token}"
    assert paid(placed)


def test_i_have_paid_check(client, placed, alipay):
    start(client, placed)
    answer = client.post(f"/en/pay/{placed.token}/check")
    assert answer.headers["Location"] == f"/en/pay/{placed.token}"
    assert "has not arrived yet" in page(client, answer.headers["Location"])
    fragment = client.post(f"/en/pay/{placed.token}/check", headers=HTMX)
    assert "has not arrived yet" in json.loads(fragment.headers["HX-Trigger"])["toast"]["text"]
    alipay.pay()
    answer = client.post(f"/en/pay/{placed.token}/check")
    assert answer.headers["Location"] == f"/en/checkout/{placed.token}"
    assert paid(placed)


def test_a_provider_that_is_silent_leaves_it_open(client, placed, alipay):
    start(client, placed)
    alipay.fails = Unknown()
    client.post(f"/en/pay/{placed.token}/check")
    text = page(client, f"/en/pay/{placed.token}")
    assert "We are asking the provider" in text
    assert polls(text)
    assert not paid(placed)


def test_inside_wechat_the_page_says_where_it_can_be_paid(client, placed, alipay):
    inside = {"User-Agent": f"{PHONE} MicroMessenger/8.0.55"}
    said = "Open this page in the browser of your phone"
    assert said in client.get(f"/en/pay/{placed.token}", headers=inside).get_data(as_text=True)
    assert said not in page(client, f"/en/pay/{placed.token}")


def test_what_is_paid_is_not_paid_again(client, placed, alipay):
    start(client, placed)
    alipay.pay()
    client.get(f"/en/pay/{placed.token}/return")
    for answer in (client.get(f"/en/pay/{placed.token}"), start(client, placed)):
        assert answer.headers["Location"] == f"/en/checkout/{placed.token}"
    assert len(alipay.opened) == 1


def test_the_time_that_is_over(client, placed, alipay):
    later = clock.now() + timedelta(minutes=31)
    with clock.at(later), transaction():
        cancellation.expire(placed.order)
    text = page(client, f"/en/pay/{placed.token}")
    assert heading(text) == "The time to pay is over"
    assert polls(text) is None
    assert "<noscript><meta" not in text
    assert "Open Alipay" not in text
    assert start(client, placed).status_code == 409


def test_an_order_that_its_buyer_cancelled_is_not_said_to_have_run_out(client, placed, alipay):
    with transaction():
        settlement.cancel_order(placed.order, reason="by-customer", actor="guest")
    text = page(client, f"/en/pay/{placed.token}")
    assert heading(text) == "This order is cancelled"
    assert "nothing was charged" in text
    assert polls(text) is None


def test_an_order_that_was_cancelled_after_paying(client, goods, alipay):
    placed = made.paid_order(goods.variant)
    with transaction():
        settlement.cancel_order(placed.order, reason="by-customer", actor="guest")
    text = page(client, f"/en/pay/{placed.token}")
    assert heading(text) == "Your money is on its way back"
    assert polls(text) is None


def test_cash_has_nothing_to_wait_for(client, goods, alipay):
    placed = made.place_order(goods.variant, method="cod")
    there = f"/en/checkout/{placed.token}"
    for path in ("", "/state", "/return"):
        assert client.get(f"/en/pay/{placed.token}{path}").headers["Location"] == there
    assert start(client, placed, method="alipay").headers["Location"] == there
    assert alipay.opened == {}
