"""Back-orders and pre-orders: promised with a day, kept as they were promised, never sent before they are there."""

from datetime import timedelta

import pytest

from shop.core import clock
from shop.core.errors import Conflict, Invalid
from shop.core.transaction import transaction
from shop.inventory import policies
from shop.order import promises
from tests.factories.orders import (
    assert_sound,
    available,
    lines_of,
    paid_order,
    restock,
    ship,
    store_with_goods,
)

SOON = clock.now().date() + timedelta(days=9)


def sell(goods, policy, limit=0, day=SOON):
    with transaction():
        policies.set_policy(goods.variant, policy, limit=limit, promised_on=day)


def promised(placed):
    lines = [line.id for line in lines_of(placed.order)]
    return [(one.policy, one.promised_on) for one in promises.of_lines(lines).values()]


def test_what_is_sold_out_goes_on_being_sold_up_to_a_limit(app):
    goods = store_with_goods(stock=2)
    sell(goods, "backorder", 3)
    assert available(goods.variant) == 5
    there, waits = paid_order({goods.variant: 2}), paid_order({goods.variant: 3})
    assert (promised(there), promised(waits)) == ([], [("backorder", SOON)])
    assert available(goods.variant) == 0
    sell(goods, "backorder", 4, SOON + timedelta(days=9))
    assert promised(waits) == [("backorder", SOON)]
    with pytest.raises(Conflict, match="backorders-open"):
        sell(goods, "stop")
    ship(there.order)
    with pytest.raises(Conflict, match="units-not-there"):
        ship(waits.order)
    restock(goods, goods.variant, 3)
    ship(waits.order)
    sell(goods, "stop")
    assert available(goods.variant) == 0
    assert_sound()


def test_a_pre_order_is_promised_to_everybody(app):
    goods = store_with_goods(stock=0)
    sell(goods, "preorder", 10)
    assert promised(paid_order({goods.variant: 1})) == [("preorder", SOON)]
    assert available(goods.variant) == 9
    assert_sound()


@pytest.mark.parametrize(
    ("given", "code"),
    (
        (("later", 1), "policy-unknown"),
        (("backorder", 0), "policy-limit"),
        (("backorder", 1, None), "promise-missing"),
        (("preorder", 1, SOON - timedelta(days=30)), "promise-past"),
        (("preorder", 1, SOON + timedelta(days=900)), "promise-far"),
    ),
)
def test_what_cannot_be_promised(app, given, code):
    goods = store_with_goods(stock=1)
    with pytest.raises(Invalid, match=code):
        sell(goods, *given)
    services = store_with_goods(kind="service", stock=1)
    with pytest.raises(Invalid, match="policy-kind"):
        sell(services, "backorder", 1)


def test_the_shop_says_when_it_leaves(app, client):
    goods = store_with_goods(stock=0)
    sell(goods, "backorder", 3)
    page = client.get(f"/en/p/{goods.products[0].slug}").text
    assert "Back-order: leaves on" in page
    restock(goods, goods.variant, 1)
    assert "Back-order" not in client.get(f"/en/p/{goods.products[0].slug}").text
