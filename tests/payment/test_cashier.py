"""The cashier page as a browser without scripts meets it."""

import re
from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import pytest

from shop.core import clock
from shop.payment.gateways.base import PaymentStatus, Scene
from tests.payment.provider import fetch


class _Page(HTMLParser):
    """Form actions and link targets of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.actions: list[str] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag == "form":
            assert values["method"] == "post"
            self.actions.append(values["action"])
        if tag == "a":
            self.links.append(values["href"])


@pytest.fixture
def cashier(provider, address):
    """Open the cashier of a new payment: number, address, text."""

    def open_one(**changes):
        no, url = address(**changes)
        page = provider.url + fetch(url)[1] if changes.get("scene") != Scene.QR else url
        return no, page, fetch(page)[1]

    return open_one


def test_pressing_pay_leads_back_with_signed_fields_and_notifies(
    gateway, provider, merchant, cashier
):
    no, _, text = cashier(return_url=merchant.return_url + "?from=cashier")
    pay = provider.url + _Page(text).actions[0]
    status, back = fetch(pay, method="POST")
    assert status == 303
    assert back.startswith(merchant.return_url + "?from=cashier&")
    fields = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
    assert fields.pop("from") == "cashier"
    assert (fields["out_trade_no"], fields["total_amount"]) == (no, "88.80")
    signature = fields.pop("sign")
    assert gateway._client.verify(fields, signature)
    provider.trade(no)
    assert gateway.parse_notify({}, merchant.bodies[0]).no == no
    assert gateway.query(no).status == PaymentStatus.PAID


def test_pressing_pay_twice_pays_once(provider, merchant, cashier):
    no, page, text = cashier()
    pay = provider.url + _Page(text).actions[0]
    assert fetch(pay, method="POST")[0] == 303
    status, again = fetch(pay, method="POST")
    assert status == 303
    assert again.startswith(urlsplit(page).path)
    provider.trade(no)
    assert len(merchant.bodies) == 1
    text = fetch(page)[1]
    assert "Paid" in text
    assert merchant.return_url in text


def test_cancel_leads_back_and_changes_nothing(gateway, merchant, cashier):
    no, _, text = cashier()
    assert merchant.return_url in _Page(text).links
    assert gateway.query(no).status == PaymentStatus.NOT_FOUND


def test_a_code_without_a_way_back_shows_that_it_was_paid(gateway, provider, cashier):
    no, page, text = cashier(scene=Scene.QR)
    status, there = fetch(provider.url + _Page(text).actions[0], method="POST")
    assert (status, there.partition("?")[0]) == (303, urlsplit(page).path)
    assert gateway.query(no).status == PaymentStatus.PAID


def test_after_the_deadline_only_the_late_button_is_left(gateway, provider, cashier):
    no, _, text = cashier(expires_at=clock.now() - timedelta(minutes=5))
    assert "The time to pay is over" in text
    actions = _Page(text).actions
    assert len(actions) == 1
    assert fetch(provider.url + actions[0], method="POST")[0] == 303
    assert gateway.query(no).status == PaymentStatus.NOT_FOUND, (
        "without its field it is no late one"
    )


def test_both_languages(provider, cashier):
    _, page, english = cashier()
    assert '<html lang="en">' in english
    assert "No money moves" in english
    chinese = fetch(page, accept="zh-CN,zh;q=0.9,en;q=0.1")[1]
    assert '<html lang="zh-CN">' in chinese
    assert "不会产生真实扣款" in chinese
    assert '<html lang="en">' in fetch(page + "?lang=en", accept="zh-CN")[1]
    assert '<html lang="en">' in fetch(page + "?lang=xx", accept="fr")[1]


def test_nothing_of_the_request_becomes_markup(cashier):
    _, _, text = cashier(subject="<script>alert(1)</script>\"'>")
    assert "<script" not in text
    assert not re.search(r"\s(style|on\w+)=", text)


@pytest.mark.parametrize("name", ("notify_url", "return_url"))
@pytest.mark.parametrize(
    "target",
    ("javascript:alert(1)", "file:///etc/passwd", "//evil.example", "http://a b/", "http://["),
)
def test_only_web_addresses_are_taken(address, name, target):
    status, text = fetch(address(**{name: target})[1])
    assert status == 400
    assert "ACQ.INVALID_PARAMETER" in text


def test_an_unknown_page_is_not_found(provider):
    assert fetch(f"{provider.url}/alipay/cashier/nothing")[0] == 404


def test_controls_take_json_only(provider, opened):
    no = opened()
    assert fetch(f"{provider.url}/_control/pay/{no}", method="POST")[0] == 415
    status, text = fetch(f"{provider.url}/_control/faults", method="POST", json_body={"fault": "x"})
    assert status == 422
    assert "notify_lost" in text
