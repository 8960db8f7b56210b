"""A count that finds fewer than were promised: the newest orders are short, the oldest served first."""

import pytest
from sqlalchemy import select, update

from shop.core.db import db
from shop.core.errors import Conflict
from shop.core.transaction import transaction
from shop.inventory import checks, services
from shop.inventory.models import Reservation, StockLevel
from shop.jobs import inline
from shop.order import cancellation, queries, shorts
from shop.payment import refunds
from tests.factories.orders import (
    assert_sound,
    available,
    lines_of,
    paid_order,
    place_order,
    restock,
    ship,
    store_with_goods,
)


def count(goods, on_hand):
    with transaction():
        services.set_on_hand(
            goods.variant, goods.location_id, on_hand, reason="counted", actor="test"
        )


def standing(placed):
    db.session.rollback()
    line = lines_of(placed.order)[0]
    found = shorts.standing([line.id])[line.id]
    return found.short, found.ready


def refund(placed, units):
    with transaction():
        refunds.request(
            placed.order,
            {lines_of(placed.order)[0].public_id: units},
            include_delivery=False,
            restock=[],
            reason="other",
            note="",
            actor="u:1",
            key=f"the-refund-{placed.number}",
        )


def told(placed):
    inline.run_all()
    view = queries.order_page(placed.number, "en")
    return [
        (event.kind, event.actor, event.detail["units"])
        for event in view.timeline
        if event.kind in {"short", "filled"}
    ]


def test_the_newest_are_short_and_the_oldest_are_served_first(app):
    goods = store_with_goods(stock=9)
    old, middle, new = (paid_order({goods.variant: 3}) for _ in range(3))
    count(goods, 4)
    assert [standing(one) for one in (old, middle, new)] == [(0, 3), (2, 1), (3, 0)]
    assert available(goods.variant) == 0
    assert told(new) == [("short", "test", 3)]
    with pytest.raises(Conflict, match="units-not-there"):
        ship(middle.order)
    ship(middle.order, quantities={lines_of(middle.order)[0].public_id: 1})
    restock(goods, goods.variant, 3)
    assert [standing(one) for one in (old, middle, new)] == [(0, 3), (0, 2), (2, 1)]
    assert told(middle) == [("short", "test", 2), ("filled", "system", 2)]
    assert_sound()
    ship(middle.order)
    restock(goods, goods.variant, 5)
    assert available(goods.variant) == 3
    assert_sound()


def test_what_is_cancelled_or_refunded_waits_for_nothing(app):
    goods = store_with_goods(stock=4)
    refunded, cancelled = paid_order({goods.variant: 2}), place_order({goods.variant: 2})
    count(goods, 1)
    assert standing(refunded) == (1, 1)
    refund(refunded, 1)
    with transaction():
        cancellation.cancel(cancelled.order, reason="customer", actor="test")
    assert standing(refunded) == (0, 1)
    db.session.rollback()
    states = db.session.scalars(select(Reservation.state).order_by(Reservation.state)).all()
    assert states == ["open", "released", "released"]
    assert_sound()


def test_another_location_helps_out(app):
    goods = store_with_goods(stock=3)
    placed = paid_order({goods.variant: 3})
    with transaction():
        other = services.create_location(goods.store_id, "Second", 1).id
        services.receive(goods.variant, other, 2, actor="test")
    count(goods, 0)
    assert standing(placed) == (1, 2)
    assert available(goods.variant) == 0
    assert_sound()


def test_the_doctor_finds_units_that_are_short_for_nothing(app):
    goods = store_with_goods(stock=3)
    paid_order({goods.variant: 3})
    count(goods, 2)
    assert checks.differences() == []
    with transaction():
        row = db.session.scalar(select(Reservation).where(Reservation.state == "open"))
        row.state = "released"
        db.session.execute(update(StockLevel).values(reserved=0))
    assert any("short, yet 2 units" in sentence for sentence in checks.differences())
