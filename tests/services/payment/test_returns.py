"""Returns: only units that can come back, each once, for their exact money."""

from datetime import timedelta

import pytest

from shop.cart.owner import Owner
from shop.core import clock, ids
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound
from shop.core.transaction import transaction
from shop.order import lists, return_queries, return_terms, returns
from shop.order.models import OrderLine
from shop.payment import queries as payments
from shop.payment import return_checks
from tests.factories.campaigns import make_coupon
from tests.factories.orders import (
    approve,
    assert_sound,
    available,
    inspect,
    lines_of,
    paid_order,
    receive,
    received_order,
    request_return,
    send_back,
    shipped_order,
    store_with_goods,
)
from tests.factories.users import make_user

pytestmark = pytest.mark.usefixtures("app")


def state_of(return_id):
    db.session.rollback()
    return return_queries.one(return_id, "en").state


def test_goods_that_come_back_whole_are_sold_again_and_their_share_is_refunded():
    goods = store_with_goods(stock=5, price_minor=1000)
    make_coupon(goods.store_id, code="LESS", value=1000)
    placed = received_order({goods.variant: 3}, coupon="LESS")
    paid = placed.total_minor
    key = ids.token()
    asked = request_return(placed.order, 3, key=key)
    assert request_return(placed.order, 3, key=key) == asked
    promised = return_queries.one(asked, "en").amount_minor
    approve(asked)
    send_back(placed.order, asked)
    assert available(goods.variant) == 2
    inspect(asked, [lines_of(placed.order)[0].public_id])
    assert state_of(asked) == "refunded"
    assert available(goods.variant) == 5
    assert [row.amount_minor for row in payments.of_order(placed.order).refunds] == [promised]
    assert promised == paid
    assert lines_of(placed.order)[0].returned == 3
    with pytest.raises(Conflict):
        inspect(asked)
    assert_sound()


def test_what_is_written_off_counts_as_returned_and_is_not_sold_again():
    goods = store_with_goods(stock=5)
    placed = received_order({goods.variant: 2})
    asked = request_return(placed.order)
    approve(asked)
    inspect(asked)
    assert available(goods.variant) == 3
    assert lines_of(placed.order)[0].returned == 1
    with pytest.raises(Invalid):
        request_return(placed.order, 2)
    assert_sound()


def test_a_unit_is_under_one_return_at_a_time():
    placed = received_order({store_with_goods().variant: 2})
    first = request_return(placed.order)
    with pytest.raises(Invalid):
        request_return(placed.order, 2)
    request_return(placed.order)
    with transaction():
        returns.withdraw(placed.order, first, actor="guest")
    request_return(placed.order)
    assert_sound()


def test_only_goods_that_were_sent_and_only_within_the_window():
    goods = store_with_goods()
    waiting = paid_order(goods.variant)
    with pytest.raises(Invalid):
        request_return(waiting.order)
    sent = shipped_order(goods.variant)
    receive(sent.order)
    with (
        clock.at(clock.now() + timedelta(days=return_terms.Terms().window_days)),
        pytest.raises(Invalid),
    ):
        request_return(sent.order)
    file = paid_order(
        store_with_goods(kind="digital", stock=None, product={"digital_name": "a/b.pdf"}).variant
    )
    with pytest.raises(Invalid):
        request_return(file.order)


def test_a_refused_return_gives_its_reason_and_goes_no_further():
    placed = received_order(store_with_goods().variant)
    asked = request_return(placed.order)
    with transaction():
        returns.refuse(asked, reason="It was worn", actor="u:1")
    assert return_queries.one(asked, "en").refusal == "It was worn"
    with pytest.raises(Conflict):
        approve(asked)
    with pytest.raises(Conflict):
        inspect(asked)
    other = received_order(store_with_goods().variant)
    with pytest.raises(NotFound), transaction():
        returns.withdraw(other.order, asked, actor="guest")


def test_an_order_with_a_return_stands_under_refunds_and_says_how_it_is():
    person = make_user()
    placed = received_order(store_with_goods().variant, owner=Owner(user_id=person.id))

    def shown():
        db.session.rollback()
        found = lists.of_user(person.id, "en", tab="refunds").rows
        return [(row.number, row.returning) for row in found]

    assert shown() == []
    asked = request_return(placed.order)
    assert shown() == [(placed.number, "requested")]
    with transaction():
        returns.withdraw(placed.order, asked, actor="guest")
    assert shown() == [(placed.number, "")]


def test_the_doctor_finds_returned_units_that_were_lost():
    placed = received_order(store_with_goods().variant)
    asked = request_return(placed.order)
    approve(asked)
    inspect(asked)
    with transaction():
        line = db.session.get_one(OrderLine, lines_of(placed.order)[0].id)
        line.returned = 0
    assert return_checks.differences() == [
        f"order line {line.id}: 1 units inspected in returns, 0 returned"
    ]
