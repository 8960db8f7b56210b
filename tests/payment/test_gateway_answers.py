"""What a broken, unsigned or missing answer means: Unknown, never a failure."""

import pytest

from shop.payment.gateways.alipay import AlipayGateway
from shop.payment.gateways.base import (
    Misconfigured,
    PaymentStatus,
    RefundStatus,
    Rejected,
    Retryable,
    Unknown,
)
from tests.payment.provider import Provider, Served

BROKEN = ("answer_unsigned", "answer_wrong_key", "answer_html", "answer_empty", "answer_500")


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_answer_to_a_query_is_unknown(gateway, provider, paid, fault):
    no = paid()
    provider.fault(fault, out_trade_no=no)
    with pytest.raises(Unknown):
        gateway.query(no)
    assert gateway.query(no).status == PaymentStatus.PAID


@pytest.mark.parametrize("executed", (True, False))
@pytest.mark.parametrize("fault", BROKEN)
def test_a_refund_behind_a_broken_answer_is_unknown_until_asked(
    gateway, provider, paid, fault, executed
):
    no = paid(10000)
    provider.fault(fault, method="alipay.trade.refund", executed=executed)
    with pytest.raises(Unknown):
        gateway.refund(no, "RF0001", 2500, 10000, "late")
    meant = RefundStatus.DONE if executed else RefundStatus.NOT_FOUND
    assert gateway.query_refund(no, "RF0001").status == meant
    assert gateway.refund(no, "RF0001", 2500, 10000, "late").status == RefundStatus.DONE
    assert provider.trade(no)["refunded_fen"] == 2500


def test_nobody_at_home_is_unknown(provider, number):
    with pytest.raises(Unknown):
        provider.gateway(gateway="http://127.0.0.1:9/gateway.do").query(number())


@pytest.mark.parametrize(
    "text",
    (
        b"[]",
        b'{"sign": "x"}',
        b'{"alipay_trade_query_response": null}',
        b'{"alipay_trade_query_response": {"code": "10000"}, "sign": "%%%"}',
        b"\xff\xfe",
        b"[" * 100_000,
        b" " * 2_000_000,
    ),
)
def test_any_other_nonsense_is_unknown(provider: Provider, number, text):
    def nonsense(environ, start_response):
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        start_response("200 OK", [("Content-Type", "application/json")])
        return [text]

    served = Served(nonsense)
    try:
        with pytest.raises(Unknown):
            provider.gateway(gateway=f"{served.url}/gateway.do").query(number())
    finally:
        served.stop()


def test_a_redirect_is_not_followed(provider: Provider, number):
    seen = []

    def elsewhere(environ, start_response):
        seen.append(environ["PATH_INFO"])
        start_response("302 Found", [("Location", "/elsewhere")])
        return [b""]

    served = Served(elsewhere)
    try:
        with pytest.raises(Unknown):
            provider.gateway(gateway=f"{served.url}/gateway.do").query(number())
    finally:
        served.stop()
    assert seen == ["/gateway.do"]


def test_a_signed_answer_about_another_trade_is_unknown(provider: Provider, paid, number):
    """Someone on the way replays an answer that was signed for another question."""
    import urllib.request

    other = paid()

    def replay(environ, start_response):
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        request = urllib.request.Request(f"{provider.url}/gateway.do", kept[0] if kept else body)
        kept.append(body)
        with urllib.request.urlopen(request) as answer:
            text = answer.read()
        start_response("200 OK", [("Content-Type", "application/json")])
        return [text]

    kept: list[bytes] = []
    served = Served(replay)
    try:
        between = provider.gateway(gateway=f"{served.url}/gateway.do")
        assert between.query(other).status == PaymentStatus.PAID
        with pytest.raises(Unknown):
            between.query(number())
    finally:
        served.stop()


def test_the_provider_asks_to_try_again(gateway, provider, paid):
    no = paid(10000)
    provider.fault("system_error", method="alipay.trade.refund")
    with pytest.raises(Retryable):
        gateway.refund(no, "RF0001", 100, 10000, "late")
    assert gateway.query_refund(no, "RF0001").status == RefundStatus.NOT_FOUND


def test_a_definite_no_carries_the_provider_s_code(gateway, provider, paid):
    no = paid(10000)
    provider.fault("refused", method="alipay.trade.refund")
    with pytest.raises(Rejected) as refusal:
        gateway.refund(no, "RF0001", 100, 10000, "late")
    assert refusal.value.provider_code == "ACQ.SELLER_BALANCE_NOT_ENOUGH"
    assert refusal.value.reason == "payment-rejected"


def test_keys_that_the_provider_does_not_know(provider, other_provider, number):
    ours, theirs = provider.config(), other_provider.config()
    wrong_key = provider.gateway(app_private_key=theirs.app_private_key)
    with pytest.raises(Misconfigured) as refusal:
        wrong_key.query(number())
    assert refusal.value.params["provider_code"] == "isv.invalid-signature"
    # An app that the provider does not know gets an unsigned no, which proves nothing.
    with pytest.raises(Unknown):
        provider.gateway(app_id=theirs.app_id).query(number())
    with pytest.raises(Unknown):
        provider.gateway(alipay_public_key=theirs.alipay_public_key).query(number())
    assert provider.gateway().query(number()).status == PaymentStatus.NOT_FOUND
    assert ours.app_private_key not in repr(ours)


@pytest.mark.parametrize(
    "change",
    (
        {"app_id": ""},
        {"gateway": ""},
        {"app_private_key": "no key"},
        {"app_private_key": ""},
        {"alipay_public_key": "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"},
    ),
)
def test_unusable_settings_are_refused_at_the_start(provider: Provider, change):
    with pytest.raises(Misconfigured):
        AlipayGateway(provider.config(**change))


def test_a_public_key_is_no_private_key(provider: Provider):
    with pytest.raises(Misconfigured):
        provider.gateway(app_private_key=provider.config().alipay_public_key)
