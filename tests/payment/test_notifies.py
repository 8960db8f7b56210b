"""Notifies: signed, repeated until acknowledged, refused when bent."""

from urllib.parse import parse_qsl, urlencode

import pytest

from shop.core import clock
from shop.payment.gateways.base import BadSignature, EventKind, ForeignMerchant


def test_a_payment_is_notified_once_acknowledged(gateway, provider, merchant, paid):
    no = paid(8880)
    assert len(merchant.bodies) == 1
    event = gateway.parse_notify({}, merchant.bodies[0])
    assert (event.kind, event.no, event.amount) == (EventKind.PAID, no, 8880)
    assert event.merchant_ids == (
        provider.values["ALIPAY_APP_ID"],
        provider.values["ALIPAY_SELLER_ID"],
    )
    assert event.provider_id == gateway.query(no).provider_id
    assert event.refund_no is None
    assert abs((clock.now() - event.paid_at).total_seconds()) < 60
    assert provider.trade(no)["notifies"][0]["state"] == "acknowledged"


@pytest.mark.parametrize(
    "answer", ((200, "Success"), (200, "success\n"), (500, "success"), (200, ""))
)
def test_only_exactly_success_stops_the_repeats(gateway, provider, merchant, address, answer):
    merchant.answers = [answer, answer]
    no, url = address()
    notify = provider.pay(no, url=url)["notifies"][0]
    assert (notify["state"], notify["attempts"]) == ("acknowledged", 3)
    events = {gateway.parse_notify({}, body).event_id for body in merchant.bodies}
    assert len(events) == 1, "the event's id is constant over its repeats"


def test_eight_tries_and_no_more(provider, merchant, address):
    merchant.answers = [(400, "failure")] * 20
    no, url = address()
    notify = provider.pay(no, url=url)["notifies"][0]
    assert (notify["state"], notify["attempts"]) == ("given_up", 8)
    assert len(merchant.bodies) == 8


def test_lost(provider, merchant, address):
    provider.fault("notify_lost")
    no, url = address()
    trade = provider.pay(no, url=url)
    assert trade["notifies"][0]["state"] == "lost"
    assert trade["status"] == "TRADE_SUCCESS"
    assert merchant.bodies == []


def test_duplicates(gateway, provider, merchant, address):
    provider.fault("notify_duplicate", count=6)
    no, url = address()
    provider.pay(no, url=url)
    assert len(merchant.bodies) == 6
    assert len({gateway.parse_notify({}, body).event_id for body in merchant.bodies}) == 1


def test_delayed_until_released(provider, merchant, address):
    provider.fault("notify_delayed")
    no, url = address()
    assert provider.pay(no, url=url)["notifies"][0]["state"] == "held"
    assert merchant.bodies == []
    provider.control("POST", "/release")
    assert provider.trade(no)["notifies"][0]["state"] == "acknowledged"


@pytest.mark.parametrize(
    ("fault", "error"),
    (
        ({"fault": "notify_tampered"}, BadSignature),
        ({"fault": "notify_tampered", "changes": {"out_trade_no": "XPOTHER01"}}, BadSignature),
        ({"fault": "notify_forged"}, BadSignature),
        ({"fault": "notify_foreign", "app_id": "9021000000000000"}, ForeignMerchant),
        ({"fault": "notify_foreign", "seller_id": "2088000000000000"}, ForeignMerchant),
    ),
)
def test_bent_notifies_are_refused(gateway, provider, merchant, address, fault, error):
    provider.control("POST", "/faults", **fault)
    no, url = address()
    provider.pay(no, url=url)
    with pytest.raises(BadSignature) as refusal:
        gateway.parse_notify({}, merchant.bodies[0])
    assert type(refusal.value) is error


def test_another_provider_s_notify_is_refused(other_provider, merchant, paid):
    paid()
    with pytest.raises(BadSignature):
        other_provider.gateway().parse_notify({}, merchant.bodies[0])


def test_a_wrong_amount_passes_for_the_shop_to_judge(gateway, provider, merchant, address):
    provider.fault("wrong_amount", amount="88.79")
    no, url = address(8880)
    provider.pay(no, url=url)
    assert gateway.parse_notify({}, merchant.bodies[0]).amount == 8879
    assert gateway.query(no).paid_amount == 8879


def test_a_refund_s_notify_is_not_a_second_payment(gateway, provider, merchant, paid):
    no = paid(10000)
    gateway.refund(no, "RF0001", 3000, 10000, "late")
    provider.trade(no)
    gateway.refund(no, "RF0002", 7000, 10000, "late")
    provider.trade(no)
    _, part, whole = [gateway.parse_notify({}, body) for body in merchant.bodies]
    assert (part.kind, part.refund_no, part.total_refunded) == (EventKind.REFUNDED, "RF0001", 3000)
    assert (part.raw_status, whole.raw_status) == ("TRADE_SUCCESS", "TRADE_CLOSED")
    assert (whole.kind, whole.refund_no, whole.total_refunded) == (
        EventKind.REFUNDED,
        "RF0002",
        10000,
    )
    assert part.amount == whole.amount == 10000
    assert part.event_id != whole.event_id


def test_a_closed_trade_is_notified_as_closed(gateway, provider, merchant, opened):
    no = opened()
    gateway.close(no)
    provider.trade(no)
    event = gateway.parse_notify({}, merchant.bodies[0])
    assert (event.kind, event.no) == (EventKind.CLOSED, no)


def _bend(body: bytes, **changes: str | None) -> bytes:
    fields = dict(parse_qsl(body.decode(), keep_blank_values=True)) | changes
    return urlencode({k: v for k, v in fields.items() if v is not None}).encode()


def test_hostile_bodies_are_refused_without_a_crash(gateway, merchant, paid):
    paid()
    good = merchant.bodies[0]
    hostile = [
        b"",
        b"&&&",
        b"sign=&sign_type=RSA2",
        b"\xff\xfe=1",
        b"a=%ff&sign=x&sign_type=RSA2",
        b"=" * 70_000,
        b"&".join(b"a%d=1" % n for n in range(300)),
        _bend(good, sign="*"),
        _bend(good, sign="签名"),
        _bend(good, sign=None),
        _bend(good, sign_type=None),
        _bend(good, sign_type="RSA"),
        _bend(good, total_amount="88.8"),
        _bend(good, extra="1"),
        _bend(good, extra=""),
        good + b"&total_amount=0.01",
    ]
    for body in hostile:
        with pytest.raises(BadSignature):
            gateway.parse_notify({}, body)
    assert gateway.parse_notify({}, good).kind == EventKind.PAID


def test_every_single_field_is_covered_by_the_signature(gateway, merchant, paid):
    paid()
    good = merchant.bodies[0]
    for name, value in parse_qsl(good.decode()):
        if name == "sign":  # its base64 may carry harmless characters
            continue
        with pytest.raises(BadSignature):
            gateway.parse_notify({}, _bend(good, **{name: value + "0"}))


def test_acknowledgements(gateway):
    assert gateway.ack(True) == (200, "success")
    assert gateway.ack(False)[1] != "success"
