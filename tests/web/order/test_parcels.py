"""Carriers' messages at the door, and what a buyer sees and does about an order on its way."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from shop.core import clock
from shop.core.db import db
from shop.core.transaction import transaction
from shop.jobs import inline
from shop.notifications import senders
from shop.order import asking
from shop.order.carriers.signed_json import SIGNATURE, TIMESTAMP, sign
from shop.order.tracking_models import TrackingEvent
from tests.factories import orders as made
from tests.factories.delivery import make_method, make_zone
from tests.factories.orders import order
from tests.web.order.conftest import CHINESE
from tests.web.order.test_orders import act, key, page, url

SECRET = "a-key-that-both-sides-know-and-nobody-else"


@pytest.fixture
def carrier(app):
    """SF speaks to the shop."""
    app.config["CARRIER_ACCOUNTS"] = {"SF": ("https://sf.example/v1", SECRET)}
    app.extensions.pop("carrier_gateways", None)
    return "/carriers/SF/events"


def push(browser, path, *events, number="SF1234567", secret=SECRET, age=0):
    body = json.dumps({"number": number, "events": list(events)}).encode()
    stamp = str(int(clock.now().timestamp()) - age)
    headers = {TIMESTAMP: stamp, SIGNATURE: sign(secret, stamp, body)}
    return browser.post(path, data=body, headers=headers, content_type="application/json")


def word(kind, name="e-1", **more):
    return {"id": name, "at": clock.now().isoformat(), "kind": kind, "place": "杭州"} | more


def events():
    db.session.rollback()
    return list(db.session.scalars(select(TrackingEvent.kind)))


def test_only_a_signed_and_fresh_message_counts_and_once(app, client, goods, carrier):
    app.config["WTF_CSRF_ENABLED"] = True  # a carrier has no token of ours
    made.shipped_order(goods.variant)
    arrived = word("delivered")
    assert push(client, carrier, arrived, secret="forged" * 8).status_code == 400
    assert push(client, carrier, arrived, age=3600).status_code == 400
    assert push(client, carrier, {"id": "e"}).status_code == 400
    assert client.post(carrier, data=b"[" * 100_000).status_code == 400
    assert events() == []
    answers = [push(client, carrier, arrived) for _ in range(3)]
    assert [(a.status_code, a.get_data(as_text=True)) for a in answers] == [(200, "success")] * 3
    assert events() == ["delivered"]
    assert push(client, carrier, arrived, number="SF999").status_code == 200  # not ours: no repeats
    assert client.post("/carriers/UPS/events", data=b"{}").status_code == 404
    made.assert_sound()


def test_the_page_tells_the_way_and_when_it_counts_as_received(app, client, goods, carrier):
    senders.memory().clear()
    placed = made.shipped_order(goods.variant)
    shown = page(client, url(app, placed))
    assert "unless you tell us" in shown
    assert "sf-express.com" in shown
    push(client, carrier, word("in_transit", text="<b>Arrived</b>"), word("delivered", "e-2"))
    shown = page(client, url(app, placed, "zh"))
    assert "已送达" in shown
    assert "&lt;b&gt;Arrived" in shown
    assert shown.index("已送达") < shown.index("&lt;b&gt;Arrived")
    inline.run_all()
    subjects = [mail["Subject"] for mail in senders.memory()]
    assert any(subject.startswith("Delivered") for subject in subjects)
    sent = next(mail for mail in senders.memory() if "On its way" in mail["Subject"])
    assert "unless you tell us" in sent.get_body(("plain",)).get_content()
    assert act(client, app, placed, "extension").status_code == 303
    assert "Extended once" in page(client, url(app, placed))
    assert act(client, app, placed, "extension").status_code == 409


def test_reasons_of_a_cancellation_and_a_shop_that_packs(app, client, goods):
    placed, packed = made.paid_order(goods.variant), made.paid_order(goods.variants[1])
    data = {"key": key(app, placed.number), "reason": "mistake"}
    assert client.post(f"/en/orders/{placed.number}/cancellation", data=data).status_code == 303
    assert order(placed.order).cancel_reason == "by-customer-mistake"
    with transaction():
        asking.begin_packing(packed.order, actor="u:1")
    assert "Ask the shop to cancel" in page(client, url(app, packed))
    assert act(client, app, packed, "cancellation").status_code == 303
    assert "You asked the shop" in page(client, url(app, packed))
    assert order(packed.order).state == "open"


def test_the_shop_is_reminded_when_it_is_late(app, client, goods):
    placed = made.paid_order(goods.variant)
    assert "Remind the shop" not in page(client, url(app, placed))
    with clock.at(clock.now() + timedelta(days=3)):
        assert "Remind the shop" in page(client, url(app, placed))
        assert act(client, app, placed, "reminder").status_code == 303
        assert act(client, app, placed, "reminder").status_code == 409
        assert "You reminded the shop" in page(client, url(app, placed))


def test_the_address_is_changed_while_nothing_is_packed(app, client, goods):
    placed = made.paid_order(goods.variant)
    path = f"/zh/orders/{placed.number}/address"
    assert "文三路" in page(client, url(app, placed, "zh", "/address"))
    typed = CHINESE | {"key": key(app, placed.number), "street": "南京东路 8 号"}
    assert client.post(path, data=typed | {"name": ""}).status_code == 422
    assert client.post(path, data=typed).status_code == 303
    assert "南京东路 8 号" in page(client, url(app, placed, "zh"))
    made.ship(placed.order)
    answer = client.post(path, data=typed | {"street": "北京路 1 号"})
    assert answer.status_code == 409
    assert "北京路 1 号" in answer.get_data(as_text=True)  # what was typed stays


def test_the_address_stays_where_delivery_costs_the_same(app, client, goods):
    near = make_zone(goods.store_id, "Near", "CN:上海市")
    far = make_zone(goods.store_id, "Far", "CN", rest=True)
    make_method(goods.store_id, near, price_minor=100)
    make_method(goods.store_id, far, price_minor=900)
    where = {"province": "上海市", "city": "上海市", "district": "黄浦区"}
    placed = made.paid_order(
        goods.variant, contact=made.contact(**where), expected_total_minor=10100
    )
    path = f"/zh/orders/{placed.number}/address"
    typed = CHINESE | {"key": key(app, placed.number)}
    there = {"province": "西藏自治区", "city": "拉萨市", "district": "城关区"}
    answer = client.post(path, data=typed | there | {"street": "北京路 1 号"})
    assert answer.status_code == 422
    assert "运费或税费不同" in answer.get_data(as_text=True)
    assert client.post(path, data=typed | where | {"street": "福州路 8 号"}).status_code == 303
