"""Money goes back: exact shares, never more than was paid, stock and codes with it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from shop.campaigns.models import Coupon
from shop.cart.owner import Owner
from shop.core import clock, ids
from shop.core.db import db
from shop.core.errors import Conflict, IllegalTransition, Invalid, NotFound
from shop.core.idempotency import KeyReused
from shop.core.models import Outbox
from shop.core.transaction import transaction
from shop.inventory import services as inventory
from shop.membership import queries as membership
from shop.order import codes as order_codes
from shop.order import downloads, queries
from shop.payment import attempts, offline, refund_answers, refunds, settlement
from shop.payment import queries as payments
from shop.payment.models import PaymentAllocation, Refund
from shop.payment.refund_quotes import quote
from shop.payment.states import RefundState
from tests.factories.campaigns import make_coupon, make_promotion, used
from tests.factories.catalog import make_product
from tests.factories.orders import (
    assert_sound,
    available,
    begin_payment,
    fill_cart,
    guest,
    lines_of,
    order,
    paid_order,
    pay,
    place_order,
    receive,
    received_order,
    send,
    ship,
    shipped_order,
    store_with_goods,
    submission,
    tell_paid,
)
from tests.factories.users import make_user


def ask(placed, quantities=None, key=None, **given):
    """Ask for a refund of units of the lines, in their order; returns its id."""
    names = [line.public_id for line in lines_of(placed.order)]
    values = {
        "include_delivery": False,
        "restock": (),
        "reason": "changed-mind",
        "note": "",
        "actor": "u:1",
        "key": key or ids.token(),
    } | given
    if values["restock"] == "all":
        values["restock"] = names
    wanted = dict(zip(names, quantities or [], strict=False))
    with transaction():
        number = refunds.request(placed.order, wanted, **values)
    return payments.refund_id(number)


def answer(refund_id, *states):
    for state in states:
        with transaction():
            refund_answers.claim(refund_id)
        with transaction():
            refund_answers.answered(refund_id, RefundState(state))


def refund(refund_id):
    db.session.rollback()
    return db.session.get_one(Refund, refund_id)


def reserved(order_id):
    db.session.rollback()
    return db.session.scalars(
        select(PaymentAllocation.refunded_minor).where(PaymentAllocation.order_id == order_id)
    ).all()


def test_part_by_part_gives_back_exactly_what_was_paid(app):
    """Three of 33.33 with 10.00 off, delivery 7.00: no fen lost, none invented."""
    goods = store_with_goods(price_minor=3333, flat_delivery_minor=700)
    make_promotion(goods.store_id, tiers=((5000, 1000),))
    placed = shipped_order({goods.variant: 3})
    assert placed.total_minor == 9999 - 1000 + 700
    amounts = []
    for step in (
        {"quantities": [1]},
        {"quantities": [1]},
        {"quantities": [1], "include_delivery": True},
    ):
        refund_id = ask(placed, **step)
        answer(refund_id, "done")
        amounts.append(refund(refund_id).amount_minor)
        assert_sound()
    assert sum(amounts) == placed.total_minor
    assert max(amounts[0], amounts[1]) - min(amounts[0], amounts[1]) <= 1
    row = order(placed.order)
    assert (row.payment_state, row.state) == ("refunded", "open")
    with pytest.raises(Invalid, match="refund-quantity"):
        ask(placed, [1])
    with pytest.raises(Invalid, match="refund-empty"):
        ask(placed, [0], include_delivery=True)


def test_parts_stay_exact_when_one_of_them_fails(app):
    """A share that came back to us is priced anew, so that all parts together are what was paid."""
    goods = store_with_goods(price_minor=10)
    coupon = make_coupon(goods.store_id, value=20)
    code = db.session.get_one(Coupon, coupon).code
    placed = shipped_order({goods.variant: 3}, coupon=code)
    assert placed.total_minor == 10  # 3 + 4 + 3
    first, second = ask(placed, [1]), ask(placed, [1])
    answer(first, "failed")
    answer(second, "done")
    for _ in range(2):
        answer(ask(placed, [1]), "done")
    assert order(placed.order).payment_state == "refunded"
    assert reserved(placed.order) == [10]
    assert_sound()


def test_units_not_shipped_are_cancelled_and_go_back_to_the_shelf(app):
    goods = store_with_goods()
    placed = paid_order({goods.variant: 3})
    answer(ask(placed, [1]), "done")
    (line,) = lines_of(placed.order)
    assert (line.cancelled, line.returned, available(goods.variant)) == (1, 0, 8)
    ship(placed.order)
    assert order(placed.order).shipping_state == "shipped"
    assert lines_of(placed.order)[0].shipped == 2
    assert_sound()


def test_an_order_whose_rest_is_refunded_is_shipped(app):
    goods = store_with_goods(products=2)
    placed = paid_order(dict.fromkeys(goods.variants, 1))
    ship(placed.order, quantities={lines_of(placed.order)[0].public_id: 1})
    answer(ask(placed, [0, 1]), "done")
    assert order(placed.order).shipping_state == "shipped"
    receive(placed.order)
    assert order(placed.order).state == "completed"
    assert_sound()


def test_an_order_refunded_before_anything_left_is_over(app):
    goods = store_with_goods()
    coupon = make_coupon(goods.store_id, value=100, total_limit=1)
    code = db.session.get_one(Coupon, coupon).code
    placed = paid_order({goods.variant: 2}, coupon=code)
    answer(ask(placed, [2]), "done")
    row = order(placed.order)
    assert (row.state, row.payment_state) == ("cancelled", "refunded")
    assert (available(goods.variant), used(coupon)) == (10, 0)
    with pytest.raises(Conflict, match="order-not-shippable"):
        ship(placed.order)
    assert_sound()


@pytest.mark.parametrize("restock", ((), "all"))
def test_returned_goods_are_sold_again_if_they_are_good(app, restock):
    goods = store_with_goods()
    placed = received_order({goods.variant: 3})
    answer(ask(placed, [2], restock=restock), "done")
    (line,) = lines_of(placed.order)
    assert line.returned == (2 if restock else 0)
    assert available(goods.variant) == (9 if restock else 7)
    assert order(placed.order).payment_state == "partly_refunded"
    assert_sound()


def test_part_shipped_part_not(app):
    """Of three, one shipped: refunding two cancels the two at home; refunding all brings one back."""
    goods = store_with_goods()
    placed = paid_order({goods.variant: 3})
    ship(placed.order, quantities={lines_of(placed.order)[0].public_id: 1})
    answer(ask(placed, [3], restock="all"), "done")
    (line,) = lines_of(placed.order)
    assert (line.cancelled, line.shipped, line.returned) == (2, 1, 1)
    assert available(goods.variant) == 10
    assert_sound()


@pytest.mark.parametrize(
    ("given", "code"),
    (
        ({"quantities": [4]}, "refund-quantity"),
        ({"quantities": [-1]}, "refund-quantity"),
        ({"quantities": [2**63]}, "refund-quantity"),
        ({"quantities": [0]}, "refund-empty"),
        ({"quantities": []}, "refund-empty"),
        ({"quantities": [1], "reason": ""}, "reason-missing"),
        ({"quantities": [1], "reason": "because"}, "reason-missing"),
        ({"quantities": [1], "key": "short"}, "idempotency-key-missing"),
    ),
)
def test_a_refund_that_cannot_be(app, given, code):
    placed = paid_order({store_with_goods().variant: 3})
    with pytest.raises(Invalid) as refused:
        ask(placed, **given)
    assert refused.value.reason == code
    assert reserved(placed.order) == [0]


def test_an_unknown_order_and_an_unpaid_one(app):
    placed = place_order(store_with_goods().variant)
    with pytest.raises(Conflict, match="refund-above-paid"):
        ask(placed, [1])
    with pytest.raises(NotFound):
        quote(424242, {}, False)
    assert lines_of(placed.order)[0].cancelled == 0


def test_the_same_form_twice_is_one_refund(app):
    placed = paid_order({store_with_goods().variant: 3})
    first = ask(placed, [1], key="the-refund-form")
    assert ask(placed, [1], key="the-refund-form") == first
    with pytest.raises(KeyReused):
        ask(placed, [2], key="the-refund-form")
    assert reserved(placed.order) == [1000]


def test_refunds_together_never_pass_what_was_paid(app):
    """Delivery is asked for twice, goods more often than bought, a cancellation on top."""
    goods = store_with_goods(flat_delivery_minor=500)
    placed = paid_order({goods.variant: 2})
    ask(placed, [1], include_delivery=True)
    ask(placed, [1], include_delivery=True)
    for quantities in ([1], []):
        with pytest.raises(Invalid):
            ask(placed, quantities, include_delivery=True)
    assert reserved(placed.order) == [2500]
    with pytest.raises(IllegalTransition), transaction():
        settlement.cancel_order(placed.order, reason="x", actor="u:1")
    assert_sound()


def test_cancelling_after_a_partial_refund_gives_back_the_rest(app):
    goods = store_with_goods(flat_delivery_minor=500)
    placed = paid_order({goods.variant: 3})
    answer(ask(placed, [1]), "done")
    with transaction():
        (number,) = settlement.cancel_order(placed.order, reason="by-customer", actor="guest")
    assert refund(payments.refund_id(number)).amount_minor == 2500
    answer(payments.refund_id(number), "done")
    assert order(placed.order).payment_state == "refunded"
    assert available(goods.variant) == 10
    assert_sound()


def test_a_failed_refund_gives_its_balance_back(app):
    placed = shipped_order({store_with_goods().variant: 2})
    refund_id = ask(placed, [2])
    assert reserved(placed.order) == [2000]
    answer(refund_id, "failed")
    assert reserved(placed.order) == [0]
    assert order(placed.order).payment_state == "paid"
    assert payments.tasks([order(placed.order).store_id]) == 1
    answer(ask(placed, [2]), "done")
    assert order(placed.order).payment_state == "refunded"
    assert_sound()


def test_what_is_done_stays_done(app):
    placed = shipped_order({store_with_goods().variant: 2})
    refund_id = ask(placed, [1])
    answer(refund_id, "processing", "done", "done")
    with pytest.raises(IllegalTransition), transaction():
        refund_answers.answered(refund_id, RefundState.FAILED)
    assert refund(refund_id).state == "done"
    db.session.rollback()
    done = db.session.scalars(select(Outbox).where(Outbox.name == "refund.done")).all()
    assert len(done) == 1
    assert_sound()


def test_a_refund_is_with_one_worker_at_a_time(app):
    placed = shipped_order(store_with_goods().variant)
    refund_id = ask(placed, [1])
    with transaction():
        assert refund_answers.claim(refund_id).asked_before is False
    with transaction():
        assert refund_answers.claim(refund_id) is None
    with clock.at(clock.now() + timedelta(minutes=2)), transaction():  # the first one was killed
        assert refund_answers.claim(refund_id).asked_before is True


def test_cash_goes_back_by_hand_at_once(app):
    goods = store_with_goods()
    placed = place_order({goods.variant: 2}, method="cod")
    ship(placed.order)
    with transaction():
        offline.confirm(
            placed.order, amount_minor=2000, reference="", actor="u:1", key="collect-it"
        )
    refund_id = ask(placed, [1], restock="all")
    assert refund(refund_id).state == "manual"
    assert order(placed.order).payment_state == "partly_refunded"
    assert available(goods.variant) == 9
    assert_sound()


def test_a_refunded_service_cannot_be_redeemed(app):
    goods = store_with_goods(stock=None, kind="service")
    placed = paid_order({goods.variant: 3})
    staff = make_user()

    def codes():
        db.session.rollback()
        return queries.order_page(placed.number, "en").lines[0].codes

    def redeem(code):
        with transaction():
            order_codes.redeem(code, [goods.store_id], user_id=staff.id, actor="u:1")

    redeem(codes()[0].code)
    answer(ask(placed, [1]), "done")
    assert sorted(code.state for code in codes()) == ["open", "redeemed", "void"]
    (void,) = [code.code for code in codes() if code.state == "void"]
    with pytest.raises(Conflict, match="code-void"):
        redeem(void)
    with pytest.raises(Invalid, match="refund-codes-used"):
        ask(placed, [2])
    answer(ask(placed, [1]), "done")
    assert sorted(code.state for code in codes()) == ["redeemed", "void", "void"]
    assert_sound()


def test_a_refunded_download_is_closed(app):
    goods = store_with_goods()
    copy = make_product(
        goods.store_id,
        kind="digital",
        digital_name="a/b.pdf",
    ).variants[0]
    with transaction():
        inventory.receive(copy, goods.location_id, 5, actor="test")
    owner = guest()
    fill_cart(owner, {goods.variant: 1, copy: 1})
    placed = send(owner, submission(owner))
    pay(placed)
    line = lines_of(placed.order)[1].public_id
    assert downloads.stored_name(placed.order, line, "main") == "a/b.pdf"
    answer(ask(placed, [0, 1]), "done")
    with pytest.raises(NotFound, match="download-unknown"):
        downloads.stored_name(placed.order, line, "main")
    assert_sound()


def test_what_a_member_spent_follows_their_money(app):
    goods = store_with_goods()
    buyer = make_user()
    owner = Owner(user_id=buyer.id)

    def spent():
        db.session.rollback()
        return membership.standing(buyer.id, goods.store_id).spent_minor

    shipped_order({goods.variant: 4}, owner=owner)
    placed = shipped_order({goods.variant: 3}, owner=owner)
    assert spent() == 7000
    answer(ask(placed, [1]), "done")
    assert spent() == 6000


@pytest.mark.parametrize("why", ("surplus", "late"))
def test_money_that_never_counted_takes_nothing_from_a_member(app, why):
    goods = store_with_goods(stock=6)
    buyer = make_user()
    owner = Owner(user_id=buyer.id)
    paid_order({goods.variant: 4}, owner=owner)
    placed = place_order({goods.variant: 2}, owner=owner)
    payment_id = begin_payment(placed)
    if why == "surplus":
        with transaction():
            attempts.closed(payment_id)
        pay(placed)
        counted = 6000
    else:
        with transaction():
            settlement.cancel_order(placed.order, reason="by-customer", actor="guest")
        place_order({goods.variant: 2})
        counted = 4000
    assert tell_paid(payment_id)
    (refund_id,) = db.session.scalars(select(Refund.id)).all()
    answer(refund_id, "done")
    assert membership.standing(buyer.id, goods.store_id).spent_minor == counted
    assert order(placed.order).payment_state == ("paid" if why == "surplus" else "refunded")
    assert_sound()
