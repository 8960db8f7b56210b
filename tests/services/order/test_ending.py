"""Ending orders: cancelled or expired, they give back all they held."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from shop.campaigns.models import Coupon
from shop.core import clock
from shop.core.db import db
from shop.core.errors import Conflict, IllegalTransition, NotFound
from shop.core.models import Outbox
from shop.core.transaction import transaction
from shop.order import cancellation, queries
from shop.payment import settlement
from tests.factories.campaigns import make_coupon, used
from tests.factories.orders import (
    assert_sound,
    available,
    begin_payment,
    order,
    paid_order,
    place_order,
    ship,
    shipped_order,
    store_with_goods,
)

LATER = timedelta(minutes=31)


def cancel(order_id):
    with transaction():
        return settlement.cancel_order(order_id, reason="by-customer", actor="guest")


def expire(order_id):
    with transaction():
        return cancellation.expire(order_id)


def code(coupon_id):
    return db.session.get_one(Coupon, coupon_id).code


def events(name):
    db.session.rollback()
    return list(db.session.scalars(select(Outbox.payload).where(Outbox.name == name)))


@pytest.mark.parametrize("end", ("cancelled", "expired"))
def test_an_ended_order_gives_everything_back(app, end):
    goods = store_with_goods(products=2)
    coupon = make_coupon(goods.store_id, value=500, total_limit=1)
    placed = place_order(dict.fromkeys(goods.variants, 3), coupon=code(coupon))
    assert [available(v) for v in goods.variants] == [7, 7]
    assert used(coupon) == 1
    if end == "cancelled":
        assert cancel(placed.order) == []
    else:
        with clock.at(clock.now() + LATER):
            assert queries.due_for_expiry() == [placed.order]
            assert expire(placed.order)
    row = order(placed.order)
    assert (row.state, row.payment_state) == ("cancelled", "unpaid")
    assert [available(v) for v in goods.variants] == [10, 10]
    assert used(coupon) == 0
    assert [event["order_id"] for event in events("order.cancelled")] == [placed.order]
    assert [e.kind for e in queries.order_page(placed.number, "en").timeline] == ["placed", end]
    assert_sound()
    place_order(goods.variant, coupon=code(coupon))  # its coupon is free for somebody else


def test_an_order_does_not_expire_before_its_time(app):
    placed = place_order(store_with_goods().variant)
    assert queries.due_for_expiry() == []
    assert not expire(placed.order)
    assert order(placed.order).state == "open"


def test_what_was_paid_or_ended_meanwhile_does_not_expire(app):
    goods = store_with_goods()
    paid, cancelled = paid_order(goods.variant), place_order(goods.variant)
    cancel(cancelled.order)
    with clock.at(clock.now() + LATER):
        assert queries.due_for_expiry() == []
        assert not expire(paid.order)
        assert not expire(cancelled.order)
    assert order(paid.order).state == "open"
    assert len(events("order.cancelled")) == 1


def test_orders_of_one_checkout_end_on_their_own(app):
    tea, paper = store_with_goods(), store_with_goods()
    coupon = make_coupon(value=300, total_limit=1)
    placed = place_order({tea.variant: 1, paper.variant: 1}, coupon=code(coupon))
    cancel(placed.orders[0])
    assert order(placed.orders[1]).state == "open"
    assert (available(tea.variant), available(paper.variant)) == (10, 9)
    assert used(coupon) == 1  # the other order still holds it
    cancel(placed.orders[1])
    assert used(coupon) == 0
    assert_sound()


def test_a_second_cancellation_is_refused(app):
    goods = store_with_goods()
    placed = place_order(goods.variant)
    cancel(placed.order)
    with pytest.raises(IllegalTransition):
        cancel(placed.order)
    assert available(goods.variant) == 10
    assert len(events("order.cancelled")) == 1


def test_a_shipped_order_is_not_cancelled(app):
    goods = store_with_goods(products=2)
    whole = shipped_order(goods.variant)
    part = paid_order(dict.fromkeys(goods.variants, 1))
    line = queries.order_page(part.number, "en").lines[0].public_id
    ship(part.order, quantities={line: 1})
    for placed in (whole, part):
        with pytest.raises(Conflict, match="order-shipped"):
            cancel(placed.order)
        assert order(placed.order).state == "open"
    assert_sound()


def test_there_is_no_such_order(app):
    with pytest.raises(NotFound):
        cancel(12345)


def test_a_cancelled_order_asks_for_no_money(app):
    goods = store_with_goods()
    placed = place_order(goods.variant)
    begin_payment(placed)
    cancel(placed.order)
    with pytest.raises(Conflict, match="nothing-to-pay"):
        begin_payment(placed)
    assert not queries.awaits_payment(placed.token)


def test_cancelling_a_paid_order_refunds_it_whole(app):
    goods = store_with_goods(flat_delivery_minor=800)
    placed = paid_order({goods.variant: 2})
    assert len(cancel(placed.order)) == 1
    assert available(goods.variant) == 10
    assert [event["refund_id"] for event in events("refund.requested")] != []
    assert_sound()
