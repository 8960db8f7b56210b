"""Which gateways a configuration opens, and where forms may lead."""

import pytest

from shop.payment.gateways.base import Closing, Misconfigured, PaymentStatus, Scene, Unsupported
from shop.payment.gateways.registry import build_gateways, form_action_hosts


def test_without_settings_there_is_cash_on_delivery():
    gateways = build_gateways({})
    assert list(gateways) == ["cod"]
    cash = gateways["cod"]
    assert cash.capabilities.manual_confirm
    assert not cash.capabilities.refund
    action = cash.create("XP000001", 100, "Tea", None, "", "", "", Scene.PAGE)
    assert (action.instructions, action.redirect_url) == ("cash-on-delivery", None)
    assert cash.query("XP000001").status == PaymentStatus.PENDING
    assert cash.close("XP000001") == Closing.CLOSED
    for call in (
        lambda: cash.refund("XP000001", "RF000001", 1, 1, ""),
        lambda: cash.query_refund("XP000001", "RF000001"),
        lambda: cash.parse_notify({}, b""),
    ):
        with pytest.raises(Unsupported):
            call()


def test_alipay_opens_with_the_settings_of_the_env_file(provider):
    gateways = build_gateways(provider.values)
    assert list(gateways) == ["alipay", "wechatpay", "stripe", "cod"]
    assert gateways["alipay"].capabilities.partial_refund
    assert gateways["alipay"].capabilities.currencies == {"CNY"}


@pytest.mark.parametrize(
    "name",
    (
        "ALIPAY_APP_ID",
        "ALIPAY_SELLER_ID",
        "ALIPAY_APP_PRIVATE_KEY_FILE",
        "ALIPAY_PUBLIC_KEY_FILE",
        "WECHATPAY_MCH_ID",
        "WECHATPAY_APIV3_KEY",
        "WECHATPAY_PUBLIC_KEY_ID",
        "STRIPE_WEBHOOK_SECRET",
    ),
)
def test_a_missing_setting_is_named(provider, name):
    with pytest.raises(Misconfigured) as refusal:
        build_gateways(provider.values | {name: ""})
    assert refusal.value.params["setting"] == name


def test_an_unreadable_key_file_is_named(provider, tmp_path):
    with pytest.raises(Misconfigured) as refusal:
        build_gateways(provider.values | {"ALIPAY_PUBLIC_KEY_FILE": str(tmp_path / "none.pem")})
    assert refusal.value.params["setting"] == "ALIPAY_PUBLIC_KEY_FILE"


@pytest.mark.parametrize(
    ("address", "origins"),
    (
        ("", ()),
        ("http://127.0.0.1:8600/alipay/gateway.do", ("http://127.0.0.1:8600",)),
        ("http://[::1]:8600/gateway.do", ("http://[::1]:8600",)),
        (
            "https://openapi.alipay.com/gateway.do",
            ("https://openapi.alipay.com", "https://*.alipay.com"),
        ),
        (
            "https://openapi-sandbox.dl.alipaydev.com/gateway.do",
            ("https://openapi-sandbox.dl.alipaydev.com", "https://*.alipaydev.com"),
        ),
    ),
)
def test_where_forms_may_lead(address, origins):
    assert form_action_hosts({"ALIPAY_GATEWAY": address}) == origins


@pytest.mark.parametrize(
    ("base", "origins"),
    (
        ("", ("https://checkout.stripe.com",)),
        ("https://api.stripe.com", ("https://checkout.stripe.com",)),
        ("http://127.0.0.1:8600", ("http://127.0.0.1:8600",)),
    ),
)
def test_where_the_form_for_cards_leads(base, origins):
    assert form_action_hosts({"STRIPE_SECRET_KEY": "sk_test_1", "STRIPE_API_BASE": base}) == origins
    assert form_action_hosts({"STRIPE_API_BASE": base}) == ()


@pytest.mark.parametrize(
    "address", ("javascript:x", "/gateway.do", "https://a;b/", "https://a b/", "http://x:y/")
)
def test_what_is_no_web_address_never_reaches_the_policy(address):
    with pytest.raises(Misconfigured):
        form_action_hosts({"ALIPAY_GATEWAY": address})
