"""Money in random steps: what the providers' own ledgers say is what ours say, once all is at rest.

Two stores, two online providers and cash; attempts, methods that are switched, notifies in any order, twice,
late, bent or never, redirects, queries, expiry, cancellation, refunds (ours and the console's), answers that
are lost. All of it through the shop's HTTP addresses, services and jobs. After each step the doctor finds
nothing, no order is paid twice, and nothing but cash on delivery was shipped unpaid.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import case, func, select

from shop.core import clock, ids
from shop.core.db import db
from shop.core.errors import ShopError
from shop.core.transaction import transaction
from shop.jobs import payments as jobs
from shop.jobs import reconcile_flow
from shop.order import checks as order_checks
from shop.order.models import Checkout, Order
from shop.payment import checks as money_checks
from shop.payment import offline, refunds, settlement, stuck_refunds
from shop.payment.bills.base import day_of
from shop.payment.gateways.base import RefundStatus
from shop.payment.gateways.offline import CashOnDelivery
from shop.payment.models import Payment, PaymentAllocation, Refund
from shop.payment.reconcile_models import Difference
from tests.factories.orders import (
    Goods,
    assert_sound,
    guest,
    lines_of,
    place_order,
    ship,
    store_with_goods,
)
from tests.payment.till import Back, Letter, Till, Trade
from tests.services.order.conftest import (  # noqa: F401 - a fixture is used by its name
    Again,
    remember,
)
from tests.support.sizes import SOAK, Sizes

pytestmark = pytest.mark.soak

START = datetime(2026, 11, 24, 12, tzinfo=UTC)
WAYS = ("alipay", "wechatpay")
SOME = st.integers(0, 999)
YES_NO = st.booleans()
SELDOM = st.sampled_from((False, False, False, True))
later = precondition(lambda self: self.placed)
started = precondition(lambda self: any(till.trades for till in self.tills.values()))


@dataclass(frozen=True)
class Beginning:
    """What every sequence begins with."""

    app: Flask
    stores: list[Goods]
    tills: dict[str, Till]


class Money(RuleBasedStateMachine):
    """Rules take whatever is there; what the shop refuses by name is no failure."""

    begin: Beginning
    again: Again
    seen: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.again()
        self.tills = self.begin.tills
        for till in self.tills.values():
            till.empty()
        self.client = self.begin.app.test_client()
        self.placed: list[str] = []
        self.fine = True
        self.time = clock.at(START)
        self.time.__enter__()

    def teardown(self) -> None:
        try:
            if self.fine:
                self.all_comes_to_rest()
        finally:
            self.time.__exit__(None, None, None)

    def attempt(self, name: str, act: Callable[[], object]) -> None:
        self.fine = False
        db.session.rollback()
        try:
            said = act()
        except ShopError as error:
            said = error.reason
        db.session.rollback()
        self.seen[f"{name}: {said}" if said not in (None, True) else name] += 1

    def order(self, number: int, *fitting: Any) -> Order | None:
        db.session.rollback()
        rows = db.session.scalars(select(Order).where(*fitting).order_by(Order.id)).all()
        return rows[-1 - number % len(rows)] if rows else None

    def trade(self, number: int, *, fresh: bool = False) -> tuple[Till, Trade]:
        found = [
            (till, trade)
            for till in self.tills.values()
            for trade in till.trades.values()
            if not fresh or trade.paid is None
        ]
        found = found or [
            (till, trade) for till in self.tills.values() for trade in till.trades.values()
        ]
        return found[-1 - number % len(found)]

    def letters(self) -> list[Letter]:
        found = [one for till in self.tills.values() for one in till.letters if not one.lost]
        return sorted(found, key=lambda one: one.told)

    # The shopper.

    @rule(
        both=YES_NO,
        method=st.sampled_from((*WAYS, "cod")),
        way=st.sampled_from((*WAYS, "")),
        pays=YES_NO,
    )
    def place(self, both, method, way, pays):
        tea, paper = (goods.variant for goods in self.begin.stores)
        lines = {tea: 1, paper: 1} if both else {tea: 1}

        def act():
            placed = place_order(lines, owner=guest(), method=method)
            self.placed.append(placed.token)
            if method != "cod" and way:
                opened = self.start(placed.token, way) == 303
                if pays and opened:
                    till, trade = self.trade(0, fresh=True)
                    till.pay(trade.no)

        self.attempt("place", act)

    def start(self, token: str, way: str) -> int:
        return self.client.post(f"/en/pay/{token}", data={"method": way}).status_code

    @later
    @rule(number=SOME, way=st.sampled_from(WAYS))
    def open_cashier(self, number, way):
        row = self.order(number, Order.payment_state == "unpaid", Order.method != "cod")
        token = db.session.get_one(Checkout, row.checkout_id).token if row else self.placed[-1]
        self.attempt("start", lambda: self.start(token, way))

    @started
    @rule(number=SOME, wrong=SELDOM, crossing=SELDOM)
    def the_buyer_pays(self, number, wrong, crossing):
        till, trade = self.trade(number, fresh=True)
        amount = trade.asked - 1 if wrong else None
        self.attempt("pay", lambda: till.pay(trade.no, amount=amount, crossing=crossing))

    @later
    @rule(number=SOME, page=st.sampled_from(("check", "return")))
    def come_back(self, number, page):
        token = self.placed[-1 - number % len(self.placed)]
        ask = self.client.post if page == "check" else self.client.get
        self.attempt(page, lambda: ask(f"/en/pay/{token}/{page}").status_code)

    @later
    @rule(number=SOME)
    def cancel(self, number):
        row = self.order(number, Order.state == "open")
        if row is not None:
            order_id = row.id

            def act():
                with transaction():
                    settlement.cancel_order(order_id, reason="by-customer", actor="guest")

            self.attempt("cancel", act)

    # The providers.

    @precondition(lambda self: self.letters())
    @rule(number=SOME, fate=st.sampled_from(("once", "once", "twice", "bent", "elsewhere", "lost")))
    def a_notify_comes(self, number, fate):
        letters = self.letters()
        letter = letters[number % len(letters)]
        if fate == "lost":
            letter.lost = True
            return
        body, way = letter.body, letter.way
        if fate == "bent":
            body = body.replace(b'"amount": ', b'"amount": 9')
        if fate == "elsewhere":
            way = next(one for one in WAYS if one != way)

        def act():
            answers = {self.tell(letter, way, body) for _ in range(2 if fate == "twice" else 1)}
            assert len(answers) == 1
            good = fate in {"once", "twice"}
            assert answers == {200} or not good, answers
            return answers.pop()

        self.attempt(f"notify {fate}", act)

    def tell(self, letter: Letter, way: str = "", body: bytes = b"") -> int:
        letter.told += 1
        return self.client.post(
            f"/notify/{way or letter.way}",
            data=body or letter.body,
            headers={"X-Sign": letter.sign},
        ).status_code

    @rule(way=st.sampled_from(WAYS), how=st.sampled_from(("lost", "away")))
    def a_provider_stumbles(self, way, how):
        self.tills[way].stumble = how

    @started
    @rule(number=SOME, status=st.sampled_from(("done", "done", "abnormal", "failed")))
    def a_refund_ends(self, number, status):
        waiting = self.under_way()
        if waiting:
            till, trade, one = waiting[number % len(waiting)]
            till.end_refund(trade, one, RefundStatus(status))

    def under_way(self) -> list[tuple[Till, Trade, Back]]:
        waits = (RefundStatus.PROCESSING, RefundStatus.ABNORMAL)
        return [
            (till, trade, one)
            for till in self.tills.values()
            for trade in till.trades.values()
            for one in trade.back.values()
            if one.status in waits
        ]

    @started
    @rule(number=SOME, whole=SELDOM)
    def somebody_refunds_at_the_console(self, number, whole):
        till, trade = self.trade(number)
        amount = (trade.paid or 0) if whole else 100
        self.attempt(
            "console", lambda: till.give_back(trade.no, amount, f"CONSOLE{ids.token()[:12]}")
        )

    # Time, and those who work at the shop.

    @rule(minutes=st.sampled_from((1, 10, 31)))
    def time_passes(self, minutes):
        clock.advance(timedelta(minutes=minutes))

    @later
    @rule()
    def the_jobs_run(self):
        self.attempt("jobs", self.work)

    def work(self) -> None:
        for task in (jobs.expire_orders, jobs.poll, jobs.submit_refunds):
            task()

    @later
    @rule()
    def the_bills_of_a_day_come(self):
        """At noon of the next day."""
        self.attempt("reconcile", self.next_day)

    def next_day(self) -> None:
        clock.advance(timedelta(days=1))
        self.read_bills()

    def read_bills(self) -> None:
        day = day_of(START)
        while day < day_of(clock.now()):
            for way, till in self.tills.items():
                till.stumble = ""
                reconcile_flow.run(way, day, self.tills)
            day += timedelta(days=1)

    @later
    @rule(number=SOME)
    def ship(self, number):
        row = self.order(number, Order.state == "open")
        if row is not None:
            order_id = row.id
            self.attempt("ship", lambda: ship(order_id))

    @later
    @rule(number=SOME)
    def cash_arrives(self, number):
        row = self.order(number, Order.method == "cod", Order.payment_state == "unpaid")
        if row is None:
            return
        order_id, due, key = row.id, row.total_minor, ids.token()

        def act():
            with transaction():
                offline.confirm(order_id, amount_minor=due, reference="", actor="u:1", key=key)

        self.attempt("cash", act)

    @later
    @rule(number=SOME, delivery=YES_NO, whole=YES_NO)
    def refund(self, number, delivery, whole):
        row = self.order(number, Order.payment_state.in_(("paid", "partly_refunded")))
        if row is None:
            return
        order_id, key = row.id, ids.token()
        lines = {line.public_id: 1 for line in lines_of(order_id)} if whole else {}

        def act():
            with transaction():
                refunds.request(
                    order_id,
                    lines,
                    include_delivery=delivery,
                    restock=(),
                    reason="other",
                    note="",
                    actor="u:1",
                    key=key,
                )

        self.attempt("refund", act)

    @later
    @rule(number=SOME, by_hand=YES_NO)
    def somebody_looks_at_a_stuck_refund(self, number, by_hand):
        stores = [goods.store_id for goods in self.begin.stores]
        db.session.rollback()
        stuck = stuck_refunds.listed(stores)
        if not stuck:
            return
        one = stuck[number % len(stuck)]
        # What is ABNORMAL may still arrive: nobody pays it by hand, too, unless the provider gave it up.
        hand = by_hand and one.state == "failed"

        def act():
            with transaction():
                if hand:
                    stuck_refunds.by_hand(one.refund_no, "bank", store_ids=stores, actor="u:1")
                else:
                    stuck_refunds.again(one.refund_no, store_ids=stores, actor="u:1")

        self.attempt("by hand" if hand else "again", act)

    # What must be true.

    @invariant()
    def it_all_adds_up(self):
        self.fine = False
        db.session.rollback()
        if SOAK:
            assert_sound()
        else:  # the whole doctor comes when all is at rest
            assert [*money_checks.differences(), *order_checks.differences()] == []
        self.no_order_is_paid_twice()
        self.nothing_is_shipped_unpaid()
        self.we_say_nothing_that_the_providers_do_not()
        self.fine = True

    def no_order_is_paid_twice(self):
        paid: Counter[int] = Counter()
        for row in db.session.execute(
            select(PaymentAllocation.order_id, PaymentAllocation.amount_minor, Payment.flag)
            .join(Payment, Payment.id == PaymentAllocation.payment_id)
            .where(Payment.state == "paid")
        ):
            paid[row.order_id] += 0 if row.flag == "surplus" else row.amount_minor
        for order in db.session.scalars(select(Order)):
            assert paid[order.id] in (0, order.total_minor)
        for payment_id, amount, back in db.session.execute(
            select(
                Payment.id,
                Payment.amount_minor,
                select(func.coalesce(func.sum(Refund.amount_minor), 0))
                .where(Refund.payment_id == Payment.id)
                .scalar_subquery(),
            ).where(Payment.flag == "surplus")
        ):
            assert back >= amount, f"payment {payment_id} came too much and stays"

    def nothing_is_shipped_unpaid(self):
        for order in db.session.scalars(select(Order).where(Order.shipping_state != "unshipped")):
            assert order.method == "cod" or order.payment_state != "unpaid"

    def we_say_nothing_that_the_providers_do_not(self):
        for payment in db.session.scalars(
            select(Payment).where(Payment.state == "paid", Payment.gateway != "cod")
        ):
            assert (
                self.tills[payment.gateway].trades[payment.attempt_no].paid == payment.amount_minor
            )
        for refund, way, no in db.session.execute(
            select(Refund, Payment.gateway, Payment.attempt_no)
            .join(Payment, Payment.id == Refund.payment_id)
            .where(Refund.state == "done", Payment.gateway != "cod")
        ):
            one = self.tills[way].trades[no].back[refund.reference or refund.refund_no]
            assert one.status == RefundStatus.DONE
            assert one.amount >= refund.amount_minor

    def all_comes_to_rest(self):
        """Late notifies come, the jobs run, refunds end, bills are read: both ledgers are one."""
        for till in self.tills.values():
            till.stumble = ""
        for letter in self.letters():
            assert self.tell(letter) == 200
        for _ in range(3):
            for _ in range(8):
                clock.advance(timedelta(minutes=40))
                self.work()
                for till, trade, one in self.under_way():
                    till.end_refund(trade, one, RefundStatus.DONE)
            self.next_day()
            assert_sound()
        self.it_all_adds_up()
        db.session.rollback()
        wrong = {
            trade.no
            for till in self.tills.values()
            for trade in till.trades.values()
            if trade.paid not in (None, trade.asked)
        }
        states = db.session.execute(select(Payment.attempt_no, Payment)).all()
        ours = {no: payment for no, payment in states if payment.gateway != "cod"}
        assert set(ours) >= {no for till in self.tills.values() for no in till.trades}
        for no, payment in ours.items():
            trade = self.tills[payment.gateway].trades.get(no)
            if no in wrong:
                assert (payment.flag, payment.state != "paid") == ("amount", True)
                continue
            assert (payment.state == "paid") == (trade is not None and trade.paid is not None)
            if trade is not None:
                assert self.given(payment.id) == trade.given(RefundStatus.DONE)
        taken = db.session.scalars(
            select(Refund.reference).where(Refund.reason == "provider-console")
        )
        assert all(number.startswith("CONSOLE") for number in taken), "given back, and not by us"
        left = db.session.scalars(select(Difference.no).where(Difference.state == "open"))
        assert set(left) <= wrong
        self.what_is_over_was_given_back()

    def given(self, payment_id: int, *states: str) -> int:
        said = Refund.state.in_(states or ("done",))
        amount = select(func.coalesce(func.sum(Refund.amount_minor), 0))
        return db.session.scalar(amount.where(Refund.payment_id == payment_id, said)) or 0

    def what_is_over_was_given_back(self):
        """Of cancelled orders and surplus everything, but for what waits for a person, and for the delivery
        where staff refunded the goods alone: they ticked it off.
        """
        theirs = Refund.order_id == Order.id, Refund.reason == "other"
        kept = select(Refund.id).where(*theirs).exists() & ~(
            select(Refund.id).where(*theirs, Refund.delivery_minor > 0).exists()
        )
        due = PaymentAllocation.amount_minor - case((kept, Order.delivery_minor), else_=0)
        rows = db.session.execute(
            select(Payment.id, func.sum(due))
            .join(PaymentAllocation, PaymentAllocation.payment_id == Payment.id)
            .join(Order, Order.id == PaymentAllocation.order_id)
            .where(
                Payment.state == "paid",
                (Payment.flag == "surplus") | (Order.state == "cancelled"),
            )
            .group_by(Payment.id)
        ).all()
        for payment_id, amount in rows:
            given = self.given(payment_id, "done", "manual", "failed")
            assert given >= amount, f"payment {payment_id}: {given} of {amount}"


@contextmanager
def beginning(app: Flask) -> Iterator[Beginning]:
    """The stores, and the providers in the place of the configured ones."""
    with clock.at(START - timedelta(days=1)):
        tea = store_with_goods(stock=5, price_minor=10000, flat_delivery_minor=800)
        paper = store_with_goods(stock=20, price_minor=333)
    tills = {"alipay": Till("alipay", at_once=True), "wechatpay": Till("wechatpay", at_once=False)}
    names = ("gateways", "job_gateways")
    before = {name: app.extensions.get(name) for name in names}
    app.extensions |= {name: {**tills, "cod": CashOnDelivery()} for name in names}
    yield Beginning(app, [tea, paper], tills)
    for name in names:
        del app.extensions[name]
        if before[name] is not None:
            app.extensions[name] = before[name]


def by_heart(here: type[Money]) -> None:
    """What usually happens, and what usually goes wrong, in one sequence."""
    life = here()
    one = {"both": False, "method": "alipay", "way": "alipay", "pays": True}
    try:
        for step in (
            # Paid, told twice and once more after a refund whose answer was lost.
            lambda: life.place(**one),
            lambda: life.a_notify_comes(number=0, fate="bent"),
            lambda: life.a_notify_comes(number=0, fate="twice"),
            lambda: life.refund(number=0, delivery=True, whole=False),
            lambda: life.a_provider_stumbles(way="alipay", how="lost"),
            life.the_jobs_run,
            lambda: life.time_passes(minutes=10),
            life.the_jobs_run,
            lambda: life.a_notify_comes(number=0, fate="once"),
            lambda: life.ship(number=0),
            # Two methods are paid; the second one's money goes back.
            lambda: life.place(**one),
            lambda: life.open_cashier(number=0, way="wechatpay"),
            lambda: life.the_buyer_pays(number=0, wrong=False, crossing=False),
            lambda: life.come_back(number=0, page="return"),
            lambda: life.a_notify_comes(number=0, fate="once"),
            lambda: life.a_notify_comes(number=0, fate="once"),
            life.the_jobs_run,
            lambda: life.a_refund_ends(number=0, status="done"),
            # Too little is no payment.
            lambda: life.place(**one | {"both": True, "way": "wechatpay", "pays": False}),
            lambda: life.the_buyer_pays(number=0, wrong=True, crossing=False),
            lambda: life.a_notify_comes(number=0, fate="once"),
            lambda: life.ship(number=0),
            # Late money: the goods are taken again; then there are none left, and it goes back.
            *[lambda: life.place(**one | {"pays": False})] * 2,
            *[lambda: life.time_passes(minutes=31), life.the_jobs_run] * 2,
            *[lambda: life.place(**one | {"method": "cod"})] * 2,
            *[lambda: life.the_buyer_pays(number=0, wrong=False, crossing=True)] * 2,
            *[lambda: life.a_notify_comes(number=0, fate="once")] * 2,
            life.the_jobs_run,
            # The console gives back; cash is taken at the door.
            lambda: life.somebody_refunds_at_the_console(number=1, whole=False),
            lambda: life.ship(number=0),
            lambda: life.cash_arrives(number=0),
            life.the_bills_of_a_day_come,
        ):
            step()
            life.it_all_adds_up()
    finally:
        life.teardown()


def test_the_life_of_money(app: Flask, sizes: Sizes, remember: Callable[[], Again]) -> None:  # noqa: F811 - the fixture
    """As many sequences as the sizes say, shared between the two databases."""
    seen: Counter[str] = Counter()
    with beginning(app) as begin:
        here = type(
            "Here", (Money,), {"begin": begin, "again": staticmethod(remember()), "seen": seen}
        )
        by_heart(here)
        run_state_machine_as_test(
            here,
            settings=settings(
                max_examples=max(1, sizes.lives // 5),
                stateful_step_count=sizes.steps,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    usual = {"place", "pay", "jobs", "notify twice: 200", "notify bent: 400", "refund", "reconcile"}
    missing = usual - set(seen)
    assert not missing, f"{missing} never succeeded: {seen}"
