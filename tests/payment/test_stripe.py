"""Stripe: our gateway by the real SDK against the sandbox, with real signatures."""

import json
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from shop.core import clock
from shop.payment.bills.base import BillKind, day_of
from shop.payment.gateways import stripe_units
from shop.payment.gateways.base import (
    BadSignature,
    Closing,
    EventKind,
    ForeignMerchant,
    Known,
    Misconfigured,
    PaymentStatus,
    RefundStatus,
    Rejected,
    Retryable,
    Scene,
    Unknown,
)
from shop.payment.gateways.registry import build_gateways
from shop.sandbox.stripe.wire import sign
from tests.payment.provider import fetch


@pytest.fixture
def stripe(provider, merchant):
    provider.control("POST", "/stripe-endpoint", url=f"{merchant.base}/notify/stripe")
    return build_gateways(provider.settings(STRIPE_TIMEOUT="3"))["stripe"]


@pytest.fixture
def placed(stripe, merchant, number):
    """Open a page: its number, what the shopper does, and the gateway as the shop will ask it."""

    def place(amount=8880, currency="CNY", **changes):
        no = changes.get("no") or number()
        known = Known(currency, changes.get("reference", ""))
        expires_at = changes.get("expires_at", clock.now() + timedelta(minutes=30))
        back = changes.get("back", f"{merchant.base}/en/pay/token/return")
        title = changes.get("title", "Teapot 龙泉青瓷壶" * 40)
        args = (no, amount, title, expires_at, merchant.notify_url, back, "203.0.113.7", Scene.PAGE)
        action = stripe.for_attempt(known).create(*args)
        return no, action, stripe.for_attempt(Known(currency, action.reference))

    return place


def notify(gateway, merchant, at=-1):
    return gateway.parse_notify(merchant.headers[at], merchant.bodies[at])


def use_card(url, number="4242 4242 4242 4242"):
    """Type a card on the page; status and where it led, or the page."""
    import http.client
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    wire = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
    form = urlencode({"number": number, "expiry": "12 / 49", "cvc": "123"})
    kind = {"Content-Type": "application/x-www-form-urlencoded", "Accept-Language": "en"}
    wire.request("POST", f"{parts.path}/payment", form, kind)
    answer = wire.getresponse()
    text = answer.read().decode()
    wire.close()
    return answer.status, answer.headers.get("Location") or text


def test_a_card_pays_and_a_declined_one_may_be_changed(stripe, provider, merchant, placed):
    no, action, mine = placed()
    assert "¥88.80" in fetch(action.redirect_url)[1]
    assert mine.query(no).status == PaymentStatus.PENDING
    for number, status, said in (
        ("4000 0000 0000 0002", 402, "declined this card"),
        ("4242 4242 4242 4243", 422, "not the number of a card"),
        ("5555 5555 5555 4444", 422, "Only the cards for testing"),
    ):
        answered, page = use_card(action.redirect_url, number)
        assert (answered, said in page, number in page) == (status, True, True)
    assert mine.query(no).status == PaymentStatus.PENDING
    back = use_card(action.redirect_url)
    assert back == (303, f"{merchant.base}/en/pay/token/return")
    assert provider.trade(no)["notifies"][0]["state"] == "acknowledged"
    event, result = notify(stripe, merchant), mine.query(no)
    assert (event.kind, event.no, event.amount, event.currency) == (
        EventKind.PAID,
        no,
        8880,
        "CNY",
    )
    assert (result.status, result.paid_amount, result.currency) == (
        PaymentStatus.PAID,
        8880,
        "CNY",
    )
    assert event.provider_id == result.provider_id
    assert abs(result.paid_at - clock.now()) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("minor", "currency", "units"),
    (
        (8880, "USD", 8880),
        (888, "JPY", 888),
        (8880, "KWD", 8880),
        (888, "ISK", 88800),
        (88800, "XAF", 888),
    ),
)
def test_amounts_are_written_as_each_currency_wants_them(provider, placed, minor, currency, units):
    assert stripe_units.to_units(minor, currency) == units
    no, _, mine = placed(minor, currency)
    assert provider.trade(no)["total"] == units
    provider.pay(no)
    assert (mine.query(no).paid_amount, mine.query(no).currency) == (minor, currency)
    assert mine.refund(no, f"R1{no}", minor, minor, "late").amount == minor


def test_amounts_that_cannot_be_charged_exactly_are_refused(placed):
    for minor, currency in ((8881, "KWD"), (8881, "XAF"), (100, "XXX")):
        with pytest.raises(Rejected):
            placed(minor, currency)
    with pytest.raises(ValueError, match="attempt_no"):
        placed(no="short")


def test_one_number_is_one_page_however_often_it_is_asked_for(stripe, provider, placed):
    until = clock.now() + timedelta(minutes=20)
    no, first, _ = placed(expires_at=until)
    assert placed(no=no, expires_at=until)[1] == first, "by the key"
    other = placed(no=no, expires_at=until, title="茶壶", back="http://127.0.0.1/zh/back")[1]
    assert other == first, "another language: it is looked for"
    assert placed(no=no, reference=first.reference)[1] == first
    assert stripe.query(no).status == PaymentStatus.PENDING, "found without its reference"
    with pytest.raises(Unknown):
        placed(9999, no=no, expires_at=until)
    provider.pay(no)
    led = placed(no=no, reference=first.reference, back="http://127.0.0.1/en/back")[1]
    assert led.redirect_url == "http://127.0.0.1/en/back", "paid meanwhile: the shop asks there"


def test_closing(stripe, provider, placed, number):
    no, action, mine = placed(expires_at=None)
    assert mine.close(no) == mine.close(no) == Closing.CLOSED
    assert mine.query(no).status == PaymentStatus.CLOSED
    assert "time to pay is over" in fetch(action.redirect_url)[1]
    with pytest.raises(Rejected):
        placed(no=no, reference=action.reference)
    provider.pay(no, force=True)
    assert mine.close(no) == Closing.ALREADY_PAID
    nobody = number()
    assert stripe.query(nobody).status == PaymentStatus.NOT_FOUND
    assert stripe.close(nobody) == Closing.NOT_FOUND
    with pytest.raises(Unknown):
        mine.query(nobody)


def test_refunds_by_number_move_money_once(stripe, provider, merchant, placed):
    no, _, mine = placed(10000)
    provider.pay(no)
    first = mine.refund(no, f"R1{no}", 3000, 10000, "late")
    assert (first.status, first.amount) == (RefundStatus.DONE, 3000)
    assert mine.refund(no, f"R1{no}", 3000, 10000, "late") == first
    paid = stripe.for_attempt(Known("CNY", "", mine.query(no).provider_id))
    assert paid.query_refund(no, f"R1{no}") == first, "its payment's number is enough"
    assert mine.query_refund(no, f"R2{no}").status == RefundStatus.NOT_FOUND
    with pytest.raises(Rejected):
        mine.refund(no, f"R3{no}", 7001, 10000, "late")
    provider.fault("refund_pending", out_trade_no=no)
    assert mine.refund(no, f"R4{no}", 3000, 10000, "").status == RefundStatus.PROCESSING
    provider.control("POST", f"/refunds/R4{no}", status="ABNORMAL")
    assert mine.query_refund(no, f"R4{no}").status == RefundStatus.ABNORMAL
    provider.control("POST", f"/refunds/R4{no}", status="CLOSED")
    assert mine.query_refund(no, f"R4{no}").status == RefundStatus.FAILED
    mine.refund(no, f"R5{no}", 7000, 10000, "")
    provider.trade(no)
    event = notify(stripe, merchant)
    assert (event.kind, event.no, event.refund_no, event.refund_amount, event.refund_status) == (
        EventKind.REFUNDED,
        no,
        f"R5{no}",
        7000,
        RefundStatus.DONE,
    )
    assert mine.query(no).status == PaymentStatus.REFUNDED
    other, _, unpaid = placed()
    with pytest.raises(Rejected):
        unpaid.refund(other, f"R6{no}", 1, 100, "")


@pytest.mark.parametrize(
    ("fault", "error"),
    (
        ("answer_html", Unknown),
        ("answer_empty", Unknown),
        ("answer_500", Unknown),
        ("system_error", Retryable),
        ("refused", Rejected),
    ),
)
def test_what_an_answer_is_worth(provider, placed, fault, error):
    no, _, mine = placed()
    provider.fault(fault, out_trade_no=no)
    with pytest.raises(error) as refusal:
        mine.query(no)
    assert type(refusal.value) is error
    assert mine.query(no).status == PaymentStatus.PENDING


def test_bad_keys_are_an_operator_s_matter(provider, other_provider, number):
    theirs = other_provider.settings(STRIPE_API_BASE=provider.url)
    with pytest.raises(Misconfigured) as refusal:
        build_gateways(theirs)["stripe"].query(number())
    assert theirs["STRIPE_SECRET_KEY"] not in repr(refusal.value)
    with pytest.raises(Misconfigured):
        build_gateways(theirs | {"STRIPE_SECRET_KEY": "pk_test_1"})


def test_bent_webhooks_are_refused(stripe, provider, merchant, placed):
    for name, error in (
        ("notify_tampered", BadSignature),
        ("notify_forged", BadSignature),
        ("notify_stale", BadSignature),
        ("notify_foreign", ForeignMerchant),
    ):
        no, _, _ = placed()
        provider.fault(name, out_trade_no=no)
        provider.pay(no)
        with pytest.raises(BadSignature) as refusal:
            notify(stripe, merchant)
        assert type(refusal.value) is error, name


def test_secrets_may_overlap_and_hostile_webhooks_do_no_harm(stripe, provider, merchant, placed):
    no, _, _ = placed()
    provider.pay(no)
    header, body = merchant.headers[-1]["Stripe-Signature"], merchant.bodies[-1]
    mine, lower = provider.values["STRIPE_WEBHOOK_SECRET"], {"stripe-signature": header}
    assert stripe.parse_notify(lower, body).no == no, "names of headers have no case"
    both = provider.settings(STRIPE_WEBHOOK_SECRET=f"whsec_older, {mine}")
    assert build_gateways(both)["stripe"].parse_notify(lower, body).no == no
    stamp = header.split(",")[0]
    for bent in ("", "t=1", f"{stamp},v1=", f"t={'9' * 400},v1=x", "v1=签名", "t=x,v1=1,=,="):
        with pytest.raises(BadSignature):
            stripe.parse_notify({"Stripe-Signature": bent}, body)
    for content in (b"", b"\xff", b"{}", b"[" * 9000, body + b" ", b"x" * 300_000):
        with pytest.raises(BadSignature):
            stripe.parse_notify(lower, content)
    now = clock.now().timestamp()
    told = json.loads(body)
    for change in ({"data": {"object": 7}}, {"type": "refund.updated"}, {"livemode": True}):
        text = json.dumps(told | change)
        with pytest.raises(BadSignature):
            stripe.parse_notify({"Stripe-Signature": sign(mine, text, now)}, text.encode())
    text = json.dumps(told | {"type": "customer.created"})
    other = stripe.parse_notify({"Stripe-Signature": sign(mine, text, now)}, text.encode())
    assert (other.no, stripe.ack(False)[0]) == ("", 200), "signed, and nothing of ours"


def test_the_balance_is_the_bill(stripe, provider, placed):
    no, _, mine = placed(10000)
    provider.pay(no)
    mine.refund(no, f"R1{no}", 3000, 10000, "")
    provider.control("POST", f"/refund/{no}", amount="20.00")
    provider.fault("refund_closed", out_trade_no=no)
    mine.refund(no, f"R2{no}", 500, 10000, "")
    provider.trade(no)
    rows = [row for row in stripe.fetch_bill(day_of(clock.now())) if row.no == no]
    paid = [row for row in rows if row.kind == BillKind.PAYMENT]
    assert [(row.amount_minor, row.fee_minor) for row in paid] == [(10000, 290)]
    back = [(row.refund_no, row.refunded_minor, row.moved) for row in rows if row not in paid]
    assert sorted(back) == [
        ("", 2000, True),
        (f"R1{no}", 3000, True),
        (f"R2{no}", 500, False),
        (f"R2{no}", 500, True),
    ]
    assert {row.provider_id for row in rows} == {mine.query(no).provider_id}
    assert len({row.provider_refund_id for row in rows}) == 4
    assert replace(paid[0], at=rows[0].at) == rows[0]
