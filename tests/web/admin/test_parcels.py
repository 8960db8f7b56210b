"""A merchant's parcels: many at once, problems, packing, items that are not sent, settings."""

import io
import re

from sqlalchemy import select

from shop.core import clock, ids
from shop.core.db import db
from shop.core.transaction import transaction
from shop.order import tracking
from shop.order.models import Shipment
from shop.order.tracking import Event
from shop.payment import settlement
from tests.factories.orders import (
    assert_sound,
    contact,
    lines_of,
    order,
    paid_order,
    place_order,
    shipped_order,
)

MANY = "/en/admin/orders/ship-many"


def fields(page, name):
    return re.findall(rf'name="{name}" value="([^"]*)"', page)


def chosen(page):
    return re.findall(r'<option value="(\w+)" selected>', page)


def test_many_orders_are_shipped_from_one_list(goods, merchant):
    placed = [paid_order(goods.variant).number for _ in range(3)]
    unpaid = place_order(goods.variants[1])
    assert "Fill in the 3 orders" in merchant.get(MANY).get_data(as_text=True)
    assert placed[0] in merchant.get(f"{MANY}?with=to-ship").get_data(as_text=True)
    lines = [f"{number}\tYT12345678{at:05d}" for at, number in enumerate(placed)]
    text = "\n".join([*lines, f"{unpaid.number} SF99", "nothing 1"])
    page = merchant.post(MANY, data={"text": text}).get_data(as_text=True)
    assert "3 orders can be shipped" in page
    assert "not paid" in page
    assert chosen(page) == ["YTO"] * 3
    names = ("number", "tracking", "key")
    form = {name: fields(page, name) for name in names} | {"carrier": chosen(page)}
    assert form["number"] == placed
    with transaction():  # meanwhile
        settlement.cancel_order(order_of(placed[2]), reason="customer", actor="u:1")
    sent = merchant.post(f"{MANY}/shipments", data=form).get_data(as_text=True)
    assert "2 shipped, 1 skipped" in sent
    again = merchant.post(f"{MANY}/shipments", data=form).get_data(as_text=True)
    assert "2 shipped, 1 skipped" in again
    db.session.rollback()
    assert len(db.session.scalars(select(Shipment.id)).all()) == 2
    assert_sound()


def order_of(number):
    from shop.order import queries

    found = queries.id_of(number)
    assert found is not None
    return found


def test_a_file_in_any_encoding_and_lists_that_cannot_be_meant(goods, merchant, stranger):
    number = paid_order(goods.variant).number
    raw = f"订单,运单,快递\n{number},SF12345678,顺丰速运\n".encode("gb18030")
    page = merchant.post(MANY, data={"file": (io.BytesIO(raw), "list.csv")}).get_data(as_text=True)
    assert "1 order can be shipped" in page
    for data in ({}, {"text": "x" * 70_000}, {"text": "1\n" * 300}):
        assert merchant.post(MANY, data=data).status_code == 422
    theirs = stranger.post(MANY, data={"text": f"{number} SF1"}).get_data(as_text=True)
    assert "This store has no such order" in theirs
    form = {"number": number, "tracking": "SF1", "carrier": "SF", "key": ids.token()}
    assert "0 shipped, 1 skipped" in stranger.post(f"{MANY}/shipments", data=form).get_data(
        as_text=True
    )


def test_a_problem_is_a_task_and_stands_at_the_order(goods, merchant):
    placed = shipped_order(goods.variant, contact=contact(phone="13912345678"))
    parcel = db.session.scalar(select(Shipment.id).where(Shipment.order_id == placed.order))
    assert "Parcels with a problem" not in merchant.get("/en/admin").get_data(as_text=True)
    word = Event("e", clock.now(), "exception", "杭州", "Nobody was there")
    with transaction():
        tracking.record(parcel, [word], actor="carrier:SF")
    assert "Parcels with a problem" in merchant.get("/en/admin").get_data(as_text=True)
    page = merchant.get(f"/en/admin/orders/{placed.number}").get_data(as_text=True)
    assert "Nobody was there" in page
    assert "SF Express met with a problem" in page
    assert "sf-express.com" in page
    listed = merchant.get("/en/admin/orders?view=problem").get_data(as_text=True)
    assert placed.number in listed
    for q in ("5678", "sf1234567", placed.number):
        found = merchant.get(f"/en/admin/orders?q={q}", follow_redirects=True)
        assert placed.number in found.get_data(as_text=True)


def test_packing_and_a_cancellation_that_is_declined(goods, merchant):
    placed = paid_order(goods.variant)
    path = f"/en/admin/orders/{placed.number}"
    assert "Start packing" in merchant.get(path).get_data(as_text=True)
    assert merchant.post(f"{path}/packing").status_code == 303
    with transaction():
        settlement.cancel_for_shopper(placed.order, reason="by-customer-slow", actor="guest")
    page = merchant.get(path).get_data(as_text=True)
    assert "asked to cancel this order" in page
    assert "It took the customer too long" in page
    assert "Cancellations asked for" in merchant.get("/en/admin").get_data(as_text=True)
    assert merchant.post(f"{path}/cancellation/refusal").status_code == 303
    assert merchant.post(f"{path}/cancellation/refusal").status_code == 409


def test_items_are_cancelled_with_a_reason(goods, merchant):
    placed = paid_order({goods.variant: 3})
    line = lines_of(placed.order)[0].public_id
    path = f"/en/admin/orders/{placed.number}/lines/cancellation"
    data = {"key": ids.token(), "reason": "out-of-stock", f"quantity-{line}": "9"}
    answer = merchant.post(path, data=data)
    assert answer.status_code == 422
    assert "At most 3 can still be cancelled" in answer.get_data(as_text=True)
    assert merchant.post(path, data=data | {f"quantity-{line}": "2"}).status_code == 303
    assert lines_of(placed.order)[0].cancelled == 2
    page = merchant.get(f"/en/admin/orders/{placed.number}").get_data(as_text=True)
    assert "2 items cancelled by" in page
    assert order(placed.order).state == "open"
    assert_sound()


def test_a_store_chooses_its_carriers_and_its_days(goods, merchant):
    path = "/en/admin/settings/parcels"
    data = {
        "carriers": ["SF", "UPS"], "carrier": "UPS", "after_delivery": "5",
        "after_shipping": "20", "pay_minutes": "",
    }  # fmt: skip
    assert merchant.get(path).status_code == 200
    for wrong in ({"carriers": []}, {"carrier": "YTO"}, {"after_delivery": "0"},
                  {"pay_minutes": "1"}, {"after_shipping": "many"}):  # fmt: skip
        assert merchant.post(path, data=data | wrong).status_code == 422
    assert merchant.post(path, data=data).status_code == 303
    placed = paid_order(goods.variant)
    page = merchant.get(f"/en/admin/orders/{placed.number}").get_data(as_text=True)
    assert '<option selected value="UPS">' in page
    assert "ZTO" not in page
