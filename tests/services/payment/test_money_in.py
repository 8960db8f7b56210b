"""Money arrives: once, late, twice, wrong."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from shop.campaigns.models import Coupon
from shop.cart.owner import Owner
from shop.core import clock
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound
from shop.core.idempotency import KeyReused
from shop.core.models import AuditEntry, Outbox
from shop.core.transaction import transaction
from shop.membership import queries as membership
from shop.order import cancellation, queries
from shop.payment import attempts, intake, offline, settlement
from shop.payment import queries as payments
from shop.payment.models import Payment, PaymentEvent, Refund
from tests.factories.campaigns import make_coupon, used
from tests.factories.orders import (
    assert_sound,
    available,
    begin_payment,
    order,
    pay,
    place_order,
    store_with_goods,
    tell_paid,
)
from tests.factories.users import make_user

LATER = timedelta(minutes=31)


def end(order_id, way="expired"):
    if way == "expired":
        with clock.at(clock.now() + LATER), transaction():
            assert cancellation.expire(order_id)
    else:
        with transaction():
            settlement.cancel_order(order_id, reason="by-customer", actor="guest")


def events(name):
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(Outbox.name == name))


def refunds():
    db.session.rollback()
    return [
        (row.payment_id, row.order_id, row.amount_minor, row.reason)
        for row in db.session.scalars(select(Refund).order_by(Refund.id))
    ]


def payment(payment_id):
    db.session.rollback()
    return db.session.get_one(Payment, payment_id)


def test_a_payment_sets_its_orders_going(app):
    tea, paper = store_with_goods(), store_with_goods(price_minor=2500)
    placed = place_order({tea.variant: 2, paper.variant: 1})
    payment_id = pay(placed)
    for order_id in placed.orders:
        row = order(order_id)
        assert (row.state, row.payment_state, row.expires_at) == ("open", "paid", None)
    assert payment(payment_id).amount_minor == 4500
    assert events("order.paid") == 2
    assert not queries.awaits_payment(placed.token)
    with clock.at(clock.now() + LATER):
        assert queries.due_for_expiry() == []
    assert_sound()


def test_the_same_word_twenty_times_is_one_payment(app):
    goods = store_with_goods()
    placed = place_order(goods.variant)
    payment_id = begin_payment(placed)
    assert [tell_paid(payment_id) for _ in range(20)] == [True] + [False] * 19
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(PaymentEvent)) == 1
    assert events("order.paid") == 1
    kinds = [event.kind for event in queries.order_page(placed.number, "en").timeline]
    assert kinds == ["placed", "paid"]
    assert refunds() == []
    assert_sound()


def test_a_number_that_is_not_ours(app):
    with pytest.raises(NotFound, match="payment-missing"), transaction():
        intake.paid(intake.Paid("alipay", "XP404", 100, "", "paid:XP404"), actor="provider:alipay")


@pytest.mark.parametrize("amount", (0, 1, 999, 1001, 100_000))
def test_a_wrong_amount_pays_nothing_and_is_flagged(app, amount):
    goods = store_with_goods()
    placed = place_order(goods.variant)
    payment_id = begin_payment(placed)
    assert not tell_paid(payment_id, amount)
    assert not tell_paid(payment_id, amount)
    assert order(placed.order).payment_state == "unpaid"
    assert (payment(payment_id).state, payment(payment_id).flag) == ("pending", "amount")
    assert payments.tasks([goods.store_id]) == 1
    assert db.session.scalar(select(func.count()).select_from(PaymentEvent)) == 1
    assert_sound()
    assert tell_paid(payment_id)  # the right word may still come
    assert order(placed.order).payment_state == "paid"
    assert_sound()


@pytest.mark.parametrize("way", ("expired", "cancelled"))
def test_late_money_takes_the_goods_again(app, way):
    goods = store_with_goods(stock=2)
    coupon = make_coupon(goods.store_id, value=100, total_limit=1)
    code = db.session.get_one(Coupon, coupon).code
    buyer = make_user()
    placed = place_order({goods.variant: 2}, coupon=code, owner=Owner(user_id=buyer.id))
    payment_id = begin_payment(placed)
    end(placed.order, way)
    assert (available(goods.variant), used(coupon)) == (2, 0)
    assert tell_paid(payment_id)
    row = order(placed.order)
    assert (row.state, row.payment_state, row.cancelled_at) == ("open", "paid", None)
    assert (available(goods.variant), used(coupon)) == (0, 1)
    assert refunds() == []
    assert membership.standing(buyer.id, goods.store_id).spent_minor == 1900
    assert_sound()
    for _ in range(3):  # a replay does nothing more
        assert not tell_paid(payment_id)
    assert_sound()


@pytest.mark.parametrize("gone", ("stock", "coupon"))
def test_late_money_for_what_is_gone_goes_back_whole(app, gone):
    goods = store_with_goods(stock=2, flat_delivery_minor=700)
    coupon = make_coupon(goods.store_id, value=100, total_limit=1)
    code = db.session.get_one(Coupon, coupon).code
    buyer = make_user()
    placed = place_order(goods.variant, coupon=code, owner=Owner(user_id=buyer.id))
    payment_id = begin_payment(placed)
    end(placed.order)
    if gone == "stock":
        place_order({goods.variant: 2})
    else:
        place_order(goods.variant, coupon=code)
    left = available(goods.variant), used(coupon)
    assert tell_paid(payment_id)
    row = order(placed.order)
    assert (row.state, row.payment_state) == ("cancelled", "paid")
    assert refunds() == [(payment_id, placed.order, 1600, "paid-too-late")]
    assert (available(goods.variant), used(coupon)) == left
    assert events("order.paid") == 0  # nobody is told to send it
    assert not tell_paid(payment_id)
    assert len(refunds()) == 1
    assert_sound()


def test_late_money_for_a_checkout_of_which_half_is_gone(app):
    tea, paper = store_with_goods(stock=1), store_with_goods(stock=1, price_minor=2500)
    placed = place_order({tea.variant: 1, paper.variant: 1})
    payment_id = begin_payment(placed)
    for order_id in placed.orders:
        end(order_id)
    place_order(tea.variant)
    assert tell_paid(payment_id)
    assert [order(order_id).state for order_id in placed.orders] == ["cancelled", "open"]
    assert refunds() == [(payment_id, placed.orders[0], 1000, "paid-too-late")]
    assert (available(tea.variant), available(paper.variant)) == (0, 0)
    assert_sound()


def test_a_second_payment_goes_back_and_the_order_stays_paid(app):
    goods = store_with_goods()
    buyer = make_user()
    placed = place_order(goods.variant, owner=Owner(user_id=buyer.id))
    first = begin_payment(placed)
    with transaction():
        attempts.closed(first)
    second = begin_payment(placed)
    assert second != first
    assert tell_paid(second)
    assert tell_paid(first)
    row = order(placed.order)
    assert (row.state, row.payment_state) == ("open", "paid")
    assert refunds() == [(first, placed.order, 1000, "surplus")]
    assert payment(first).flag == "surplus"
    assert events("order.paid") == 1
    assert_sound()
    assert not tell_paid(first)
    assert len(refunds()) == 1


def test_a_stale_attempt_that_ends_leaves_the_paid_order_alone(app):
    goods = store_with_goods()
    placed = place_order(goods.variant)
    stale = begin_payment(placed)
    with transaction():
        attempts.failed(stale)
    pay(placed)
    with transaction():
        assert not attempts.closed(stale)
    assert order(placed.order).payment_state == "paid"
    assert_sound()


def test_a_paid_attempt_never_goes_back(app):
    placed = place_order(store_with_goods().variant)
    payment_id = pay(placed)
    with transaction():
        assert not attempts.closed(payment_id)
        assert not attempts.failed(payment_id)
        attempts.unsure(payment_id)
        attempts.opened(payment_id, None)
    assert payment(payment_id).state == "paid"


def test_the_live_attempt_is_used_again(app):
    placed = place_order(store_with_goods().variant)
    first = begin_payment(placed)
    assert begin_payment(placed) == first
    with transaction():
        attempts.unsure(first)
    with transaction():
        assert attempts.begin(placed.checkout_id, "alipay").payment_id == first


def test_when_half_a_checkout_is_cancelled_the_other_half_is_to_be_paid(app):
    tea, paper = store_with_goods(), store_with_goods(price_minor=2500)
    placed = place_order({tea.variant: 1, paper.variant: 1})
    whole = begin_payment(placed)
    end(placed.orders[0], "cancelled")
    rest = begin_payment(placed)
    assert payment(rest).amount_minor == 2500
    assert tell_paid(rest)
    assert tell_paid(whole)  # both windows were paid: the first money counts
    assert order(placed.orders[1]).payment_state == "paid"
    assert refunds() == [
        (whole, placed.orders[0], 1000, "surplus"),
        (whole, placed.orders[1], 2500, "surplus"),
    ]
    assert_sound()


def test_what_is_over_or_paid_is_not_paid_again(app):
    goods = store_with_goods()
    paid, expired = place_order(goods.variant), place_order(goods.variant)
    pay(paid)
    with pytest.raises(Conflict, match="nothing-to-pay"):
        begin_payment(paid)
    with clock.at(clock.now() + LATER), pytest.raises(Conflict, match="nothing-to-pay"):
        begin_payment(expired)
    with pytest.raises(NotFound), transaction():
        attempts.begin(424242, "alipay")


def confirm(placed, amount, key="collect-this-cash", reference="R-1"):
    with transaction():
        offline.confirm(
            placed.order, amount_minor=amount, reference=reference, actor="u:1", key=key
        )


def test_cash_is_confirmed_once_and_audited(app):
    goods = store_with_goods(flat_delivery_minor=500)
    placed = place_order(goods.variant, method="cod")
    for amount in (0, 1000, 1501, -1500):
        with pytest.raises(Invalid, match="payment-amount"):
            confirm(placed, amount, key=f"wrong-amount-{amount}")
    confirm(placed, 1500)
    confirm(placed, 1500)
    with pytest.raises(KeyReused):
        confirm(placed, 1500, reference="another")
    with pytest.raises(Conflict, match="nothing-to-pay"):
        confirm(placed, 1500, key="collect-it-again")
    assert order(placed.order).payment_state == "paid"
    entry = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "payment.confirm")
    ).one()
    assert (entry.actor, entry.detail["amount_minor"]) == ("u:1", 1500)
    assert_sound()


def test_cash_of_a_checkout_is_confirmed_order_by_order(app):
    tea, paper = store_with_goods(), store_with_goods(price_minor=2500)
    placed = place_order({tea.variant: 1, paper.variant: 1}, method="cod")
    confirm(placed, 1000)
    assert [order(order_id).payment_state for order_id in placed.orders] == ["paid", "unpaid"]
    assert_sound()


def test_no_cash_for_what_is_cancelled_or_paid_elsewhere(app):
    goods = store_with_goods()
    cancelled, online = place_order(goods.variant, method="cod"), place_order(goods.variant)
    end(cancelled.order, "cancelled")
    with pytest.raises(Conflict, match="order-closed"):
        confirm(cancelled, 1000)
    with pytest.raises(Conflict, match="nothing-to-pay"):
        confirm(online, 1000)
    assert_sound()
