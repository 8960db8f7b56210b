"""What comes of returns: money alone, other goods, a repair; each unit is paid for once."""

from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, select, update

from shop.analytics import sales
from shop.analytics.periods import last_days
from shop.catalog.data import OptionData, OptionValueData, VariantData
from shop.core import ids
from shop.core.db import db
from shop.core.errors import Conflict, Invalid
from shop.core.transaction import transaction
from shop.order import codes, return_queries, returnable, returns
from shop.order.models import Order, OrderLine, RedemptionCode
from shop.order.return_models import Replacement
from shop.payment import queries as payments
from shop.payment import refund_answers, refunds, return_checks, settlement
from shop.payment.models import Refund
from shop.payment.states import RefundState
from tests.factories.orders import (
    approve,
    assert_sound,
    available,
    exchange,
    give_back,
    inspect,
    lines_of,
    order,
    paid_order,
    receive,
    received_order,
    repair,
    request_return,
    send_back,
    ship,
    shipped_order,
    store_with_goods,
)
from tests.factories.users import make_user

pytestmark = pytest.mark.usefixtures("app")

TWO = {
    "options": [
        OptionData(
            {"en": "Size"}, [OptionValueData("s", {"en": "S"}), OptionValueData("m", {"en": "M"})]
        )
    ],
    "variants": [
        VariantData(sku="S", price_minor=1000, values=["s"]),
        VariantData(sku="M", price_minor=1000, values=["m"]),
    ],
}


def sold(goods):
    """Orders and sum of the last days: what the dashboard says."""
    db.session.rollback()
    return sales.per_day([goods.store_id], last_days(30, ZoneInfo("UTC"))).now


def view_of(return_id):
    db.session.rollback()
    return return_queries.one(return_id, "en")


def refunded(order_id):
    db.session.rollback()
    return [row.amount_minor for row in payments.of_order(order_id).refunds]


def swapped(order_id, variant=None):
    """A unit of a received order exchanged: the return, and the id of the order that replaces it."""
    asked = request_return(order_id, outcome="exchange", variant=variant)
    approve(asked)
    send_back(order_id, asked)
    return asked, exchange(asked, [lines_of(order_id)[0].public_id])


def test_nothing_came_so_the_money_goes_back_and_no_goods_are_awaited():
    goods = store_with_goods(stock=5, price_minor=1000)
    placed = shipped_order({goods.variant: 2})
    with pytest.raises(Invalid, match="return-nothing-came"):
        request_return(placed.order, reason="not-received")
    asked = request_return(placed.order, reason="not-received", outcome="money")
    with pytest.raises(Conflict):
        inspect(asked)
    give_back(asked)
    assert (view_of(asked).state, refunded(placed.order)) == ("refunded", [1000])
    assert (lines_of(placed.order)[0].returned, available(goods.variant)) == (0, 3)
    left = returnable.of_order(placed.order).units
    assert list(left.values()) == [1]  # what was paid back is not asked for again
    with pytest.raises(Conflict):
        give_back(asked)
    assert_sound()


def test_a_service_is_given_back_while_nobody_used_its_code():
    goods = store_with_goods(kind="service", stock=None, price_minor=5000)
    placed = paid_order({goods.variant: 3})
    issued = db.session.scalars(select(RedemptionCode).order_by(RedemptionCode.id)).all()
    staff = make_user().id
    with transaction():
        codes.redeem(issued[0].code, [goods.store_id], user_id=staff, actor="u:1")
    with pytest.raises(Invalid, match="return-quantity"):
        request_return(placed.order, 3, "changed-mind")
    asked = request_return(placed.order, 2, "changed-mind")
    assert view_of(asked).outcome == "money"
    give_back(asked)
    assert refunded(placed.order) == [10000]
    states = db.session.scalars(select(RedemptionCode.state).order_by(RedemptionCode.id)).all()
    assert states == ["redeemed", "void", "void"]
    assert returnable.of_order(placed.order).units == {}
    assert_sound()


@pytest.mark.parametrize("kind", ("physical", "service"))
def test_units_under_return_are_paid_back_by_their_return_alone(kind):
    goods = store_with_goods(kind=kind, stock=5)
    placed = (received_order if kind == "physical" else paid_order)({goods.variant: 3})
    line = lines_of(placed.order)[0].public_id
    asked = request_return(placed.order, 1)
    with pytest.raises(Invalid, match="refund-under-return"):
        refund(placed.order, {line: 3}, restock=[line])
    refund(placed.order, {line: 2}, restock=[line])
    assert_sound()
    if kind == "physical":
        approve(asked)
        send_back(placed.order, asked)
        inspect(asked)
    else:
        give_back(asked)
    assert sorted(refunded(placed.order)) == [1000, 2000]
    assert_sound()


def test_a_failed_refund_is_asked_for_again_beside_a_return():
    goods = store_with_goods(stock=5)
    placed = received_order({goods.variant: 2})
    line = lines_of(placed.order)[0].public_id
    request_return(placed.order, 1)
    refund(placed.order, {line: 1}, restock=[line])
    with transaction():
        failed = db.session.scalars(select(Refund.id)).one()
        refund_answers.answered(failed, RefundState.FAILED)
    refund(placed.order, {line: 1}, restock=[line])
    assert lines_of(placed.order)[0].returned == 1  # the goods came back once
    assert_sound()


def refund(order_id, quantities, restock=()):
    with transaction():
        refunds.request(
            order_id,
            quantities,
            include_delivery=False,
            restock=restock,
            reason="other",
            note="",
            actor="u:1",
            key=ids.token(),
        )


def test_an_exchange_sends_another_order_for_nothing_and_counts_no_sale_twice():
    goods = store_with_goods(stock=5, product=TWO, flat_delivery_minor=800)
    first, second = goods.variants
    placed = received_order({first: 2})
    before = sold(goods)
    asked, instead = swapped(placed.order, second)
    made = order(instead)
    assert (made.total_minor, made.payment_state, made.state) == (0, "paid", "open")
    assert (view_of(asked).state, view_of(asked).replacement) == ("exchanged", made.number)
    assert (available(first), available(second)) == (4, 4)
    assert refunded(placed.order) == []
    assert_sound()
    ship(instead)
    receive(instead)
    assert order(instead).state == "completed"
    assert sold(goods) == before
    with pytest.raises(Conflict):
        exchange(asked)
    # Of the two units one is replaced, so one alone can still be paid back.
    with pytest.raises(Invalid, match="return-quantity"):
        request_return(placed.order, 2)
    again = request_return(placed.order)
    approve(again)
    inspect(again)
    assert refunded(placed.order) == [1000]
    assert_sound()


def test_a_replacement_that_is_no_better_gives_back_the_money_of_the_first_order():
    goods = store_with_goods(stock=5, price_minor=1000)
    placed = received_order(goods.variant)
    _, second = swapped(placed.order)
    ship(second)
    receive(second)
    _, third = swapped(second)
    ship(third)
    receive(third)
    asked = request_return(third)
    assert view_of(asked).amount_minor == 1000
    approve(asked)
    inspect(asked, [lines_of(third)[0].public_id])
    assert (refunded(placed.order), refunded(third)) == ([1000], [])
    assert available(goods.variant) == 5
    assert returnable.of_order(third).units == {}
    assert_sound()


def test_goods_that_are_gone_are_refunded_instead_and_nobody_gets_their_own_again():
    goods = store_with_goods(stock=2, price_minor=1000)
    placed = received_order(goods.variant)
    asked = request_return(placed.order, outcome="exchange")
    approve(asked)
    paid_order(goods.variant)  # the last one
    line = lines_of(placed.order)[0].public_id
    with pytest.raises(Conflict, match="return-exchange-gone"):
        exchange(asked, [line])
    assert (view_of(asked).state, lines_of(placed.order)[0].returned) == ("approved", 0)
    inspect(asked, [line])
    assert (view_of(asked).state, refunded(placed.order)) == ("refunded", [1000])
    other = received_order(store_with_goods(stock=1).variant)
    with pytest.raises(Conflict, match="return-exchange-short"):
        request_return(other.order, outcome="exchange")
    assert_sound()


def test_a_cancelled_replacement_gives_the_money_back():
    goods = store_with_goods(stock=5, price_minor=1000)
    placed = received_order(goods.variant)
    _, instead = swapped(placed.order)
    with transaction():
        settlement.cancel_order(instead, reason="out-of-stock", actor="u:1")
    assert refunded(placed.order) == [1000]
    assert available(goods.variant) == 5
    assert_sound()


def test_mended_goods_go_back_to_the_shopper_and_may_be_asked_about_again():
    placed = received_order(store_with_goods(stock=5).variant)
    asked = request_return(placed.order, reason="quality", outcome="repair")
    with pytest.raises(Conflict):
        exchange(asked)
    approve(asked)
    send_back(placed.order, asked)
    with pytest.raises(Invalid), transaction():
        returns.repair(asked, carrier="SF", tracking_number=" ", actor="u:1")
    repair(asked)
    seen = view_of(asked)
    assert (seen.state, seen.back_carrier, seen.back_number) == ("repaired", "SF", "SF1000088")
    assert (lines_of(placed.order)[0].returned, refunded(placed.order)) == (0, [])
    request_return(placed.order)
    assert_sound()


def test_the_doctor_finds_exchanges_that_do_not_add_up():
    goods = store_with_goods(stock=9, price_minor=1000)
    placed = received_order({goods.variant: 2})
    asked, instead = swapped(placed.order)
    line, sent = lines_of(placed.order)[0], lines_of(instead)[0]
    with transaction():
        db.session.execute(update(OrderLine).where(OrderLine.id == sent.id).values(quantity=3))
        db.session.execute(update(Order).where(Order.id == instead).values(paid_at=Order.placed_at))
    found = " ".join(return_checks.differences())
    assert "exchanged, and of 1 units of its line" in found
    assert f"order line {line.id}: of 2 units 3 are replaced and 0 refunded" in found
    assert f"order {instead} ({order(instead).number}): replaces goods, yet costs 0" in found
    with transaction():
        db.session.execute(delete(Replacement))
    assert "0 were replaced" in " ".join(return_checks.differences())
    assert view_of(asked).replacement == ""
