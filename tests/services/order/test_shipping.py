"""Parcels, receipt, completion, and codes of services."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from shop.catalog.data import VariantData
from shop.core import clock
from shop.core.db import db
from shop.core.errors import Conflict, IllegalTransition, Invalid, NotFound
from shop.core.transaction import transaction
from shop.inventory import queries as stock
from shop.inventory import services as inventory
from shop.inventory.models import StockMovement
from shop.order import codes, queries
from shop.payment import offline
from tests.factories.catalog import make_product
from tests.factories.orders import (
    assert_sound,
    available,
    fill_cart,
    guest,
    lines_of,
    order,
    paid_order,
    pay,
    place_order,
    receive,
    send,
    ship,
    shipped_order,
    store_with_goods,
    submission,
)
from tests.factories.users import make_user


def states(order_id):
    row = order(order_id)
    return row.state, row.payment_state, row.shipping_state


def line_ids(placed):
    return [line.public_id for line in lines_of(placed.order)]


def test_shipping_takes_goods_from_the_shelf(app):
    goods = store_with_goods()
    placed = paid_order({goods.variant: 3})
    ship(placed.order)
    assert states(placed.order) == ("open", "paid", "shipped")
    assert available(goods.variant) == 7
    sold = db.session.scalars(select(StockMovement).where(StockMovement.kind == "sold")).one()
    assert (sold.quantity, sold.balance, sold.source) == (-3, 7, f"order {placed.number}")
    assert_sound()


def test_parcels_one_after_the_other(app):
    goods = store_with_goods(products=2)
    placed = paid_order({goods.variants[0]: 3, goods.variants[1]: 1})
    first, second = line_ids(placed)
    ship(placed.order, quantities={first: 2})
    assert states(placed.order) == ("open", "paid", "partly_shipped")
    with pytest.raises(Invalid, match="quantity-out-of-range"):
        ship(placed.order, quantities={first: 2})
    ship(placed.order, quantities={first: 1, second: 0}, carrier="YTO")
    ship(placed.order, carrier="EMS")
    assert states(placed.order) == ("open", "paid", "shipped")
    view = queries.order_page(placed.number, "en")
    assert [parcel.units for parcel in view.shipments] == [2, 1, 1]
    with pytest.raises(Conflict, match="nothing-to-ship"):
        ship(placed.order)
    assert_sound()


@pytest.mark.parametrize(
    ("given", "code"),
    (
        ({"carrier": "PIGEON"}, "carrier-unknown"),
        ({"tracking_number": "9" * 61}, "tracking-too-long"),
        ({"quantities": {}}, "nothing-to-ship"),
        ({"quantities": {"unknown": 1}}, "nothing-to-ship"),
    ),
)
def test_a_parcel_that_cannot_be(app, given, code):
    placed = paid_order(store_with_goods().variant)
    with pytest.raises((Invalid, Conflict)) as refused:
        ship(placed.order, **given)
    assert refused.value.reason == code
    assert states(placed.order) == ("open", "paid", "unshipped")


@pytest.mark.parametrize("quantity", (-1, 2, 2**40))
def test_only_what_was_ordered_leaves(app, quantity):
    placed = paid_order(store_with_goods().variant)
    (line,) = line_ids(placed)
    with pytest.raises(Invalid, match="quantity-out-of-range"):
        ship(placed.order, quantities={line: quantity})
    assert_sound()


def test_unpaid_goods_stay(app):
    placed = place_order(store_with_goods().variant)
    with pytest.raises(Conflict, match="order-not-shippable"):
        ship(placed.order)


def test_receipt_completes_a_paid_order_once(app):
    placed = shipped_order(store_with_goods().variant)
    receive(placed.order)
    assert states(placed.order) == ("completed", "paid", "received")
    with pytest.raises(Conflict, match="order-closed"):
        receive(placed.order)
    assert_sound()


def test_what_was_not_shipped_whole_is_not_received(app):
    goods = store_with_goods()
    placed = paid_order({goods.variant: 2})
    for quantity in (0, 1):
        if quantity:
            ship(placed.order, quantities={line_ids(placed)[0]: 1})
        with pytest.raises(IllegalTransition):
            receive(placed.order)
    assert states(placed.order) == ("open", "paid", "partly_shipped")


@pytest.mark.parametrize("first", ("money", "receipt"))
def test_cash_on_delivery(app, first):
    """Shipped unpaid; completed when both the money and the goods have arrived, in either order."""
    goods = store_with_goods(flat_delivery_minor=500)
    placed = place_order({goods.variant: 2}, method="cod")
    ship(placed.order)
    assert states(placed.order) == ("open", "unpaid", "shipped")

    def collect():
        with transaction():
            offline.confirm(
                placed.order, amount_minor=2500, reference="R-1", actor="u:1", key="collect-once"
            )

    steps = [collect, lambda: receive(placed.order)]
    for step in steps if first == "money" else reversed(steps):
        assert order(placed.order).state == "open"
        step()
    assert states(placed.order) == ("completed", "paid", "received")
    assert available(goods.variant) == 8
    assert_sound()


def test_a_service_gives_a_code_for_each_unit_at_payment(app):
    goods = store_with_goods(stock=None, kind="service", product={"validity_days": 90})
    placed = place_order({goods.variant: 2})
    assert queries.order_page(placed.number, "en").lines[0].codes == []
    pay(placed)
    codes = queries.order_page(placed.number, "en").lines[0].codes
    assert len({code.code for code in codes}) == 2
    assert all(code.state == "open" for code in codes)
    assert timedelta(days=89) < codes[0].expires_at - clock.now() < timedelta(days=91)
    assert states(placed.order) == ("open", "paid", "shipped")
    assert_sound()


def test_staff_redeem_a_code_once(app):
    goods, other = store_with_goods(stock=None, kind="service"), store_with_goods()
    placed = paid_order(goods.variant)
    code = queries.order_page(placed.number, "en").lines[0].codes[0].code
    staff = make_user()

    def redeem(typed, store_id):
        with transaction():
            return codes.redeem(typed, [store_id], user_id=staff.id, actor=f"u:{staff.id}").number

    for typed in ("", "AAAA-BBBB-CCCC", code[:-1]):
        with pytest.raises(NotFound, match="code-unknown"):
            redeem(typed, goods.store_id)
    with pytest.raises(NotFound, match="code-unknown"):
        redeem(code, other.store_id)
    assert redeem(code.lower().replace("-", " "), goods.store_id) == placed.number
    with pytest.raises(Conflict, match="code-redeemed"):
        redeem(code, goods.store_id)


def test_an_old_code_is_refused(app):
    goods = store_with_goods(stock=None, kind="service", product={"validity_days": 30})
    placed = paid_order(goods.variant)
    code = queries.order_page(placed.number, "en").lines[0].codes[0].code
    staff = make_user()
    with (
        clock.at(clock.now() + timedelta(days=31)),
        pytest.raises(Conflict, match="code-expired"),
        transaction(),
    ):
        codes.redeem(code, [goods.store_id], user_id=staff.id, actor="u:1")


@pytest.mark.parametrize("method", ("alipay", "cod"))
def test_a_parcel_and_a_service_and_a_download_in_one_order(app, method):
    """Of limited seats and copies, too: they are taken from stock without a parcel."""
    goods = store_with_goods()
    seat = make_product(
        goods.store_id, kind="service", variants=[VariantData(price_minor=700, tracked=True)]
    ).variants[0]
    copy = make_product(
        goods.store_id,
        kind="digital",
        digital_name="a/b.pdf",
        variants=[VariantData(price_minor=300, tracked=False)],
    ).variants[0]
    with transaction():
        inventory.receive(seat, goods.location_id, 5, actor="test")
    owner = guest()
    fill_cart(owner, {goods.variant: 1, seat: 2, copy: 1})
    placed = send(owner, submission(owner, method=method))
    assert (available(goods.variant), available(seat), available(copy)) == (9, 3, None)
    if method == "alipay":
        pay(placed)
        assert states(placed.order) == ("open", "paid", "partly_shipped")
        ship(placed.order)
    else:
        ship(placed.order)
        with transaction():
            offline.confirm(
                placed.order, amount_minor=2700, reference="", actor="u:1", key="collect-once"
            )
    assert states(placed.order) == ("open", "paid", "shipped")
    view = queries.order_page(placed.number, "en")
    assert [len(line.codes) for line in view.lines] == [0, 2, 0]
    assert stock.availability([seat]) == {seat: 3}
    assert_sound()
    receive(placed.order)
    assert states(placed.order) == ("completed", "paid", "received")
    assert_sound()
