"""WeChat Pay: our gateway by the real SDK against the sandbox, with real signatures."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID

from shop.core import clock
from shop.payment.gateways.base import (
    BadSignature,
    Closing,
    EventKind,
    ForeignMerchant,
    Misconfigured,
    PaymentStatus,
    RefundStatus,
    Rejected,
    Retryable,
    Scene,
    Unknown,
)
from shop.payment.gateways.registry import build_gateways
from shop.sandbox.keys import load_private_key
from tests.payment.provider import fetch


@pytest.fixture
def wechat(provider, merchant):
    settings = provider.settings(PAYMENT_NOTIFY_BASE=merchant.base, WECHATPAY_TIMEOUT="3")
    return build_gateways(settings)["wechatpay"]


@pytest.fixture
def placed(wechat, merchant, number):
    def place(amount=8880, scene=Scene.PAGE, **changes):
        no = changes.get("no") or number()
        expires_at = changes.get("expires_at", clock.now() + timedelta(minutes=30))
        notify = f"{merchant.base}/notify/wechatpay"
        back = f"{merchant.base}/en/pay/token/return"
        args = (no, amount, "Teapot 龙泉青瓷壶" * 9, expires_at, notify, back, "203.0.113.7", scene)
        return no, wechat.create(*args)

    return place


def notify(gateway, merchant, at=-1):
    return gateway.parse_notify(merchant.headers[at], merchant.bodies[at])


def test_scan_pay_query_and_the_notify(wechat, provider, merchant, placed):
    no, action = placed()
    assert action.redirect_url is None
    assert "88.80" in fetch(action.qr_text)[1]
    assert wechat.query(no).status == PaymentStatus.PENDING
    assert fetch(f"{action.qr_text}/payment", method="POST")[0] == 303
    assert provider.trade(no)["notifies"][0]["state"] == "acknowledged"
    event, result = notify(wechat, merchant), wechat.query(no)
    assert (event.kind, event.no, event.amount) == (EventKind.PAID, no, 8880)
    assert (result.status, result.paid_amount) == (PaymentStatus.PAID, 8880)
    assert event.provider_id == result.provider_id
    assert event.merchant_ids == (
        provider.values["WECHATPAY_APP_ID"],
        provider.values["WECHATPAY_MCH_ID"],
    )


def test_a_phone_is_led_to_the_app_and_back(provider, placed, merchant):
    no, action = placed(scene=Scene.WAP)
    page, _, query = action.redirect_url.partition("?")
    status, back = fetch(f"{page}/payment?{query}", method="POST")
    assert (status, back) == (303, f"{merchant.base}/en/pay/token/return")
    assert provider.trade(no)["state"] == "SUCCESS"


def test_parameters_for_a_page_inside_wechat(wechat, number, merchant):
    given = wechat.jsapi_parameters(number(), 100, "Tea", None, merchant.notify_url, "oBuyer")
    assert given["package"].startswith("prepay_id=wx")
    assert given["signType"] == "RSA"
    assert len(given["paySign"]) > 300


def test_closing_and_numbers(wechat, provider, placed, number):
    no, first = placed()
    assert placed(no=no)[1] == first, "the same number is the same order"
    with pytest.raises(Rejected):
        placed(9999, no=no)
    assert wechat.close(no) == wechat.close(no) == Closing.CLOSED
    assert wechat.query(no).status == PaymentStatus.CLOSED
    assert wechat.query(number()).status == PaymentStatus.NOT_FOUND
    assert wechat.close(number()) == Closing.NOT_FOUND
    provider.pay(no, force=True)
    assert wechat.close(no) == Closing.ALREADY_PAID
    with pytest.raises(ValueError, match="attempt_no"):
        placed(no="short")


def test_refunds_are_accepted_first_and_done_later(wechat, provider, merchant, placed):
    no, _ = placed(10000)
    provider.pay(no)
    provider.fault("refund_pending")
    first = wechat.refund(no, f"R1{no}", 3000, 10000, "late")
    assert (first.status, first.amount) == (RefundStatus.PROCESSING, 3000)
    provider.control("POST", f"/refunds/R1{no}", status="ABNORMAL")
    assert wechat.query_refund(no, f"R1{no}").status == RefundStatus.ABNORMAL, "not final"
    provider.control("POST", f"/refunds/R1{no}", status="SUCCESS")
    again = wechat.refund(no, f"R1{no}", 3000, 10000, "late")
    assert again.status == RefundStatus.DONE, "the same number only tells how it stands"
    assert wechat.query_refund(no, f"R2{no}").status == RefundStatus.NOT_FOUND
    with pytest.raises(Rejected):
        wechat.refund(no, f"R3{no}", 7001, 10000, "late")
    provider.fault("refund_closed")
    wechat.refund(no, f"R4{no}", 7000, 10000, "late")
    provider.trade(no)
    assert wechat.query_refund(no, f"R4{no}").status == RefundStatus.FAILED
    wechat.refund(no, f"R5{no}", 7000, 10000, "late")
    provider.trade(no)
    event = notify(wechat, merchant)
    assert (event.kind, event.refund_no, event.refund_amount, event.refund_status) == (
        EventKind.REFUNDED,
        f"R5{no}",
        7000,
        RefundStatus.DONE,
    )
    assert wechat.query(no).status == PaymentStatus.PAID


@pytest.mark.parametrize(
    ("fault", "error"),
    (
        ("answer_unsigned", Unknown),
        ("answer_wrong_key", Unknown),
        ("answer_html", Unknown),
        ("answer_500", Unknown),
        ("system_error", Retryable),
        ("refused", Rejected),
    ),
)
def test_what_an_answer_is_worth(wechat, provider, placed, fault, error):
    no, _ = placed()
    provider.fault(fault, out_trade_no=no)
    with pytest.raises(error) as refusal:
        wechat.query(no)
    assert type(refusal.value) is error
    assert wechat.query(no).status == PaymentStatus.PENDING


def test_bad_keys_are_an_operator_s_matter(provider, other_provider, number):
    theirs = other_provider.settings(WECHATPAY_GATEWAY=provider.url)
    with pytest.raises(Misconfigured):
        build_gateways(theirs)["wechatpay"].query(number())


def test_bent_notifies_are_refused(wechat, provider, merchant, placed, other_provider):
    for name, wish, error in (
        ("notify_tampered", {}, BadSignature),
        ("notify_forged", {}, BadSignature),
        ("notify_stale", {}, BadSignature),
        ("notify_signtest", {}, BadSignature),
        ("notify_foreign", {"mch_id": "1900000000"}, ForeignMerchant),
        ("notify_foreign", {"app_id": "wx0000000000000000"}, ForeignMerchant),
    ):
        no, _ = placed()
        provider.fault(name, out_trade_no=no, **wish)
        provider.pay(no)
        with pytest.raises(BadSignature) as refusal:
            notify(wechat, merchant)
        assert type(refusal.value) is error, name


def test_hostile_headers_and_bodies_are_refused_without_a_crash(wechat, provider, merchant, placed):
    no, _ = placed()
    provider.pay(no)
    headers, body = merchant.headers[-1], merchant.bodies[-1]
    lower = {name.lower(): value for name, value in headers.items()}
    assert wechat.parse_notify(lower, body).no == no, "names of headers have no case"
    bent = [
        {},
        lower | {"wechatpay-serial": "0xZZ"},
        lower | {"wechatpay-signature": "*"},
        lower | {"wechatpay-signature": "签名"},
        lower | {"wechatpay-signature-type": "WECHATPAY2-SM2-WITH-SM3"},
        lower | {"wechatpay-timestamp": "9" * 400},
        lower | {"http_wechatpay_signature": "x", "wechatpay-nonce": ""},
    ]
    for given in bent:
        with pytest.raises(BadSignature):
            wechat.parse_notify(given, body)
    for content in (b"", b"\xff", b"{}", b"[" * 9000, body + b" ", b"x" * 70_000):
        with pytest.raises(BadSignature):
            wechat.parse_notify(headers, content)


def test_a_platform_certificate_stands_for_its_key(provider, tmp_path):
    key = load_private_key(provider.folder / "wechatpay_private.pem")
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tenpay.com")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(0x1A2B)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2040, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    from cryptography.hazmat.primitives.serialization import Encoding

    path = tmp_path / "platform.pem"
    path.write_bytes(certificate.public_bytes(Encoding.PEM))
    settings = provider.settings(WECHATPAY_PUBLIC_KEY_FILE=str(path), WECHATPAY_PUBLIC_KEY_ID="")
    gateway = build_gateways(settings)["wechatpay"]
    from shop.sandbox.wechat.wire import signature_headers

    text = '{"id":"1"}'
    signed = signature_headers(key, "1A2B", text, clock.now().timestamp())
    assert gateway._client.is_genuine(signed, text)
    assert not gateway._client.is_genuine(signed | {"Wechatpay-Serial": "1A2C"}, text)
