"""Another way to pay in the middle: the old attempt is closed at its provider, and late money goes back."""

from datetime import timedelta

import pytest

from shop.core import clock
from shop.jobs import inline
from shop.order.states import PaymentState
from shop.payment import flows
from tests.factories.orders import assert_sound
from tests.payment import test_faults

till = test_faults.till


@pytest.fixture(autouse=True)
def _the_job_s_gateways(app, till):
    app.extensions["job_gateways"] = app.extensions["gateways"]
    yield
    del app.extensions["job_gateways"]


def states(till):
    return [(one.gateway, one.state) for one in till.payments()]


def test_a_way_that_was_left_is_closed_at_its_provider_and_its_number_never_used_again(till):
    other = "wechatpay" if till.way == "alipay" else "alipay"
    left, kept = till.start(), till.start(way=other)
    inline.run_all()
    assert states(till) == [(till.way, "closed"), (other, "pending")]
    again = till.start()
    inline.run_all()
    assert states(till)[1:] == [(other, "closed"), (till.way, "pending")]
    assert len({left, kept, again}) == 3
    till.pay(left, force=True)  # the provider took it all the same
    assert till.tell() // 100 == 2
    assert till.state() == PaymentState.PAID
    till.pay(again)
    assert till.tell() // 100 == 2
    assert till.give_back(again) == ["done"], "the second goes back whole"
    assert till.state() == PaymentState.PAID
    assert_sound()


@pytest.mark.parametrize("till", ("alipay",), indirect=True)
def test_a_page_that_its_provider_does_not_know_yet_is_asked_about_to_its_end(till):
    """Alipay knows no trade before the shopper signs in, so the page that was left can still be paid."""
    path = f"/en/pay/{till.placed.token}"
    cashier = till.client.post(path, data={"method": "alipay"}).headers["Location"]
    till.start(way="wechatpay")
    inline.run_all()
    assert states(till) == [("alipay", "pending"), ("wechatpay", "pending")]
    [left, _kept] = till.payments()
    assert left.next_query_at is not None
    till.provider.control("POST", f"/scan/{left.attempt_no}", url=cashier)
    assert flows.refresh(left.id, till.gateways()) == "closed"
    assert states(till) == [("alipay", "closed"), ("wechatpay", "pending")]


@pytest.mark.parametrize("till", ("alipay",), indirect=True)
def test_going_back_to_the_first_way_goes_on_with_its_number(till):
    """A page that nobody has opened yet stays open, so that its number serves again."""
    path = f"/en/pay/{till.placed.token}"
    first = till.client.post(path, data={"method": "alipay"}).headers["Location"]
    till.start(way="wechatpay")
    with_time = clock.now() + timedelta(seconds=5)
    with clock.at(with_time):
        again = till.client.post(path, data={"method": "alipay"}).headers["Location"]
        inline.run_all()
    assert first.partition("?")[0] == again.partition("?")[0]
    assert states(till) == [("alipay", "pending"), ("wechatpay", "closed")]
