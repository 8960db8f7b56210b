"""Bills over the wire: a link that a signed answer names, what is packed behind it, and its faults."""

from datetime import timedelta

import pytest

from shop.core import clock
from shop.core.errors import Invalid
from shop.payment.bills.base import BillKind, day_of
from shop.payment.gateways.base import Misconfigured, Unknown
from shop.payment.gateways.registry import build_gateways
from tests.payment.provider import fetch


@pytest.fixture(params=("alipay", "wechatpay"))
def till(request, provider, merchant, address, number):
    """A gateway, and what pays an attempt at it."""
    found = build_gateways(provider.settings())[request.param]

    def pay(amount):
        no, url = address(amount) if found.name == "alipay" else (number(), "")
        if found.name == "wechatpay":
            found.create(
                no, amount, "Tea, 茶", None, merchant.notify_url, "", "203.0.113.7", "page"
            )
        provider.pay(no, url=url)
        return no

    return found, pay


def test_a_day_comes_with_its_payments_refunds_and_what_the_console_gave_back(till, provider):
    gateway, pay = till
    no, faulty, gone = pay(10000), pay(5000), pay(7000)
    given = f"RFBILL{no}"
    gateway.refund(no, given, 3000, 10000, "damaged")
    provider.trade(no)
    console = f"console{no}"
    provider.control("POST", f"/refund/{no}", amount="10.00", number=console)
    provider.fault("bill_wrong_amount", out_trade_no=faulty)
    provider.fault("bill_row_missing", out_trade_no=gone)
    today = day_of(clock.now())
    rows = gateway.fetch_bill(today)
    mine = [
        (r.kind, r.refund_no, r.amount_minor, r.refunded_minor, r.moved) for r in rows if r.no == no
    ]
    assert sorted(mine) == [
        (BillKind.PAYMENT, "", 10000, 0, True),
        (BillKind.REFUND, given, 0, 3000, True),
        (BillKind.REFUND, console, 0, 1000, True),
    ]
    assert [row.amount_minor for row in rows if row.no == faulty] == [5001]
    assert [row for row in rows if row.no == gone] == []
    assert next(row.fee_minor for row in rows if row.no == no and row.amount_minor) == 60
    assert gateway.fetch_bill(today - timedelta(days=400)) == []


def test_a_download_is_signed_whole_and_from_the_gateway_s_own_host(provider, monkeypatch, number):
    """WeChat Pay signs the link and the hash, not the file."""
    gateway = build_gateways(provider.settings())["wechatpay"]
    no, today = number(), day_of(clock.now())
    gateway.create(no, 800, "Tea", None, provider.url, "", "203.0.113.7", "page")
    provider.pay(no)
    asked = gateway._client.ask("trade_bill", today.isoformat())
    assert fetch(asked.body["download_url"])[0] == 401, "nobody else may have it"
    real = gateway._client.download
    for address in ("http://127.0.0.1:1/v3/x", f"{provider.url}.example/v3/x", f"{provider.url}/x"):
        with pytest.raises(Unknown):
            real(address)
    monkeypatch.setattr(gateway._client, "download", lambda address: real(address)[:-40])
    with pytest.raises(Invalid):
        gateway.fetch_bill(today)
    monkeypatch.setattr(gateway._client, "download", lambda address: b"`1")
    with pytest.raises(Invalid, match="bill-hash"):
        gateway.fetch_bill(today)
    strange = provider.settings(WECHATPAY_MCH_CERT_SERIAL="0")
    with pytest.raises(Misconfigured):
        build_gateways(strange)["wechatpay"].fetch_bill(today)
