"""Stock: what arrives, is counted, promised, given back; the ledger beside it."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from shop.catalog import queries as catalog
from shop.core.db import db
from shop.core.errors import Invalid, NotFound
from shop.core.models import Outbox
from shop.core.transaction import transaction
from shop.inventory import queries, reservations, services
from shop.inventory.levels import StockShort
from shop.inventory.models import Reservation, StockLevel, StockMovement
from shop.order import cancellation
from tests.factories.catalog import make_product
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


def level(goods, location=None):
    db.session.rollback()
    row = db.session.scalars(
        select(StockLevel).where(
            StockLevel.variant_id == goods.variant,
            StockLevel.location_id == (location or goods.location_id),
        )
    ).one()
    return row.on_hand, row.reserved


def movements(goods):
    return [
        (row.kind, row.quantity, row.balance)
        for row in reversed(queries.movements([goods.store_id], "en"))
    ]


def adjust(goods, delta, reason="broken"):
    with transaction():
        services.adjust(goods.variant, goods.location_id, delta, reason=reason, actor="u:1")


def count(goods, on_hand):
    with transaction():
        return services.set_on_hand(
            goods.variant, goods.location_id, on_hand, reason="count", actor="u:1"
        )


def test_the_ledger_tells_every_change(app):
    goods = store_with_goods(stock=10)
    adjust(goods, -2)
    assert count(goods, 20) == 12
    assert count(goods, 20) == 0
    ship(paid_order({goods.variant: 5}).order)
    assert movements(goods) == [
        ("received", 10, 10),
        ("adjusted", -2, 8),
        ("counted", 12, 20),
        ("sold", -5, 15),
    ]
    assert level(goods) == (15, 0)
    assert_sound()


def test_what_is_promised_cannot_be_taken_away(app):
    goods = store_with_goods(stock=5)
    place_order({goods.variant: 4})
    with pytest.raises(StockShort) as short:
        adjust(goods, -2)
    assert short.value.params["minimum"] == 4
    adjust(goods, -1)
    assert (level(goods), available(goods.variant)) == ((4, 4), 0)
    assert_sound()


@pytest.mark.parametrize("delta", (-11, -(10**7) - 1, 10**7, 2**62))
def test_no_change_goes_below_nothing_or_above_all(app, delta):
    goods = store_with_goods(stock=10)
    with pytest.raises((StockShort, Invalid)):
        adjust(goods, delta)
    assert level(goods) == (10, 0)


@pytest.mark.parametrize(
    ("act", "code"),
    (
        (lambda goods: adjust(goods, 0), "quantity-not-changed"),
        (lambda goods: adjust(goods, 1, reason=" "), "reason-missing"),
        (lambda goods: count(goods, -1), "quantity-out-of-range"),
        (lambda goods: count(goods, 10**7 + 1), "quantity-out-of-range"),
        (lambda goods: restock(goods, goods.variant, 0), "quantity-not-positive"),
        (lambda goods: restock(goods, goods.variant, -1), "quantity-not-positive"),
    ),
)
def test_changes_that_cannot_be(app, act, code):
    goods = store_with_goods(stock=10)
    with pytest.raises(Invalid) as refused:
        act(goods)
    assert refused.value.reason == code
    assert movements(goods) == [("received", 10, 10)]


def test_no_stock_is_kept_of_untracked_goods(app):
    goods = store_with_goods(stock=None)
    with pytest.raises(NotFound, match="variant-untracked"):
        restock(goods, goods.variant, 1)
    placed = paid_order({goods.variant: 500})
    ship(placed.order)
    assert available(goods.variant) is None
    assert db.session.scalars(select(StockMovement)).all() == []
    assert_sound()


def test_one_location_fills_a_line_if_it_can_else_several_by_priority(app):
    goods = store_with_goods(stock=3)
    with transaction():
        second = services.create_location(goods.store_id, "Second", priority=1).id
        third = services.create_location(goods.store_id, "Third", priority=2).id
        services.receive(goods.variant, second, 2, actor="test")
        services.receive(goods.variant, third, 6, actor="test")
    assert available(goods.variant) == 11
    place_order({goods.variant: 4})  # only the third can alone
    assert [level(goods, place)[1] for place in (goods.location_id, second, third)] == [0, 0, 4]
    split = paid_order({goods.variant: 6})  # none can alone
    assert [level(goods, place)[1] for place in (goods.location_id, second, third)] == [3, 2, 5]
    assert_sound()
    ship(split.order)
    assert [level(goods, place) for place in (goods.location_id, second, third)] == [
        (0, 0),
        (0, 0),
        (5, 4),
    ]
    assert_sound()


def test_another_stores_shelf_is_not_used(app):
    goods, other = store_with_goods(stock=1), store_with_goods()
    with transaction():
        services.receive(goods.variant, other.location_id, 5, actor="test")
    with pytest.raises(Exception, match="stock-short"):
        place_order({goods.variant: 2})


def test_giving_back_twice_gives_back_once(app):
    goods = store_with_goods(stock=5)
    placed = place_order({goods.variant: 3})
    with transaction():
        cancellation.cancel(placed.order, reason="x", actor="u:1")
    lines = [line.id for line in lines_of(placed.order)]
    with transaction():
        assert reservations.release(lines) == 0
    assert level(goods) == (5, 0)
    assert [row.state for row in db.session.scalars(select(Reservation))] == ["released"]
    assert_sound()


def alerts():
    db.session.rollback()
    return [
        row.payload["available"]
        for row in db.session.scalars(
            select(Outbox).where(Outbox.name == "stock.low").order_by(Outbox.id)
        )
    ]


def test_low_stock_is_told_once_per_crossing(app):
    goods = store_with_goods(stock=5)
    with transaction():
        services.set_threshold(goods.variant, goods.location_id, 2)
    assert alerts() == []
    first = place_order({goods.variant: 3})
    place_order(goods.variant)
    assert alerts() == [2]
    assert queries.low_stock_count([goods.store_id]) == 1
    with transaction():
        cancellation.cancel(first.order, reason="x", actor="u:1")
    assert queries.low_stock_count([goods.store_id]) == 0
    place_order({goods.variant: 4})
    assert alerts() == [2, 0]
    with transaction():
        services.set_threshold(goods.variant, goods.location_id, None)
    restock(goods, goods.variant, 1)
    assert len(alerts()) == 2


@pytest.mark.parametrize("threshold", (-1, 10**7 + 1))
def test_a_threshold_out_of_range(app, threshold):
    goods = store_with_goods()
    with pytest.raises(Invalid), transaction():
        services.set_threshold(goods.variant, goods.location_id, threshold)


def on_offer(goods):
    db.session.rollback()
    return [card.available for card in catalog.listing(locale="en", store_id=goods.store_id).items]


def test_the_listing_says_what_can_be_bought(app):
    goods = store_with_goods(stock=1)
    assert on_offer(goods) == [True]
    placed = place_order(goods.variant)
    assert on_offer(goods) == [False]
    with transaction():
        cancellation.cancel(placed.order, reason="x", actor="u:1")
    assert on_offer(goods) == [True]
    count(goods, 0)
    assert on_offer(goods) == [False]


def test_levels_are_found_by_title_and_sku(app):
    goods = store_with_goods(stock=4)
    other = make_product(goods.store_id, "100% wool_pad")
    restock(goods, other.variants[0], 2)
    with transaction():
        services.set_threshold(other.variants[0], goods.location_id, 2)

    def titles(**given):
        return [row.title for row in queries.levels([goods.store_id], "en", **given)]

    assert len(titles()) == 2
    assert titles(q="0% WOOL_") == ["100% wool_pad"]
    assert titles(q="_%_") == []
    assert titles(low_only=True) == ["100% wool_pad"]
    assert queries.levels([], "en") == []


@pytest.mark.parametrize(
    "change",
    (
        "reserved = on_hand + 1",
        "reserved = -1",
        "on_hand = -1, reserved = 0",
        "backorder_limit = -1",
    ),
)
def test_the_database_refuses_impossible_levels(app, change):
    store_with_goods()
    with pytest.raises(IntegrityError), transaction():
        db.session.execute(text(f"UPDATE stock_level SET {change}"))


@pytest.mark.parametrize("table", ("stock_movement", "timeline_entry", "payment_event"))
@pytest.mark.parametrize("statement", ("UPDATE {} SET id = id", "DELETE FROM {}"))
def test_ledgers_are_only_added_to(app, table, statement):
    ship(paid_order(store_with_goods().variant).order)
    with pytest.raises(DBAPIError, match="append-only"), transaction():
        db.session.execute(text(statement.format(table)))
