"""Talking to a provider that answers late, wrongly, or not at all."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from shop.core import clock, ids
from shop.core.db import db
from shop.core.errors import Conflict
from shop.core.transaction import transaction
from shop.payment import flows, queries, refunds, settlement, waiting
from shop.payment.gateways.base import (
    BadSignature,
    Event,
    EventKind,
    Misconfigured,
    PaymentStatus,
    RefundStatus,
    Rejected,
    Retryable,
    Scene,
    Unknown,
)
from shop.payment.gateways.offline import CashOnDelivery
from shop.payment.models import Payment, Refund
from tests.factories.orders import (
    assert_sound,
    available,
    lines_of,
    order,
    place_order,
    shipped_order,
    store_with_goods,
)
from tests.services.payment.fake_provider import FakeProvider

LATER = timedelta(minutes=31)
ADDRESSES = flows.Addresses(
    "https://shop.example/notify", "https://shop.example/return", "203.0.113.7"
)


@pytest.fixture
def provider(app):
    return FakeProvider()


@pytest.fixture
def placed(app):
    return place_order({store_with_goods().variant: 2})


def start(placed, provider, method="alipay"):
    return flows.start(
        placed.checkout_id,
        method,
        {**provider.gateways, "cod": CashOnDelivery()},
        subject="Two things",
        addresses=ADDRESSES,
        scene=Scene.PAGE,
    )


def attempts():
    db.session.rollback()
    rows = db.session.scalars(select(Payment).order_by(Payment.id))
    return [(row.id, row.attempt_no, row.state) for row in rows]


def refresh(provider, payment_id):
    return flows.refresh(payment_id, provider.gateways)


def begun(placed, provider):
    """An attempt at the provider's: its id and number."""
    start(placed, provider)
    ((payment_id, number, state),) = attempts()
    assert state == "pending"
    return payment_id, number


def test_the_cashier_opens_once_per_attempt(placed, provider):
    first = start(placed, provider)
    assert start(placed, provider) == first
    assert len(attempts()) == len(provider.trades) == 1


@pytest.mark.parametrize("error", (Unknown(), Retryable(), BadSignature()))
def test_a_create_that_times_out_uses_its_number_again(placed, provider, error):
    provider.after["create"] = [error]
    with pytest.raises(Conflict, match="payment-unknown"):
        start(placed, provider)
    ((payment_id, number, state),) = attempts()
    assert state == "unknown"
    assert waiting.of_checkout(placed.token).result == "confirming"
    start(placed, provider)
    assert attempts() == [(payment_id, number, "pending")]
    assert list(provider.trades) == [number]


@pytest.mark.parametrize("error", (Rejected("INVALID_PARAMETER"), Misconfigured(setting="x")))
def test_a_create_that_is_refused_fails(placed, provider, error):
    provider.before["create"] = [error]
    with pytest.raises(Conflict, match="payment-refused"):
        start(placed, provider)
    start(placed, provider)
    assert [state for _, _, state in attempts()] == ["failed", "pending"]


@pytest.mark.parametrize("method", ("cod", "barter", ""))
def test_nobody_opens_an_attempt_that_staff_would_confirm(placed, provider, method):
    with pytest.raises(Conflict):
        start(placed, provider, method)
    assert attempts() == []


def test_a_query_finds_what_no_notify_told(placed, provider):
    payment_id, number = begun(placed, provider)
    assert refresh(provider, payment_id) == "pending"
    provider.pay(number)
    assert refresh(provider, payment_id) == "paid"
    assert order(placed.order).payment_state == "paid"
    assert refresh(provider, payment_id) == "paid"  # and asks nobody any more
    assert provider.calls["query"] == 2
    assert_sound()


def test_notify_and_query_together_are_one_payment(placed, provider):
    payment_id, number = begun(placed, provider)
    event = provider.pay(number)
    assert [flows.take_notify(event, "alipay") for _ in range(20)] == [True] * 20
    refresh(provider, payment_id)
    assert db.session.scalar(select(func.count()).select_from(Refund)) == 0
    assert order(placed.order).payment_state == "paid"
    assert_sound()


def test_a_notify_about_nothing_of_ours(placed, provider):
    payment_id, number = begun(placed, provider)
    foreign = Event(EventKind.PAID, "XP404", None, 100, ("merchant",), "notify-1")
    assert not flows.take_notify(foreign, "alipay")
    closed = Event(EventKind.CLOSED, number, None, 100, ("merchant",), "notify-2")
    assert flows.take_notify(closed, "alipay")
    assert attempts() == [(payment_id, number, "pending")]


@pytest.mark.parametrize("error", (Unknown(), BadSignature(), Retryable()))
def test_an_unknown_answer_stays_unknown_until_a_query_knows(placed, provider, error):
    payment_id, number = begun(placed, provider)
    provider.pay(number)
    provider.after["query"] = []
    provider.before["query"] = [error, error]
    for _ in range(2):
        assert refresh(provider, payment_id) == "unknown"
        assert order(placed.order).payment_state == "unpaid"
    assert refresh(provider, payment_id) == "paid"


def test_attempts_are_asked_about_in_time_and_ever_less_often(placed, provider):
    payment_id, _ = begun(placed, provider)
    assert queries.due_for_query() == []
    with clock.at(clock.now() + timedelta(seconds=21)):
        assert queries.due_for_query() == [payment_id]
        refresh(provider, payment_id)
        assert queries.due_for_query() == []
    with clock.at(clock.now() + timedelta(seconds=40)):
        assert queries.due_for_query() == [payment_id]


def test_a_cancelled_orders_attempt_is_closed_at_the_provider(placed, provider):
    payment_id, number = begun(placed, provider)
    with transaction():
        settlement.cancel_order(placed.order, reason="by-customer", actor="guest")
    assert queries.due_for_query() == [payment_id]
    assert refresh(provider, payment_id) == "closed"
    assert provider.trades[number].status == PaymentStatus.CLOSED
    assert queries.due_for_query() == []
    assert_sound()


def test_closing_loses_the_race_against_the_shopper(placed, provider):
    """Paid between our query and our close: the late money takes the goods again."""
    payment_id, _ = begun(placed, provider)
    with transaction():
        settlement.cancel_order(placed.order, reason="by-customer", actor="guest")
    honest = provider.close

    def close(no):
        provider.pay(no)
        return honest(no)

    provider.close = close
    assert refresh(provider, payment_id) == "paid"
    assert order(placed.order).state == "open"
    assert_sound()


def test_money_on_its_way_comes_before_expiry(placed, provider):
    _, number = begun(placed, provider)
    provider.pay(number)
    with clock.at(clock.now() + LATER):
        assert not flows.expire(placed.order, provider.gateways)
    row = order(placed.order)
    assert (row.state, row.payment_state) == ("open", "paid")
    assert_sound()


@pytest.mark.parametrize("silent", (False, True))
def test_an_expired_order_gives_its_goods_back_whatever_the_provider_says(placed, provider, silent):
    begun(placed, provider)
    if silent:
        provider.before["query"] = [Unknown()]
    with clock.at(clock.now() + LATER):
        assert flows.expire(placed.order, provider.gateways)
        assert not flows.expire(placed.order, provider.gateways)
    assert order(placed.order).state == "cancelled"
    assert available(lines_of(placed.order)[0].variant_id) == 10
    assert_sound()


def test_an_order_expires_though_its_provider_was_taken_out_of_the_configuration(placed, provider):
    begun(placed, provider)
    with clock.at(clock.now() + LATER):
        assert flows.expire(placed.order, {})
    assert order(placed.order).state == "cancelled"


def test_a_trade_that_the_provider_never_knew_is_asked_about_past_its_time(placed, provider):
    payment_id, number = begun(placed, provider)
    trade = provider.trades.pop(number)  # it exists once the shopper has scanned
    with clock.at(clock.now() + LATER):
        assert flows.expire(placed.order, provider.gateways)
        assert attempts() == [(payment_id, number, "pending")]
        provider.trades[number] = trade
        provider.pay(number)
        assert refresh(provider, payment_id) == "paid"
    assert order(placed.order).state == "open"
    assert_sound()


def test_a_trade_never_known_is_closed_for_good_in_the_end(placed, provider):
    payment_id, number = begun(placed, provider)
    provider.trades.clear()
    with clock.at(clock.now() + LATER + timedelta(minutes=20)):
        flows.expire(placed.order, provider.gateways)
        refresh(provider, payment_id)
    assert attempts() == [(payment_id, number, "closed")]


# Refunds


@pytest.fixture
def refund(provider):
    """A refund of one of two units, asked for; its id."""
    shipped = shipped_order({store_with_goods().variant: 2})
    db.session.rollback()
    payment = db.session.scalars(select(Payment)).one()
    provider.create(payment.attempt_no, payment.amount_minor, "", None, "", "", "", Scene.PAGE)
    provider.pay(payment.attempt_no)
    line = lines_of(shipped.order)[0].public_id
    with transaction():
        number = refunds.request(
            shipped.order,
            {line: 1},
            include_delivery=False,
            restock=(),
            reason="damaged",
            note="",
            actor="u:1",
            key=ids.token(),
        )
    return queries.refund_id(number)


def submit(refund_id, provider):
    return flows.submit_refund(refund_id, provider.gateways)


def refund_row(refund_id):
    db.session.rollback()
    return db.session.get_one(Refund, refund_id)


def wait(minutes=90):
    return clock.at(clock.now() + timedelta(minutes=minutes))


def test_a_refund_is_submitted_once(refund, provider):
    assert queries.due_refunds() == [refund]
    assert submit(refund, provider) == "done"
    assert submit(refund, provider) == "done"
    assert provider.calls["refund"] == 1
    assert refund_row(refund).provider_refund_id.startswith("refund-RF")
    assert queries.due_refunds() == []
    assert_sound()


@pytest.mark.parametrize("error", (Unknown(), BadSignature(), Retryable()))
def test_a_refund_that_times_out_after_executing_is_one_refund(refund, provider, error):
    provider.after["refund"] = [error, error]
    assert submit(refund, provider) == "unknown"
    assert queries.due_refunds() == []
    for expected, minutes in (("unknown", 90), ("done", 180)):
        with wait(minutes):
            assert queries.due_refunds() == [refund]
            assert submit(refund, provider) == expected
    assert provider.given_back() == 1000
    assert_sound()


@pytest.mark.parametrize("error", (Unknown(), Misconfigured(setting="x")))
def test_a_refund_of_which_nothing_is_known_is_not_failed(refund, provider, error):
    provider.before["refund"] = [error]
    assert submit(refund, provider) == "unknown"
    assert refund_row(refund).state == "unknown"
    with wait():
        assert submit(refund, provider) == "done"
    assert provider.given_back() == 1000


def test_a_definite_no_at_the_first_time_fails(refund, provider):
    provider.before["refund"] = [Rejected("TRADE_HAS_FINISHED")]
    assert submit(refund, provider) == "failed"
    assert queries.due_refunds() == []
    assert_sound()


@pytest.mark.parametrize("executed", (True, False))
def test_a_no_to_a_repeated_refund_may_hide_an_earlier_yes(refund, provider, executed):
    (provider.after if executed else provider.before)["refund"] = [Unknown()]
    submit(refund, provider)
    provider.before["refund"] = [Rejected("REPEATED")]
    with wait():
        assert submit(refund, provider) == ("done" if executed else "failed")
    assert provider.given_back() == (1000 if executed else 0)
    assert_sound()


def test_an_accepted_refund_is_asked_about_until_it_is_done(refund, provider):
    provider.refund_status = RefundStatus.PROCESSING
    assert submit(refund, provider) == "processing"
    provider.before["refund"] = [Unknown()]
    with wait(1):
        assert submit(refund, provider) == "processing"  # an outage is no news
    provider.refund_status = RefundStatus.DONE
    with wait():
        assert submit(refund, provider) == "done"
    assert provider.given_back() == 1000
    assert_sound()


def test_a_worker_killed_while_refunding_is_followed_by_another(refund, provider):
    class Killed(BaseException):
        pass

    provider.after["refund"] = [Killed()]
    with pytest.raises(Killed):
        submit(refund, provider)
    assert refund_row(refund).state == "submitted"
    assert submit(refund, provider) == "submitted"  # the lease holds
    with wait(2):
        assert queries.due_refunds() == [refund]
        assert submit(refund, provider) == "done"
    assert provider.given_back() == 1000
    assert_sound()
