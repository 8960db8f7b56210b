"""Alipay's certificate mode: everything that works with plain keys works with certificates.

The tests named below are those of the plain keys, at a provider whose app wants certificates.
"""

import pytest
import structlog

import config
from shop.payment.gateways.base import Misconfigured, PaymentStatus
from shop.payment.gateways.registry import build_gateways
from shop.sandbox.alipay import certificates as made
from shop.sandbox.keys import load_public_key
from tests.payment.provider import Provider
from tests.payment.test_gateway_answers import (  # noqa: F401
    test_a_broken_answer_to_a_query_is_unknown,
    test_a_refund_behind_a_broken_answer_is_unknown_until_asked,
)
from tests.payment.test_payments import (  # noqa: F401
    test_a_changed_address_is_refused,
    test_a_paid_trade_says_amount_and_time,
    test_closing,
    test_phones_and_codes_lead_to_the_same_cashier,
)


@pytest.fixture(scope="module")
def _provider(tmp_path_factory):
    provider = Provider(tmp_path_factory.mktemp("certified"), certified=True)
    yield provider
    provider.stop()


def test_the_env_file_opens_it_and_notifies_and_refunds_work(
    provider, merchant, paid, gateway, number
):
    settings = provider.settings()
    assert set(settings) >= {"ALIPAY_APP_CERT_FILE", "ALIPAY_ROOT_CERT_FILE"}
    opened = build_gateways(settings)["alipay"]
    no = paid(8880)
    assert opened.query(no).status == PaymentStatus.PAID
    event = opened.parse_notify({}, merchant.bodies[-1])
    assert (event.no, event.amount) == (no, 8880)
    refund_no = number()
    assert opened.refund(no, refund_no, 880, 8880, "one cup").amount == 880
    assert opened.query_refund(no, refund_no).amount == 880


def test_the_configuration_reads_what_the_env_file_says(provider, monkeypatch):
    settings = provider.settings()
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    loaded = config.load()
    assert {name: loaded[name] for name in settings if name.startswith("ALIPAY_")} == {
        name: value for name, value in settings.items() if name.startswith("ALIPAY_")
    }


def test_a_request_names_its_certificates(provider, address):
    _no, url = address()
    names = made.read(provider.folder)
    assert f"app_cert_sn={names.app}&" in url
    assert f"alipay_root_cert_sn={names.root}&" in url


def test_an_app_with_certificates_is_not_served_with_plain_keys(provider, number):
    public = (provider.folder / "alipay_public.pem").read_text()
    plain = provider.gateway(alipay_public_key=public, app_certificate="", root_certificates="")
    with pytest.raises(Misconfigured) as refused:
        plain.query(number())
    assert refused.value.params["provider_code"] == "isv.missing-app-cert-sn"


def test_another_certificate_of_the_same_key_is_refused_by_the_provider(provider, number):
    again = made.make(
        *(load_public_key(provider.folder / f"{one}_public.pem") for one in ("app", "alipay"))
    )
    other = provider.gateway(app_certificate=again[made.APP_FILE].decode())
    with pytest.raises(Misconfigured) as refused:
        other.query(number())
    assert refused.value.params["provider_code"] == "isv.invalid-app-cert-sn"


def test_a_renewed_certificate_is_believed_and_told_of(provider, gateway, paid):
    no = paid()
    provider.fault("answer_new_certificate")
    with structlog.testing.capture_logs() as said:
        assert gateway.query(no).status == PaymentStatus.PAID
    assert [one["named"] for one in said] == ["0" * 32]
    with structlog.testing.capture_logs() as said:
        gateway.query(no)
    assert not said


@pytest.mark.parametrize(
    ("field", "setting"),
    (
        ("app_certificate", "ALIPAY_APP_CERT_FILE"),
        ("root_certificates", "ALIPAY_ROOT_CERT_FILE"),
        ("alipay_public_key", "ALIPAY_PUBLIC_KEY_FILE"),
    ),
)
def test_one_certificate_without_the_others_is_named(provider, field, setting):
    plain = (provider.folder / "alipay_public.pem").read_text()
    with pytest.raises(Misconfigured) as refused:
        provider.gateway(**{field: plain if field == "alipay_public_key" else ""})
    assert refused.value.params["setting"] == setting


@pytest.mark.parametrize(
    ("changed", "setting"),
    (
        ({"app_certificate": "roots"}, "ALIPAY_APP_CERT_FILE"),
        ({"app_certificate": "nonsense"}, "ALIPAY_APP_CERT_FILE"),
        ({"app_certificate": "provider"}, "ALIPAY_APP_CERT_FILE"),
        ({"root_certificates": "nonsense"}, "ALIPAY_ROOT_CERT_FILE"),
        ({"root_certificates": "curve"}, "ALIPAY_ROOT_CERT_FILE"),
        ({"alipay_public_key": "curve"}, "ALIPAY_PUBLIC_KEY_FILE"),
    ),
)
def test_certificates_that_are_others_are_named(provider, changed, setting):
    roots = (provider.folder / made.ROOT_FILE).read_text()
    texts = {
        "roots": roots,
        "nonsense": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
        "provider": (provider.folder / made.PROVIDER_FILE).read_text(),
        "curve": roots[: roots.index("-----END CERTIFICATE-----") + 26],
    }
    with pytest.raises(Misconfigured) as refused:
        provider.gateway(**{name: texts[which] for name, which in changed.items()})
    assert refused.value.params["setting"] == setting


def test_line_ends_of_the_roots_do_not_matter(provider, number):
    roots = (provider.folder / made.ROOT_FILE).read_text()
    other = provider.gateway(root_certificates=roots.replace("\n\n", "\n").replace("\n", "\r\n"))
    assert other.query(number()).status == PaymentStatus.NOT_FOUND
