"""The faults of payment design, through the shop's own addresses and with real signatures, for all
providers. The shop is pointed at the sandbox by its settings alone."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from structlog.testing import capture_logs

from shop.core import clock
from shop.core.db import db
from shop.core.transaction import transaction
from shop.inventory.models import StockLevel
from shop.jobs import security
from shop.order import cancellation
from shop.order.states import OrderState, PaymentState
from shop.payment import flows, refunds
from shop.payment.bills.base import day_of
from shop.payment.gateways.base import Unknown
from shop.payment.gateways.registry import build_gateways
from shop.payment.models import Payment, PaymentAllocation, Refund
from shop.payment.reconcile_models import Difference
from tests.factories.orders import (
    Goods,
    assert_sound,
    order,
    place_order,
    store_with_goods,
)
from tests.web.order.markup import heading

WAYS = ("alipay", "wechatpay", "stripe")
at_wechat = pytest.mark.parametrize("till", ("wechatpay",), indirect=True)
BOTH = ("notify_tampered", "notify_forged", "notify_foreign")


@dataclass
class Till:
    """A shop, an order that waits for its money, and the provider that takes it."""

    app: Flask
    client: object
    provider: object
    merchant: object
    way: str
    goods: Goods
    placed: object
    hours: int = 0

    def start(self, placed=None, way=None):
        """Press «pay»; the number of the attempt."""
        placed, way = placed or self.placed, way or self.way
        answer = self.client.post(f"/en/pay/{placed.token}", data={"method": way})
        assert answer.status_code == 303, answer.get_data(as_text=True)
        db.session.rollback()
        payment = self.payments(placed)[-1]
        if way == "alipay":
            self.provider.control(
                "POST", f"/scan/{payment.attempt_no}", url=answer.headers["Location"]
            )
        return payment.attempt_no

    def pay(self, no, **wish):
        self.provider.pay(no, **wish)

    def tell(self, at=-1, way=None, headers=None, body=None):
        """Deliver a notify that the provider sent to the shop's own address."""
        given = dict(headers or self.merchant.headers[at])
        for name in ("Host", "Content-Length", "Connection"):
            given.pop(name, None)
        return self.client.post(
            f"/notify/{way or self.way}",
            data=self.merchant.bodies[at] if body is None else body,
            headers=given,
        ).status_code

    def payments(self, placed=None):
        db.session.rollback()
        found = db.session.query(Payment).order_by(Payment.id)
        allocated = found.join(PaymentAllocation, PaymentAllocation.payment_id == Payment.id)
        return allocated.filter(PaymentAllocation.order_id == (placed or self.placed).order).all()

    def state(self):
        db.session.rollback()
        return order(self.placed.order).payment_state

    def gateways(self):
        return self.app.extensions["gateways"]

    def refunds(self):
        db.session.rollback()
        return db.session.query(Refund).order_by(Refund.id).all()

    def try_refunds(self):
        """One round of the periodic job over the refunds that are due, two hours after the last."""
        self.hours += 2
        for refund in self.refunds():
            with clock.at(clock.now() + timedelta(hours=self.hours)):
                flows.submit_refund(refund.id, self.gateways())
        return [refund.state for refund in self.refunds()]

    def give_back(self, no):
        """Rounds of the job until the provider has done what it accepted."""
        self.try_refunds()
        self.provider.trade(no)
        return self.try_refunds()


@pytest.fixture(params=WAYS)
def till(request, app, client, provider, merchant):
    security.forget()
    settings = provider.settings(PAYMENT_NOTIFY_BASE=merchant.base)
    kept = dict(app.config), app.extensions.pop("gateways", None)
    app.config.update(settings)
    provider.control("POST", "/stripe-endpoint", url=f"{merchant.base}/notify/stripe")
    app.extensions["gateways"] = build_gateways(
        app.config | {"ALIPAY_TIMEOUT": 1, "WECHATPAY_TIMEOUT": 1, "STRIPE_TIMEOUT": 1}
    )
    goods = store_with_goods(price_minor=10000, flat_delivery_minor=800)
    placed = place_order(goods.variant)
    yield Till(app, client, provider, merchant, request.param, goods, placed)
    for name in settings:
        app.config[name] = kept[0].get(name, "")
    if kept[1] is None:
        app.extensions.pop("gateways")
    else:
        app.extensions["gateways"] = kept[1]


def test_1_7_19_a_notify_is_believed_once_however_often_it_comes(till):
    no = till.start()
    till.provider.fault("notify_duplicate", count=3, out_trade_no=no)
    till.pay(no)
    assert {till.tell(at) // 100 for at in range(-3, 0)} == {2}
    assert till.state() == PaymentState.PAID
    back = till.client.get(f"/en/pay/{till.placed.token}/return")
    assert back.headers["Location"] == f"/en/checkout/{till.placed.token}"
    refund_no = _ask_back(till, 3000)
    till.provider.trade(no)
    for at in range(len(till.merchant.bodies)):
        assert till.tell(at) // 100 == 2
    assert len(till.payments()) == 1
    assert [(r.refund_no, r.amount_minor) for r in till.refunds()] == [(refund_no, 3000)]
    assert till.give_back(no) == ["done"]
    assert till.state() == PaymentState.PARTLY_REFUNDED
    assert_sound()


@pytest.mark.parametrize(
    ("till", "fault"),
    (
        *((way, fault) for way in WAYS for fault in BOTH),
        ("wechatpay", "notify_stale"),
        ("stripe", "notify_stale"),
        ("wechatpay", "notify_signtest"),
    ),
    indirect=["till"],
)
def test_2_3_4_5_what_is_not_the_provider_s_word_changes_nothing(till, fault, caplog):
    no = till.start()
    wish = {"app_id": "9021000000000000"} if fault == "notify_foreign" else {}
    till.provider.fault(fault, out_trade_no=no, **wish)
    till.pay(no)
    with capture_logs() as said:
        assert 400 <= till.tell() < 500
    assert till.state() == PaymentState.UNPAID
    logged = caplog.text + str(said)
    assert "notify refused" in logged
    for name in ("WECHATPAY_APIV3_KEY", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"):
        assert till.provider.values[name] not in logged
    assert "BEGIN" not in logged
    till.client.post(f"/en/pay/{till.placed.token}/check")
    assert till.state() == PaymentState.PAID, "a query decides"
    assert_sound()


def test_6_a_wrong_amount_is_flagged_and_pays_nothing(till):
    no = till.start()
    till.provider.fault("wrong_amount", amount="0.01", out_trade_no=no)
    till.pay(no)
    assert till.tell() // 100 == 2
    assert till.state() == PaymentState.UNPAID
    assert till.payments()[0].flag == "amount"
    with clock.at(clock.now() + timedelta(seconds=30)):
        flows.refresh(till.payments()[0].id, till.gateways())
        assert till.payments()[0].id not in flows.due()[1], "asked again later, not in every round"


def test_8_9_a_shopper_who_is_back_first_is_never_told_that_it_failed(till):
    no = till.start()
    back = till.client.get(f"/en/pay/{till.placed.token}/return")
    page = till.client.get(back.headers["Location"]).get_data(as_text=True)
    assert "Waiting for the provider to confirm" in page
    till.provider.fault("notify_lost", out_trade_no=no)
    till.pay(no)
    with clock.at(clock.now() + timedelta(seconds=30)):
        _, due, _ = flows.due()
        assert till.payments()[0].id in due
        flows.refresh(till.payments()[0].id, till.gateways())
    assert till.state() == PaymentState.PAID


def test_10_11_money_after_the_end_takes_the_stock_again_or_goes_back_once(till):
    no = till.start()
    with clock.at(clock.now() + timedelta(minutes=31)), transaction():
        cancellation.expire(till.placed.order)
    till.pay(no)
    assert till.tell() // 100 == till.tell() // 100 == 2
    assert till.state() == PaymentState.PAID
    assert order(till.placed.order).state == OrderState.OPEN
    assert till.refunds() == []
    assert_sound()


def test_11_14_a_close_that_money_crosses(till):
    no = till.start()
    later = clock.now() + timedelta(minutes=31)
    with clock.at(later):
        flows.expire(till.placed.order, till.gateways())
    assert till.payments()[0].state == "closed"
    till.provider.pay(no, force=True)
    assert till.tell() // 100 == 2
    assert till.payments()[0].state == "paid"
    flows.refresh(till.payments()[0].id, till.gateways())
    assert till.state() == PaymentState.PAID
    assert_sound()


def test_13_two_methods_both_pay_and_the_second_goes_back(till):
    other = next(way for way in WAYS if way != till.way)
    first, second = till.start(), till.start(way=other)
    till.pay(first)
    assert till.tell() // 100 == 2
    till.provider.pay(second)
    assert till.tell(way=other) // 100 == till.tell(way=other) // 100 == 2
    assert [(p.state, p.flag) for p in till.payments()] == [("paid", ""), ("paid", "surplus")]
    [refund] = till.refunds()
    assert refund.amount_minor == 10800
    assert till.give_back(second) == ["done"]
    assert till.state() == PaymentState.PAID
    assert_sound()


def test_15_16_20_what_timed_out_was_done_once(till):
    if till.way != "alipay":  # opening an attempt at Alipay asks nobody
        till.provider.fault("answer_timeout", method="create", seconds=2)
        refused = till.client.post(f"/en/pay/{till.placed.token}", data={"method": till.way})
        assert refused.status_code == 409
        assert "does not answer" in refused.get_data(as_text=True)
    no = till.start()
    assert len(till.payments()) == 1, "the same number"
    till.pay(no)
    till.tell()
    names = ("answer_timeout", "answer_html", "answer_unsigned", "answer_500")
    method = "alipay.trade.refund" if till.way == "alipay" else "refund"
    if (
        till.way == "stripe"
    ):  # no answer is signed there, and what was done is found before it is asked
        names, method = ("answer_html", "answer_empty", "answer_500"), "query_refund"
        till.provider.fault("answer_timeout", method="refund", seconds=2)
    for name in names:
        till.provider.fault(name, method=method, seconds=2)
    _ask_back(till, 3000)
    for _ in range(3):
        assert till.try_refunds() == ["unknown"]
    till.try_refunds()
    assert till.give_back(no) == ["done"]
    assert len(till.provider.trade(no)["refunds"]) == 1
    assert_sound()


@at_wechat
def test_16_a_notify_that_is_quicker_than_the_lost_answer_of_a_refund(till, monkeypatch):
    no = till.start()
    till.pay(no)
    till.tell()
    refund_no = _ask_back(till, 3000)
    gateway = till.gateways()[till.way]
    real = gateway.refund

    def slow(*given):
        db.session.rollback()
        real(*given)
        till.provider.trade(no)
        with clock.at(datetime.now(UTC)):  # the provider's: the job runs hours later here
            assert till.tell() // 100 == 2
        raise Unknown(detail="the answer was lost")

    monkeypatch.setattr(gateway, "refund", slow)
    assert till.try_refunds() == ["done"]
    assert till.try_refunds() == ["done"]
    assert [refund["out_refund_no"] for refund in till.provider.trade(no)["refunds"]] == [refund_no]
    assert_sound()


def test_20_what_the_bill_says_otherwise_is_a_difference(till, number):
    """Missing there, amount, refund, fee, missing here; and all but the last end with the next bill."""
    till.app.config["PAYMENT_FEE_RATES"] = {till.way: 290 if till.way == "stripe" else 60}
    fee = 313 if till.way == "stripe" else 65
    numbers = []
    for placed in (till.placed, *(place_order(till.goods.variant) for _ in range(2))):
        no = till.start(placed)
        till.pay(no)
        assert till.tell() // 100 == 2
        numbers.append(no)
    gone, wrong, dear = numbers
    stranger, asked = number(), clock.now()
    gateway = till.gateways()[till.way]
    action = gateway.create(
        stranger, 500, "Tea", None, till.merchant.notify_url, "http://x/", "203.0.113.7", "page"
    )
    till.provider.pay(stranger, url=action.redirect_url or "")
    _ask_back(till, 3000)
    till.give_back(gone)
    till.provider.fault("bill_row_missing", out_trade_no=gone)
    till.provider.fault("bill_wrong_amount", out_trade_no=gone)
    till.provider.fault("bill_wrong_amount", out_trade_no=wrong)
    till.provider.fault("bill_wrong_fee", out_trade_no=dear)

    def reconcile():
        with clock.at(asked + timedelta(days=1)):
            args = ["payments", "reconcile", f"--date={day_of(asked)}", f"--gateway={till.way}"]
            assert till.app.test_cli_runner().invoke(args=args).exit_code == 1
        db.session.rollback()
        rows = db.session.query(Difference).filter_by(state="open", gateway=till.way)
        mine = {gone: "gone", wrong: "wrong", dear: "dear", stranger: "stranger"}
        return {
            (mine[row.no], row.kind, row.here_minor, row.there_minor)
            for row in rows
            if row.no in mine
        }

    assert reconcile() == {
        ("gone", "missing_there", 10800, 0),
        ("gone", "refund", 3000, 3001),
        ("wrong", "amount", 10800, 10801),
        ("dear", "fee", fee, fee + 100),
        ("stranger", "missing_here", 0, 500),
    }
    assert reconcile() == {("stranger", "missing_here", 0, 500)}
    assert_sound()


def test_17_no_more_goes_back_than_came(till):
    no = till.start()
    till.pay(no)
    till.tell()
    _ask_back(till, 10800)
    with pytest.raises(Exception, match="refund"):
        _ask_back(till, 1)
    assert till.give_back(no) == ["done"]
    assert till.state() == PaymentState.REFUNDED
    assert_sound()


@at_wechat
def test_18_abnormal_waits_for_a_person_and_closed_takes_a_new_number(till):
    no = till.start()
    till.pay(no)
    till.tell()
    till.provider.fault("refund_abnormal", out_trade_no=no)
    first = _ask_back(till, 3000)
    till.try_refunds()
    till.provider.trade(no)
    assert till.tell() == 204
    assert [r.state for r in till.refunds()] == ["abnormal"]
    page = till.client.get(f"/en/pay/{till.placed.token}/return")
    assert page.status_code == 303
    till.provider.control("POST", f"/refunds/{first}", status="SUCCESS")
    till.provider.trade(no)
    assert till.tell() == 204
    assert till.tell(-2) == 204, "the late ABNORMAL changes nothing"
    assert [r.state for r in till.refunds()] == ["done"]
    till.provider.fault("refund_closed", out_trade_no=no)
    second = _ask_back(till, 7800)
    till.try_refunds()
    till.provider.trade(no)
    till.tell()
    assert till.refunds()[-1].state == "failed"
    third = _ask_back(till, 7800)
    assert third != second
    assert till.give_back(no)[-1] == "done"
    assert till.state() == PaymentState.REFUNDED
    assert_sound()


def test_10_money_for_goods_that_are_gone_goes_back_whole_and_once(till):
    no = till.start()
    with clock.at(clock.now() + timedelta(minutes=31)), transaction():
        cancellation.expire(till.placed.order)
    with transaction():
        db.session.query(StockLevel).update({"on_hand": 0})
    till.pay(no)
    assert till.tell() // 100 == till.tell() // 100 == 2
    assert till.give_back(no) == ["done"]
    assert [refund["fen"] for refund in till.provider.trade(no)["refunds"]] == [10800]
    assert till.state() == PaymentState.REFUNDED


@at_wechat
def test_the_code_is_shown_and_ends_by_itself(till):
    no = till.start()
    till.start(way="alipay")
    opened = till.client.get(f"/en/pay/{till.placed.token}").get_data(as_text=True)
    assert '<svg class="qr"' not in opened
    till.start()
    assert len(till.payments()) == 2, "switching back goes on with the number that is there"
    page = till.client.get(f"/en/pay/{till.placed.token}").get_data(as_text=True)
    assert '<svg class="qr"' in page
    assert heading(page) == "Pay ¥108.00 with WeChat Pay"
    assert "Pay with Alipay instead" in page
    assert re.search(r'hx-trigger="load delay:2s"', page)
    till.pay(no)
    till.tell()
    ended = till.client.get(
        f"/en/pay/{till.placed.token}/state",
        headers={"HX-Request": "true", "HX-Request-Type": "partial"},
    )
    assert ended.headers["HX-Redirect"] == f"/en/checkout/{till.placed.token}"


@pytest.mark.parametrize(
    "other_provider", (False, True), indirect=True, ids=("keys", "certificates")
)
def test_another_sandbox_by_settings_alone(till, other_provider):
    """Must be shown 0: other keys (or certificates), another address, and nothing else changed."""
    till.provider = other_provider
    till.app.config.update(other_provider.settings())
    other_provider.control("POST", "/stripe-endpoint", url=f"{till.merchant.base}/notify/stripe")
    till.app.extensions["gateways"] = build_gateways(till.app.config)
    no = till.start()
    till.provider.fault("notify_lost", out_trade_no=no)
    till.pay(no)
    till.client.post(f"/en/pay/{till.placed.token}/check")
    assert till.state() == PaymentState.PAID
    _ask_back(till, 10800)
    assert till.give_back(no) == ["done"]
    assert till.state() == PaymentState.REFUNDED


def _ask_back(till, amount):
    """Ask for ``amount`` of the order back; the number of the refund."""
    db.session.rollback()
    with transaction():
        row = order(till.placed.order)
        [source] = refunds._reserve(row, amount)
        refund = refunds._write(row, source, 0, "goodwill", "", "test")
        refunds._announce(refund, row)
        return refund.refund_no
