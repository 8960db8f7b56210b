"""Open, pay, query, close: our gateway against the sandbox, with real signatures."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from shop.core import clock
from shop.payment.gateways.alipay import AlipayGateway
from shop.payment.gateways.base import Closing, PaymentStatus, Retryable, Scene
from tests.payment.provider import Provider, fetch


def test_a_trade_does_not_exist_until_the_buyer_signs_in(gateway, provider, address):
    no, url = address()
    assert gateway.query(no).status == PaymentStatus.NOT_FOUND
    status, cashier = fetch(url)
    assert status == 303
    assert fetch(provider.url + cashier)[0] == 200
    assert gateway.query(no).status == PaymentStatus.NOT_FOUND, "opening the page changes nothing"
    provider.control("POST", f"/scan/{no}")
    result = gateway.query(no)
    assert (result.status, result.paid_amount, result.paid_at) == (
        PaymentStatus.PENDING,
        None,
        None,
    )


def test_a_paid_trade_says_amount_and_time(gateway, paid):
    before = clock.now().replace(microsecond=0)
    no = paid(123456)
    result = gateway.query(no)
    assert (result.status, result.paid_amount) == (PaymentStatus.PAID, 123456)
    assert result.refundable
    assert len(result.provider_id) == 28
    assert before <= result.paid_at <= clock.now()


@pytest.mark.parametrize("scene", (Scene.WAP, Scene.QR))
def test_phones_and_codes_lead_to_the_same_cashier(gateway, provider, address, scene):
    no, url = address(scene=scene)
    if scene == Scene.WAP:
        url = provider.url + fetch(url)[1]
    assert url.startswith(f"{provider.url}/alipay/cashier/")
    assert "88.80" in fetch(url)[1]
    provider.pay(no)
    assert gateway.query(no).status == PaymentStatus.PAID


def test_the_same_number_twice_is_one_trade_and_another_amount_is_refused(
    gateway, provider, address, number
):
    no, first = address()
    again = address(attempt_no=no)[1]
    assert fetch(first)[1] == fetch(again)[1]
    status, page = fetch(address(9999, attempt_no=no)[1])
    assert status == 400
    assert "ACQ.CONTEXT_INCONSISTENT" in page


@pytest.mark.parametrize("change", ("total_amount", "return_url"))
def test_a_changed_address_is_refused(address, change):
    url = address()[1]
    changed = url.replace("88.80", "0.01") if change == "total_amount" else url + "&return_url=x"
    status, page = fetch(changed)
    assert status == 400
    assert "isv.invalid-signature" in page


def test_another_app_cannot_open_a_page(provider, address, other_provider, number, merchant):
    stranger = other_provider.gateway(gateway=f"{provider.url}/alipay/gateway.do")
    url = stranger.create(
        number(), 100, "Tea", None, merchant.notify_url, "", "", Scene.PAGE
    ).redirect_url
    assert "isv.invalid-app-id" in fetch(url)[1]


def test_the_deadline_is_beijing_time_and_ends_the_trade(gateway, provider, opened, address):
    moment = clock.now() + timedelta(minutes=30)
    no, url = address(expires_at=moment)
    assert parse_qs(urlsplit(url).query)["biz_content"]
    provider.control("POST", f"/scan/{no}", url=url)
    assert provider.trade(no)["expires_at"] == int(moment.timestamp())
    late, url = address(expires_at=clock.now() - timedelta(minutes=1))
    fetch(url)
    assert fetch(f"{provider.url}/_control/pay/{late}", method="POST", json_body={})[0] == 409


def test_money_may_come_after_the_deadline(gateway, provider, address):
    deadline = clock.now() + timedelta(minutes=30)
    no, url = address(expires_at=deadline)
    provider.pay(no, url=url, late=True)
    result = gateway.query(no)
    assert result.status == PaymentStatus.PAID
    assert result.paid_at > deadline


def test_closing(gateway: AlipayGateway, provider: Provider, address, opened, paid):
    unseen, url = address()
    assert gateway.close(unseen) == Closing.NOT_FOUND
    provider.pay(unseen, url=url)
    assert gateway.query(unseen).status == PaymentStatus.PAID, "the page stayed payable"

    no = opened()
    assert gateway.close(no) == Closing.CLOSED
    assert gateway.close(no) == Closing.CLOSED
    assert gateway.query(no).status == PaymentStatus.CLOSED
    status, _ = fetch(f"{provider.url}/_control/pay/{no}", method="POST", json_body={})
    assert status == 409

    assert gateway.close(paid()) == Closing.ALREADY_PAID


def test_money_that_crosses_a_close_on_its_way(gateway, provider, opened):
    no = opened()
    gateway.close(no)
    provider.pay(no, force=True)
    assert gateway.query(no).status == PaymentStatus.PAID
    assert gateway.close(no) == Closing.ALREADY_PAID


def test_a_close_that_the_state_forbids_though_it_is_open_is_to_be_repeated(
    gateway, provider, opened
):
    no = opened()
    provider.fault(
        "refused", method="alipay.trade.close", sub_code="ACQ.REASON_TRADE_STATUS_INVALID"
    )
    with pytest.raises(Retryable):
        gateway.close(no)


def test_titles_lose_what_the_provider_refuses(provider, address):
    no, url = address(subject="A/B = C & D\n" + "茶" * 300)
    fetch(url)
    subject = provider.trade(no)["subject"]
    assert subject.startswith("A B C D 茶")
    assert len(subject) == 128


@pytest.mark.parametrize("no", ("short", "X" * 33, "XP-000001", "小铺000001"))
def test_a_number_that_a_provider_would_refuse_is_our_mistake(gateway, no):
    with pytest.raises(ValueError, match="attempt_no"):
        gateway.create(no, 100, "Tea", None, "", "", "", Scene.PAGE)


def test_trades_survive_a_restart(tmp_path, merchant, number: Callable[[], str]):
    provider = Provider(tmp_path / "sandbox")
    no = number()
    url = (
        provider.gateway()
        .create(no, 100, "Tea", None, merchant.notify_url, "", "", Scene.PAGE)
        .redirect_url
    )
    merchant.answers = [(500, "")] * 100
    provider.pay(no, url=url, wait=0)
    provider.stop()
    merchant.answers = []
    again = Provider(tmp_path / "sandbox")
    try:
        assert again.gateway().query(no).status == PaymentStatus.PAID
        states = [notify["state"] for notify in again.trade(no)["notifies"]]
        assert states in (["acknowledged"], ["given_up"])
    finally:
        again.stop()
