"""Cards in the books: the balance agrees with what the shop knows, and tells what it does not."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from shop.core import clock
from shop.core.db import db
from shop.core.transaction import transaction
from shop.order.states import PaymentState
from shop.payment import checks, flows, refunds
from shop.payment.bills.base import day_of
from shop.payment.gateways.registry import build_gateways
from shop.payment.models import Payment, Refund
from shop.payment.reconcile_models import Difference
from tests.factories.orders import order, place_order, store_with_goods


@pytest.fixture
def provider(other_provider):
    """One whose balance holds nothing of other tests."""
    return other_provider


@pytest.fixture
def shop(app, provider, merchant):
    """The shop with cards by the sandbox, whose webhooks nobody hears."""
    provider.control("POST", "/stripe-endpoint", url=f"{merchant.base}/notify/stripe")
    kept = app.extensions.pop("gateways", None)
    app.extensions["gateways"] = build_gateways(provider.settings())
    yield app
    app.extensions.pop("gateways")
    if kept is not None:
        app.extensions["gateways"] = kept


def _number(placed):
    db.session.rollback()
    query = select(Payment.attempt_no).where(Payment.checkout_id == order(placed.order).checkout_id)
    return db.session.scalars(query).one()


def _reconcile(shop, day):
    with clock.at(clock.now() + timedelta(days=1)):
        result = shop.test_cli_runner().invoke(
            args=["payments", "reconcile", f"--date={day}", "--gateway=stripe"]
        )
    db.session.rollback()
    return result.exit_code, result.output


def test_the_balance_of_a_day_mends_and_finds_differences(shop, client, provider, monkeypatch):
    goods = store_with_goods(price_minor=10000)
    monkeypatch.setitem(shop.config, "PAYMENT_FEE_RATES", {"stripe": 290})
    heard, missed = place_order(goods.variant), place_order(goods.variant)
    for placed in (heard, missed):
        answer = client.post(f"/en/pay/{placed.token}", data={"method": "stripe"})
        assert "/stripe/pay/cs_test_" in answer.headers["Location"]
        provider.pay(_number(placed))
    day = day_of(clock.now())
    client.post(f"/en/pay/{heard.token}/check")
    assert order(heard.order).payment_state == PaymentState.PAID
    with transaction():
        row = order(heard.order)
        [source] = refunds._reserve(row, 3000)
        refunds._announce(refunds._write(row, source, 0, "goodwill", "", "test"), row)
    (refund_id,) = db.session.scalars(select(Refund.id)).all()
    flows.submit_refund(refund_id, shop.extensions["gateways"])
    provider.control("POST", f"/refund/{_number(heard)}", amount="20.00")
    code, said = _reconcile(shop, day)
    assert code == 0, said
    assert "1 found paid after asking again" in said
    assert "1 refunds of the provider's console taken over" in said
    assert order(missed.order).payment_state == PaymentState.PAID
    given = db.session.scalars(select(Refund.amount_minor).where(Refund.state == "done")).all()
    assert sorted(given) == [2000, 3000]
    provider.fault("bill_wrong_amount", out_trade_no=_number(missed), method="balance")
    assert _reconcile(shop, day)[0] == 1
    (found,) = db.session.scalars(select(Difference).where(Difference.state == "open")).all()
    assert (found.kind, found.here_minor, found.there_minor) == ("amount", 10000, 10001)
    assert _reconcile(shop, day)[0] == 0
    assert checks.differences() == []


def test_another_currency_than_ours_pays_nothing(shop, client, provider, merchant):
    placed = place_order(store_with_goods(price_minor=10000).variant)
    client.post(f"/en/pay/{placed.token}", data={"method": "stripe"})
    provider.pay(_number(placed))
    with transaction():
        db.session.query(Payment).update({"currency": "USD"})
    assert (
        client.post(
            "/notify/stripe",
            data=merchant.bodies[-1],
            headers={"Stripe-Signature": merchant.headers[-1]["Stripe-Signature"]},
        ).status_code
        == 200
    )
    db.session.rollback()
    payment = db.session.scalars(select(Payment)).one()
    assert (payment.state, payment.flag) == ("pending", "amount")
