"""Transfers and counts: nothing appears or is lost on the way."""

import pytest
from sqlalchemy import select, update

from shop.catalog.models import Variant
from shop.core.db import db
from shop.core.errors import Conflict, IllegalTransition, Invalid
from shop.core.transaction import transaction
from shop.inventory import (
    checks,
    counts,
    flow_queries,
    purchase_queries,
    purchases,
    services,
    transfers,
)
from shop.inventory.flow_models import StockCountLine, TransferLine
from shop.inventory.models import StockLevel
from shop.inventory.purchases import SupplierData
from shop.inventory.supply_models import PurchaseLine
from shop.inventory.transfers import Arrived
from tests.factories.orders import (
    assert_sound,
    available,
    paid_order,
    place_order,
    restock,
    ship,
    store_with_goods,
)


@pytest.fixture
def goods(app):
    return store_with_goods(stock=10)


@pytest.fixture
def second(goods):
    with transaction():
        return services.create_location(goods.store_id, "Second", 1).id


def level(goods, location):
    db.session.rollback()
    row = db.session.query(StockLevel).filter_by(variant_id=goods.variant, location_id=location)
    found = row.one_or_none()
    return (found.on_hand, found.reserved) if found else (0, 0)


def sent(goods, second, units):
    with transaction():
        key = transfers.draft(goods.store_id, goods.location_id, second, note="", actor="test")
        transfers.set_line(goods.store_id, key, goods.variant, units)
        transfers.send(goods.store_id, key, actor="test")
    return key


def receive(goods, key, received, lost=0):
    with transaction():
        return transfers.receive(
            goods.store_id,
            key,
            {goods.variant: Arrived(received, lost)},
            reason="damaged",
            actor="test",
        )


def test_a_transfer_is_on_nobodys_hand_until_it_arrives(goods, second):
    key = sent(goods, second, 6)
    assert (level(goods, goods.location_id), level(goods, second)) == ((4, 0), (0, 0))
    assert flow_queries.in_transit([goods.variant]) == {(goods.variant, second): 6}
    assert_sound()
    assert receive(goods, key, 3) is False
    with pytest.raises(Invalid, match="transfer-too-many"):
        receive(goods, key, 4)
    assert_sound()
    assert receive(goods, key, 2, lost=1) is True
    assert level(goods, second) == (5, 0)
    assert available(goods.variant) == 9
    assert_sound()
    with pytest.raises(Conflict, match="transfer-not-sent"):
        receive(goods, key, 1)
    with pytest.raises(IllegalTransition), transaction():
        transfers.cancel(goods.store_id, key)


def test_what_is_promised_is_not_sent_away(goods, second):
    place_order({goods.variant: 7})
    with transaction():
        db.session.execute(update(StockLevel).values(backorder_limit=5))
    with pytest.raises(Conflict, match="transfer-short") as refused:
        sent(goods, second, 4)
    assert refused.value.params["free"] == 3
    sent(goods, second, 3)
    assert_sound()


def test_a_lost_unit_is_promised_to_nobody(goods, second):
    placed = paid_order({goods.variant: 8})
    key = sent(goods, second, 2)
    with transaction():
        services.set_on_hand(goods.variant, goods.location_id, 6, reason="counted", actor="test")
    receive(goods, key, 1, lost=1)
    assert level(goods, second) == (1, 1)
    restock(goods, goods.variant, 1)
    ship(placed.order)
    assert_sound()


def test_sales_during_a_count_are_no_differences(goods):
    placed = paid_order({goods.variant: 2})
    with transaction():
        key = counts.begin(goods.store_id, goods.location_id, actor="test")
        counts.set_counted(goods.store_id, key, goods.variant, 9)
    ship(placed.order)
    restock(goods, goods.variant, 5)
    with transaction():
        assert counts.apply(goods.store_id, key, actor="test") == 1
    assert level(goods, goods.location_id) == (12, 0)
    assert_sound()
    with pytest.raises(Conflict, match="count-ended"), transaction():
        counts.set_counted(goods.store_id, key, goods.variant, 1)


def test_what_was_not_scanned_is_gone(goods):
    with transaction():
        key = counts.begin(goods.store_id, goods.location_id, actor="test")
        assert counts.rest_is_gone(goods.store_id, key) == 1
    view = flow_queries.count([goods.store_id], key)
    assert (view.difference, view.lines[0].expected) == (-10, 10)
    with transaction():
        counts.apply(goods.store_id, key, actor="test")
    assert available(goods.variant) == 0
    assert_sound()


@pytest.mark.parametrize(
    ("model", "values", "said"),
    (
        (TransferLine, {"received": 1}, "units in transit, its movements sum to"),
        (StockCountLine, {"booked": 7}, "booked 7, its movements sum to"),
    ),
)
def test_the_doctor_finds_what_was_changed_behind_its_back(goods, second, model, values, said):
    sent(goods, second, 2)
    with transaction():
        key = counts.begin(goods.store_id, goods.location_id, actor="test")
        counts.set_counted(goods.store_id, key, goods.variant, 3)
        counts.apply(goods.store_id, key, actor="test")
    assert checks.differences() == []
    with transaction():
        db.session.execute(update(model).values(**values))
    assert any(said in sentence for sentence in checks.differences())


def test_a_purchase_order_comes_in_parts_and_moves_the_cost(goods):
    with transaction():
        supplier = purchases.save_supplier(goods.store_id, None, SupplierData("Kiln"))
        db.session.execute(update(Variant).values(cost_minor=400))
        key = purchases.draft(goods.store_id, supplier, goods.location_id, actor="test")
        purchases.set_line(goods.store_id, key, goods.variant, 10, 600)
        purchases.order(goods.store_id, key)
    assert purchase_queries.ordered([goods.variant]) == {(goods.variant, goods.location_id): 10}

    def came(units):
        with transaction():
            return purchases.receive_goods(
                goods.store_id, key, {goods.variant: units}, actor="test"
            )

    assert came(4) is False
    cost = db.session.scalar(select(Variant.cost_minor).where(Variant.id == goods.variant))
    assert cost == round((10 * 400 + 4 * 600) / 14)
    with pytest.raises(Invalid, match="purchase-too-many"):
        came(7)
    assert_sound()
    with transaction():
        assert purchases.end(goods.store_id, key) == "received"
    with pytest.raises(Conflict, match="purchase-not-ordered"):
        came(1)
    assert available(goods.variant) == 14
    with transaction():
        db.session.execute(update(PurchaseLine).values(received=5))
    assert any("received 5, its movements sum to 4" in one for one in checks.differences())
