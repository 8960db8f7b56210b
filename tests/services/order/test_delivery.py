"""What is promised at the checkout is kept: methods, dates, slots, and the way over the counter."""

import pytest
from sqlalchemy import select, update

from shop.cart import queries as carts
from shop.cart.delivery import Wish
from shop.core import clock
from shop.core.db import db
from shop.core.errors import Conflict, IllegalTransition, Invalid
from shop.core.transaction import transaction
from shop.order import cancellation, checks, delivery
from shop.order.delivery_models import OrderDelivery
from shop.order.models import TimelineEntry
from shop.store import delivery_services, queries
from shop.store.delivery_models import DeliverySlotDay
from tests.factories.delivery import first_window, make_method, make_zone
from tests.factories.orders import (
    assert_sound,
    contact,
    fill_cart,
    guest,
    order,
    pay,
    place_order,
    send,
    store_with_goods,
    submission,
)

ABROAD = {"country": "DE", "province": "", "city": "Berlin", "district": "", "postcode": "10115"}


@pytest.fixture
def goods(app):
    """A store that sends within China by weight, fetched or brought in Shanghai, and not abroad."""
    return store_with_goods(price_minor=5000, flat_delivery_minor=800)


def promised(order_id: int) -> OrderDelivery:
    db.session.rollback()
    return db.session.get_one(OrderDelivery, order_id, populate_existing=True)


def slug_of(goods) -> str:
    return queries.get(goods.store_id).slug


def with_method(goods, method: str, window: str = "", **fields: str):
    """An order sent with this method; its total is what the cart says for it."""
    owner = guest()
    fill_cart(owner, goods.variant)
    slug = slug_of(goods)
    chosen = {"methods": {slug: method}, "windows": {slug: window} if window else {}}
    form = submission(owner, contact=contact(**fields), expected_total_minor=0, **chosen)
    part = carts.view(owner, "en", clock.now(), wish=form.wish).part()
    return send(
        owner,
        submission(
            owner,
            contact=form.contact,
            expected_total_minor=part.quote.total_minor,
            **chosen,
        ),
    )


def test_a_store_without_zones_sends_everywhere_at_its_flat_rate(goods):
    placed = place_order(goods.variant, contact=contact(**ABROAD))
    kept = promised(placed.order)
    assert (order(placed.order).delivery_minor, kept.kind, kept.method_id) == (800, "flat", None)
    assert kept.promised_from is None  # nobody knows how long the post abroad takes
    assert promised(place_order(goods.variant).order).promised_from is not None


def test_the_zone_of_the_address_sets_price_and_dates(goods):
    china = make_zone(goods.store_id, "China", "CN")
    make_method(goods.store_id, china, price_minor=1000, min_days=1, max_days=2)
    express = make_method(goods.store_id, china, price_minor=2500, min_days=1, max_days=1)
    placed = with_method(goods, "")
    kept = promised(placed.order)
    assert (order(placed.order).delivery_minor, kept.names["en"]) == (1000, "Flat")
    assert kept.ship_by < kept.promised_from < kept.promised_until
    assert order(with_method(goods, express).order).delivery_minor == 2500
    with pytest.raises(Invalid, match="delivery-uncovered"):
        with_method(goods, "", **ABROAD)
    with transaction():
        delivery_services.remove_method(goods.store_id, express)
    with pytest.raises(Conflict, match="delivery-changed"):
        with_method(goods, express)
    assert_sound()


def test_a_rate_by_weight_counts_the_whole_parcel(app):
    goods = store_with_goods(price_minor=5000)
    zone = make_zone(goods.store_id, "World", rest=True)
    make_method(goods.store_id, zone, "count", price_minor=500, tiers=((3, 900),))
    owner = guest()
    totals = []
    for _ in range(3):
        fill_cart(owner, goods.variant)
        view = carts.view(owner, "en", clock.now(), wish=Wish())
        totals.append(view.part().quote.delivery_minor)
        db.session.rollback()
    assert totals == [500, 500, 900]


def test_a_slot_is_never_sold_twice_and_comes_back_with_a_cancelled_order(goods):
    zone = make_zone(goods.store_id, "Near", "CN")
    local = make_method(goods.store_id, zone, "local", price_minor=300)
    window = first_window(goods.store_id, local)
    first = with_method(goods, local, window)
    assert promised(first.order).slot_held
    with pytest.raises(Conflict, match="slot-taken"):
        with_method(goods, local, window)
    with transaction():
        cancellation.cancel(first.order, reason="customer", actor="guest")
    second = with_method(goods, local, window)
    with transaction():
        cancellation.reopen(first.order, actor="system")  # late money: its time is gone
    assert not promised(first.order).slot_held
    assert "slot_lost" in set(
        db.session.scalars(select(TimelineEntry.kind).where(TimelineEntry.order_id == first.order))
    )
    assert promised(second.order).slot_held
    assert_sound()


def test_the_doctor_sees_a_slot_that_counts_wrong(goods):
    zone = make_zone(goods.store_id, "Near", "CN")
    local = make_method(goods.store_id, zone, "local")
    placed = with_method(goods, local, first_window(goods.store_id, local))
    day = promised(placed.order).slot_day_id
    with transaction():
        db.session.execute(update(DeliverySlotDay).values(taken=0))
    assert checks.differences() == [f"delivery_slot_day {day}: 0 orders counted, 1 hold it"]


def test_what_is_fetched_needs_no_address_and_goes_over_the_counter(goods):
    counter = make_method(goods.store_id, None, "pickup", location_id=goods.location_id)
    nowhere = dict.fromkeys(("province", "city", "district", "street"), "")
    placed = with_method(goods, counter, **nowhere)
    with pytest.raises(Conflict, match="order-not-shippable"), transaction():
        delivery.ready(placed.order, actor="u:1")
    pay(placed)
    with transaction():
        delivery.ready(placed.order, actor="u:1")
    with pytest.raises(IllegalTransition), transaction():
        delivery.ready(placed.order, actor="u:1")
    with pytest.raises(Invalid, match="pickup-code"), transaction():
        delivery.hand_over(placed.order, actor="u:1", code="1")
    with transaction():
        delivery.hand_over(placed.order, actor="u:1", code=promised(placed.order).pickup_code)
    done = order(placed.order)
    assert (done.state, done.shipping_state, done.delivery_minor) == ("completed", "received", 0)
    assert promised(placed.order).pickup_state == "collected"
    assert_sound()
