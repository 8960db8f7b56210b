"""A provider's word arrives by itself; only a genuine one counts, and once."""

from shop.order.states import PaymentState
from tests.factories.orders import assert_sound, order
from tests.web.payment.test_waiting import start


def tell(browser, alipay, sign="good", amount=10800, number=None):
    return browser.post(
        "/notify/alipay",
        data={"no": number or alipay.last, "amount": amount, "sign": sign},
    )


def paid(placed):
    return order(placed.order).payment_state == PaymentState.PAID


def test_a_genuine_notify_pays_the_order_once(app, client, placed, alipay):
    start(client, placed)
    app.config["WTF_CSRF_ENABLED"] = True  # the provider has no token of ours
    answers = [tell(client, alipay) for _ in range(3)]
    assert [(a.status_code, a.get_data(as_text=True)) for a in answers] == [(200, "success")] * 3
    assert answers[0].mimetype == "text/plain"
    assert paid(placed)
    assert_sound()


def test_a_forged_notify_changes_nothing(client, placed, alipay):
    start(client, placed)
    answer = tell(client, alipay, sign="forged")
    assert answer.status_code == 400
    assert answer.get_data(as_text=True) != "success"
    assert not paid(placed)


def test_a_wrong_amount_is_noted_and_pays_nothing(client, placed, alipay):
    start(client, placed)
    tell(client, alipay, amount=1)
    assert not paid(placed)
    assert_sound()


def test_a_payment_of_nobody(client, placed, alipay):
    start(client, placed)
    answer = tell(client, alipay, number="XPUNKNOWN0000000000000000")
    assert answer.get_data(as_text=True) != "success"
    assert not paid(placed)


def test_only_gateways_that_notify_are_heard(client, placed, alipay):
    assert client.post("/notify/unknown", data={}).status_code == 404
    assert client.post("/notify/cod", data={}).status_code == 404
    assert client.get("/notify/alipay").status_code == 405
