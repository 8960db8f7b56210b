"""What carriers tell, when an order counts as received, and what shoppers ask before anything is sent."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from shop.core import clock
from shop.core.db import db
from shop.core.errors import Conflict, Invalid
from shop.core.models import Outbox
from shop.core.transaction import transaction
from shop.jobs import parcels
from shop.order import asking, lists, many, queries, receipts, terms, tracking, tracking_queries
from shop.order.carriers import data
from shop.order.models import OrderContact, Shipment
from shop.order.tracking import Event
from shop.payment import line_cancellation, settlement
from shop.payment.models import Refund
from tests.factories.orders import (
    assert_sound,
    available,
    contact,
    lines_of,
    order,
    paid_order,
    place_order,
    ship,
    shipped_order,
    store_with_goods,
)

DAY = timedelta(days=1)


def parcel_of(placed):
    db.session.rollback()
    return db.session.scalars(
        select(Shipment).where(Shipment.order_id == placed.order).order_by(Shipment.id.desc())
    ).first()


def tell(placed, *kinds, ids=None):
    """The carrier tells that these happened, an hour apart, the last one now."""
    now = clock.now()
    names = ids or [f"e-{n}" for n in range(len(kinds))]
    events = [
        Event(name, now - timedelta(hours=len(kinds) - 1 - at), kind, "杭州")
        for at, (name, kind) in enumerate(zip(names, kinds, strict=True))
    ]
    parcel = parcel_of(placed).id
    with transaction():
        return tracking.record(parcel, events, actor="carrier:SF")


def kinds_of(placed):
    db.session.rollback()
    return [event.kind for event in queries.order_page(placed.number, "en").timeline]


def recorded(name):
    db.session.rollback()
    return db.session.query(Outbox).filter(Outbox.name == name).count()


def test_told_twice_counts_once_and_order_does_not_matter(app):
    placed = shipped_order(store_with_goods().variant)
    assert tell(placed, "picked_up", "in_transit", "out_for_delivery", "delivered") == 4
    assert tell(placed, "picked_up", "in_transit", "out_for_delivery", "delivered") == 0
    assert parcel_of(placed).state == "delivered"
    assert tell(placed, "in_transit", ids=["late"]) == 1  # a late word changes nothing
    assert (parcel_of(placed).state, recorded("parcel.delivered")) == ("delivered", 1)
    assert kinds_of(placed).count("parcel_delivered") == 1
    parcel = parcel_of(placed).id
    earlier = Event("earlier", clock.now() - timedelta(hours=5), "delivered")
    with transaction():
        assert tracking.record(parcel, [earlier], actor="carrier:SF") == 1
    assert order(placed.order).delivered_at == parcel_of(placed).delivered_at == earlier.at
    old = Event("old", clock.now() - 30 * DAY, "exception")
    with transaction():  # an earlier parcel of the same number
        assert tracking.record(parcel, [old], actor="carrier:SF") == 0
    with pytest.raises(Exception, match="append-only"), transaction():
        db.session.execute(db.text("DELETE FROM tracking_event"))
    assert_sound()


def test_received_by_itself_days_after_shipping_or_delivery(app):
    goods = store_with_goods()
    with transaction():
        terms.change(goods.store_id, terms.Terms(after_delivery=3, after_shipping=10))
    silent, told = shipped_order(goods.variant), shipped_order(goods.variant)
    now = clock.now()
    assert timedelta(days=9) < order(silent.order).auto_receive_at - now < timedelta(days=11)
    tell(told, "delivered")
    assert timedelta(days=2) < order(told.order).auto_receive_at - now < timedelta(days=4)
    with clock.at(now + timedelta(days=2, hours=12)):
        assert (parcels.remind_receipts(), parcels.remind_receipts()) == (1, 0)
    with clock.at(now + 4 * DAY):
        assert (parcels.receive_due(), parcels.receive_due()) == (1, 0)
    row = order(told.order)
    assert (row.shipping_state, row.state) == ("received", "completed")
    assert order(silent.order).shipping_state == "shipped"
    assert [parcel_of(one).poll_at is None for one in (told, silent)] == [True, False]
    assert recorded("receipt.due") == 1
    assert_sound()


def test_one_extension_and_what_stops_it(app, monkeypatch):
    placed = shipped_order(store_with_goods().variant)
    before = order(placed.order).auto_receive_at
    with transaction():
        receipts.extend(placed.order, actor="guest")
    assert order(placed.order).auto_receive_at == before + timedelta(days=7)
    with pytest.raises(Conflict, match="receipt-extended"), transaction():
        receipts.extend(placed.order, actor="guest")
    tell(placed, "exception")
    with clock.at(before + 8 * DAY):
        assert parcels.receive_due() == 0  # a parcel with a problem
        tell(placed, "in_transit", ids=["goes-on"])
        monkeypatch.setattr(receipts, "GUARDS", [*receipts.GUARDS, lambda _order: False])
        assert parcels.receive_due() == 0  # somebody else's reason
        receipts.GUARDS.pop()
        assert parcels.receive_due() == 1
    assert_sound()


def test_services_are_not_waited_for(app):
    placed = paid_order(store_with_goods(kind="service", stock=None).variant)
    assert order(placed.order).auto_receive_at is None


def test_polling_backs_off_and_ends(app):
    placed = shipped_order(store_with_goods().variant)
    assert tracking_queries.to_poll(["SF"]) == [(parcel_of(placed).id, "SF", "SF1234567")]
    assert tracking_queries.to_poll(["UPS"]) == []
    pauses = []
    for _ in range(7):
        parcel_id = parcel_of(placed).id
        with transaction():
            tracking.polled(parcel_id, news=False)
        pauses.append(round((parcel_of(placed).poll_at - clock.now()).total_seconds() / 60))
    assert pauses == [30, 60, 120, 240, 360, 360, 360]
    tell(placed, "delivered")
    parcel_id = parcel_of(placed).id
    with transaction():
        tracking.polled(parcel_id, news=True)
    assert parcel_of(placed).poll_at is None


def test_a_shopper_cancels_at_once_until_it_is_packed(app):
    goods = store_with_goods()
    placed = paid_order(goods.variant)
    with transaction():
        asking.begin_packing(placed.order, actor="u:1")
    for _ in range(2):
        with transaction():
            assert not settlement.cancel_for_shopper(
                placed.order, reason="by-customer-mind", actor="guest"
            )
    assert (order(placed.order).state, recorded("order.cancel_asked")) == ("open", 1)
    assert lists.view_counts([goods.store_id])["cancel-asked"] == 1
    with transaction():
        asking.decline_cancellation(placed.order, actor="u:1")
    assert kinds_of(placed)[-3:] == ["packing", "cancel_asked", "cancel_declined"]
    with pytest.raises(Conflict, match="cancel-not-asked"), transaction():
        asking.decline_cancellation(placed.order, actor="u:1")
    other = paid_order(goods.variant)
    with transaction():
        assert settlement.cancel_for_shopper(other.order, reason="by-customer-slow", actor="guest")
    assert order(other.order).cancel_reason == "by-customer-slow"
    assert_sound()


def test_a_late_order_is_reminded_of_once_a_day(app):
    placed = paid_order(store_with_goods().variant)
    with pytest.raises(Conflict, match="reminder-too-early"), transaction():
        asking.remind(placed.order, actor="guest")
    with clock.at(clock.now() + 3 * DAY):
        with transaction():
            asking.remind(placed.order, actor="guest")
        with pytest.raises(Conflict, match="reminder-too-early"), transaction():
            asking.remind(placed.order, actor="guest")
    assert recorded("order.reminded") == 1


def test_another_address_keeps_the_former_one_beside_the_timeline(app):
    placed = paid_order(store_with_goods().variant, contact=contact(phone="13912345678"))
    to = asking.Destination(
        "Lin", "13800001234", "CN", "上海市", "上海市", "黄浦区", "南京东路 1 号", ""
    )
    with transaction():
        asking.change_address(placed.order, to, actor="guest")
    kept = db.session.get(OrderContact, placed.order)
    assert (kept.street, kept.phone_key[-4:]) == ("南京东路 1 号", "1234")
    assert [old.street for old in tracking_queries.of_order(placed.order).former] == ["文三路 1 号"]
    assert "文三路" not in str(queries.order_page(placed.number, "en").timeline[-1].detail)
    abroad = asking.Destination("Lin", "", "DE", "", "Berlin", "", "Weg 1", "10115")
    with pytest.raises(Invalid, match="address-other-country"), transaction():
        asking.change_address(placed.order, abroad, actor="guest")
    ship(placed.order)
    with pytest.raises(Conflict, match="address-too-late"), transaction():
        asking.change_address(placed.order, to, actor="guest")


def cancel_lines(placed, units, key):
    line = lines_of(placed.order)[0].public_id
    with transaction():
        return line_cancellation.cancel_lines(
            placed.order, {line: units}, reason="out-of-stock", actor="u:1", key=key
        )


def test_items_are_cancelled_for_exactly_what_they_cost(app):
    goods = store_with_goods(price_minor=1000, flat_delivery_minor=300)
    placed = paid_order({goods.variant: 3})
    assert len(cancel_lines(placed, 1, "key-cancel-lines-1")) == 1
    assert available(goods.variant) == 8
    assert order(placed.order).state == "open"
    assert cancel_lines(placed, 2, "key-cancel-lines-2")
    back = list(db.session.scalars(select(Refund.amount_minor).order_by(Refund.id)))
    assert back == [1000, 2300]  # with the last of them, the delivery
    assert (order(placed.order).state, available(goods.variant)) == ("cancelled", 10)
    unpaid = place_order({goods.variant: 2}, method="cod")
    with pytest.raises(Conflict, match="cancel-unpaid"):
        cancel_lines(unpaid, 1, "key-cancel-lines-3")
    part = paid_order({goods.variant: 2})
    line = lines_of(part.order)[0].public_id
    ship(part.order, quantities={line: 1})
    with pytest.raises(Invalid, match="cancel-units"):
        cancel_lines(part, 2, "key-cancel-lines-4")
    tell(part, "delivered")
    assert order(part.order).delivered_at is None  # something is still to come
    cancel_lines(part, 1, "key-cancel-lines-5")
    row = order(part.order)
    assert (row.shipping_state, row.delivered_at) == ("shipped", parcel_of(part).delivered_at)
    assert_sound()


def test_a_store_says_how_long_shoppers_may_pay(app):
    goods = store_with_goods()
    with transaction():
        terms.change(goods.store_id, terms.Terms(pay_minutes=90))
    left = order(place_order(goods.variant).order).expires_at - clock.now()
    assert timedelta(minutes=88) < left < timedelta(minutes=91)


def test_carriers_are_guessed_by_their_numbers_and_linked():
    for number, code in {
        "SF1234567890123": "SF", "YT1234567890123": "YTO", "1Z999AA10123456784": "UPS",
        "RB123456789GB": "ROYALMAIL", "9400111899223197428490": "USPS", "hello": "",
    }.items():  # fmt: skip
        assert data.guess(number) == code
    assert data.guess("SF1234567890123", ["UPS"]) == ""
    assert data.link("UPS", "1Z 9&x").endswith("tracknum=1Z%209%26x")
    assert data.code_of("顺丰速运") == data.code_of("sf") == "SF"


def test_lines_of_a_list_are_read_as_they_are_pasted_and_scanned(app):
    goods = store_with_goods(stock=20)
    one, two = paid_order(goods.variant).number, paid_order(goods.variant).number
    wishes = many.read(
        f"order;tracking\n{one}\tSF1234567890\n\n{two.lower()}\nYT1234567890123\n"
        f"{one}, SF12, Royal Mail\nnonsense 12\n{two}\n"
    )
    assert [(w.number, w.tracking_number, w.carrier) for w in wishes] == [
        (one, "SF1234567890", ""),
        (two, "YT1234567890123", ""),
        (one, "SF12", "ROYALMAIL"),
        ("", "", ""),
        (two, "", ""),
    ]
    rows = many.look(wishes, [goods.store_id], ["SF", "YTO"], "SF")
    assert [(row.carrier, row.problem) for row in rows] == [
        ("SF", ""), ("YTO", ""), ("SF", "carrier-unknown"), ("SF", "unreadable"), ("SF", "no-number")
    ]  # fmt: skip
