"""The life of orders in random steps: after each, every ledger equals its totals.

Three stores (parcels, one of them with two products; services of limited seats), a coupon of two uses,
a member and guests; carts are filled, placed, paid (in time, late, twice, wrongly, in cash), cancelled,
expired, shipped in parts, received, refunded in parts, and restocked, in whatever order Hypothesis
finds. Beside the shop's own checks a few lines count what must be on the shelves and in the till.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

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
from sqlalchemy import func, select

from shop.campaigns.models import Coupon
from shop.cart.owner import Owner
from shop.core import clock, ids
from shop.core.db import db
from shop.core.errors import ShopError
from shop.core.transaction import transaction
from shop.inventory import services as inventory
from shop.inventory import transfers
from shop.inventory.flow_models import Transfer, TransferLine
from shop.inventory.models import StockLevel
from shop.membership import services as membership
from shop.order import returns
from shop.order.models import Adjustment, Order, OrderLine
from shop.order.return_models import ReturnRequest
from shop.order.states import AWAITING
from shop.payment import attempts, cards, offline, refund_answers, refunds, settlement
from shop.payment.models import Payment, Refund
from shop.payment.states import RefundState
from tests.factories.campaigns import make_coupon
from tests.factories.cards import give_balance, kept_as, make_card
from tests.factories.orders import (
    Goods,
    approve,
    assert_sound,
    begin_payment,
    exchange,
    fill_cart,
    give_back,
    guest,
    inspect,
    lines_of,
    order,
    pay,
    receive,
    repair,
    request_return,
    restock,
    send,
    send_back,
    ship,
    store_with_goods,
    submission,
    tell_paid,
)
from tests.factories.taxes import make_taxes
from tests.factories.users import make_user
from tests.services.order.conftest import Again
from tests.support.sizes import SOAK, Sizes

pytestmark = pytest.mark.soak

START = datetime(2026, 11, 24, 12, tzinfo=UTC)
SOME = st.integers(0, 999)
YES_NO = st.booleans()
PICKS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(1, 2)),
    min_size=1,
    max_size=3,
    unique_by=lambda pick: pick[0],
)
later = precondition(lambda self: self.placed)


@dataclass(frozen=True)
class Beginning:
    """What every sequence begins with."""

    stores: list[Goods]
    stock: dict[int, int]
    places: tuple[int, int]
    code: str
    card: str
    store_id: int
    member: Owner


def beginning() -> Beginning:
    """Made before the sequences begin: what starts "now" has begun by then."""
    with clock.at(START - timedelta(days=1)):
        return _beginning()


def _beginning() -> Beginning:
    tea = store_with_goods(stock=4, products=2, price_minor=1999, flat_delivery_minor=500)
    paper = store_with_goods(stock=3, price_minor=333)
    seats = store_with_goods(stock=2, kind="service", price_minor=5000)
    with transaction():
        membership.create_level(
            tea.store_id, {"en": "Leaf"}, rank=1, spend_from_minor=3000, discount_bp=700
        )
    make_taxes(tea.store_id)
    make_taxes(paper.store_id, included=False, rounding="order")
    coupon = make_coupon(value=700, total_limit=2, per_user_limit=None)
    stores = [tea, paper, seats]
    stock = {
        variant: many
        for goods, many in zip(stores, (4, 3, 2), strict=True)
        for variant in goods.variants
    }
    with transaction():  # the tea lies at two places
        behind = inventory.create_location(tea.store_id, "Back room", 1).id
        for variant in tea.variants:
            inventory.receive(variant, behind, 2, actor="test")
            stock[variant] += 2
    code = db.session.get_one(Coupon, coupon).code
    places = (tea.location_id, behind)
    card, member = make_card(tea.store_id, 30_000), make_user().id
    give_balance(tea.store_id, member, 900)
    return Beginning(stores, stock, places, code, card, tea.store_id, Owner(user_id=member))


class Life(RuleBasedStateMachine):
    """Rules mostly take an order that fits them, sometimes any. What the shop refuses by name is no
    failure; a crash, or a check that no longer holds, is."""

    begin: Beginning
    again: Again
    seen: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.again()
        self.arrived = Counter(self.begin.stock)
        self.moving: list[tuple[str, int]] = []
        self.placed = 0
        self.changed = True
        self.time = clock.at(START)
        self.time.__enter__()

    def teardown(self) -> None:
        self.time.__exit__(None, None, None)

    def attempt(self, name: str, act: Callable[[], object]) -> None:
        """Do it. What is refused was rolled back whole, so there is nothing new to check."""
        try:
            act()
        except ShopError as error:
            self.seen[f"{name}: {error.reason}"] += 1
            self.changed = name == "place"  # of its several steps the last was refused
        else:
            self.seen[name] += 1

    def pick(self, number: int, *fitting) -> Order:
        """One of the orders, four times in five among those that fit."""
        db.session.rollback()
        rows = db.session.scalars(select(Order).order_by(Order.id)).all()
        if number % 5 < 4:
            found = db.session.scalars(select(Order).where(*fitting).order_by(Order.id)).all()
            rows = found or rows[-1:]
        return rows[number % len(rows)]

    @rule(
        picks=PICKS,
        member=YES_NO,
        coupon=YES_NO,
        method=st.sampled_from(("alipay", "alipay", "cod")),
        goes=st.sampled_from(("not", "not", "paid", "shipped")),
        card=YES_NO,
    )
    def place(self, picks, member, coupon, method, goes, card):
        owner = self.begin.member if member else guest()
        variants = list(self.begin.stock)
        lines = {variants[number]: quantity for number, quantity in picks}

        def act():
            fill_cart(owner, lines, self.begin.code if coupon else None)
            codes = kept_as(self.begin.card) if card else None
            placed = send(owner, submission(owner, method=method, cards=codes, use_balance=member))
            self.placed += len(placed.orders)
            due = any(order(one).due_minor for one in placed.orders)
            if goes != "not" and method != "cod" and due:
                pay(placed)
            for order_id in placed.orders if goes == "shipped" else ():
                ship(order_id)

        self.attempt("place", act)

    @later
    @rule(number=SOME, tell=YES_NO)
    def open_cashier(self, number, tell):
        row = self.pick(number, Order.payment_state.in_(AWAITING), Order.state == "open")
        checkout_id = row.checkout_id

        def act():
            payment_id = begin_payment(_Checkout(checkout_id))
            if tell:
                tell_paid(payment_id)

        self.attempt("pay at once" if tell else "open the cashier", act)

    @later
    @rule(number=SOME, wrong=st.sampled_from((0, 0, 0, -1, 100)))
    def money_arrives(self, number, wrong):
        db.session.rollback()
        found = db.session.execute(
            select(Payment.id, Payment.amount_minor)
            .where(Payment.gateway != "cod")
            .order_by(Payment.id)
        ).all()
        if found:
            payment_id, amount = found[number % len(found)]
            self.attempt("money arrives", lambda: tell_paid(payment_id, amount + wrong))

    @later
    @rule(number=SOME, failed=YES_NO)
    def an_attempt_ends(self, number, failed):
        db.session.rollback()
        found = db.session.scalars(select(Payment.id).order_by(Payment.id)).all()
        if found:
            with transaction():
                (attempts.failed if failed else attempts.closed)(found[number % len(found)])

    @later
    @rule(number=SOME)
    def cash_arrives(self, number):
        row = self.pick(number, Order.method == "cod", Order.payment_state.in_(AWAITING))
        order_id, due, key = row.id, row.due_minor, ids.token()

        def act():
            with transaction():
                offline.confirm(order_id, amount_minor=due, reference="", actor="u:1", key=key)

        self.attempt("cash arrives", act)

    @later
    @rule(number=SOME)
    def cancel(self, number):
        order_id = self.pick(number, Order.state == "open").id

        def act():
            with transaction():
                settlement.cancel_order(order_id, reason="by-customer", actor="guest")

        self.attempt("cancel", act)

    @later
    @rule(number=SOME, minutes=st.sampled_from((1, 31, 31)))
    def time_passes(self, number, minutes):
        clock.advance(timedelta(minutes=minutes))
        order_id = self.pick(number, Order.expires_at <= clock.now(), Order.state == "open").id
        with transaction():
            self.seen["expire"] += settlement.expire(order_id)

    @later
    @rule(number=SOME, part=YES_NO)
    def ship(self, number, part):
        row = self.pick(
            number,
            Order.state == "open",
            Order.shipping_state.in_(("unshipped", "partly_shipped")),
            (Order.payment_state != "unpaid") | (Order.method == "cod"),
        )
        order_id = row.id
        lines = [line.public_id for line in lines_of(order_id)]
        quantities = {lines[number % len(lines)]: 1} if part else None
        self.attempt("ship", lambda: ship(order_id, quantities=quantities))

    @later
    @rule(number=SOME)
    def receive(self, number):
        order_id = self.pick(number, Order.shipping_state == "shipped", Order.state == "open").id
        self.attempt("receive", lambda: receive(order_id))

    @later
    @rule(
        number=SOME,
        units=st.lists(st.integers(0, 2), min_size=1, max_size=3),
        delivery=YES_NO,
        back=YES_NO,
    )
    def refund(self, number, units, delivery, back):
        row = self.pick(number, Order.payment_state.in_(("paid", "partly_refunded")))
        order_id, key = row.id, ids.token()
        lines = [line.public_id for line in lines_of(order_id)]

        def act():
            with transaction():
                refunds.request(
                    order_id,
                    dict(zip(lines, units, strict=False)),
                    include_delivery=delivery,
                    restock=lines if back else (),
                    reason="other",
                    note="",
                    actor="u:1",
                    key=key,
                )

        self.attempt("refund", act)

    @later
    @rule(number=SOME, state=st.sampled_from(("done", "done", "unknown", "failed", "abnormal")))
    def a_provider_answers(self, number, state):
        db.session.rollback()
        waiting = db.session.scalars(
            select(Refund.id).where(Refund.state.not_in(("done", "manual", "failed")))
        ).all()
        if not waiting:
            return
        refund_id = waiting[number % len(waiting)]

        def act():
            with transaction():
                refund_answers.claim(refund_id)
            with transaction():
                refund_answers.answered(refund_id, RefundState(state))

        self.attempt(f"a refund is {state}", act)

    @rule(minor=st.sampled_from((1, 500, 9000)))
    def a_balance_is_credited(self, minor):
        member, store_id = self.begin.member.user_id, self.begin.store_id

        def act():
            with transaction():
                cards.credit(
                    store_id, member, minor, "CNY", actor="u:1", reason="Sorry", key=ids.token()
                )

        self.attempt("credit", act)

    @later
    @rule()
    def a_card_is_voided(self):
        def act():
            with transaction():
                cards.void(
                    self.begin.card, store_id=self.begin.store_id, reason="Lost", actor="u:1"
                )

        self.attempt("void", act)

    @rule(number=SOME)
    def goods_arrive(self, number):
        goods = self.begin.stores[number % 3]
        restock(goods, goods.variant, 2)
        self.arrived[goods.variant] += 2

    @rule(number=SOME, units=st.integers(1, 3))
    def goods_change_places(self, number, units):
        tea, places = self.begin.stores[0], self.begin.places
        source, target = places if number % 2 else places[::-1]
        variant = tea.variants[number % 3 % len(tea.variants)]

        def act():
            with transaction():
                name = transfers.draft(tea.store_id, source, target, note="", actor="u:1")
                transfers.set_line(tea.store_id, name, variant, units)
                transfers.send(tea.store_id, name, actor="u:1")
            self.moving.append((name, variant))

        self.attempt("transfer", act)

    @precondition(lambda self: self.moving)
    @rule(number=SOME, lost=YES_NO)
    def a_transfer_arrives(self, number, lost):
        name, variant = self.moving[number % len(self.moving)]
        came = transfers.Arrived(lost=1) if lost else transfers.Arrived(received=1)

        def act():
            with transaction():
                store_id = self.begin.stores[0].store_id
                transfers.receive(store_id, name, {variant: came}, reason="broken", actor="u:1")
            self.arrived[variant] -= lost

        self.attempt("transfer arrives", act)

    @rule(number=SOME, found=st.integers(0, 4))
    def somebody_counts(self, number, found):
        tea = self.begin.stores[0]
        variant = tea.variants[number % len(tea.variants)]
        place = self.begin.places[number % 3 % 2]

        def act():
            with transaction():
                delta = inventory.set_on_hand(variant, place, found, reason="counted", actor="u:1")
            self.arrived[variant] += delta

        self.attempt("count", act)

    @later
    @rule(
        number=SOME,
        units=st.integers(1, 2),
        outcome=st.sampled_from(("refund", "exchange", "money", "repair")),
    )
    def a_return_is_asked_for(self, number, units, outcome):
        order_id = self.pick(number, Order.shipping_state.in_(("shipped", "received"))).id
        self.attempt(f"return {outcome}", lambda: request_return(order_id, units, outcome=outcome))

    @later
    @rule(number=SOME, restock=YES_NO, refused=st.sampled_from((False, False, False, True)))
    def a_return_goes_on(self, number, restock, refused):
        db.session.rollback()
        rows = db.session.execute(
            select(
                ReturnRequest.public_id,
                ReturnRequest.order_id,
                ReturnRequest.state,
                ReturnRequest.outcome,
            )
            .where(ReturnRequest.state.in_(("requested", "approved", "in_transit")))
            .order_by(ReturnRequest.id)
        ).all()
        if not rows:
            return
        row = rows[number % len(rows)]

        def receive():
            lines = [line.public_id for line in lines_of(row.order_id)] if restock else []
            before = self.returned()
            if row.outcome == "exchange" and not refused:  # else it is refunded instead
                exchange(row.public_id, lines)
            elif row.outcome == "repair" and not refused:
                repair(row.public_id)
            elif row.outcome == "money":
                give_back(row.public_id)
            else:
                inspect(row.public_id, lines)
            if not restock or row.outcome == "money":
                self.arrived.subtract(self.returned() - before)  # it was written off

        def refuse():
            with transaction():
                returns.refuse(row.public_id, reason="Worn", actor="u:1")

        if row.state == "requested":
            step = refuse if refused else lambda: approve(row.public_id)
        elif row.state == "approved" and row.outcome != "money":
            step = lambda: send_back(row.order_id, row.public_id)  # noqa: E731 - one of three steps
        else:
            step = receive
        self.attempt(f"return {row.state} {row.outcome}", step)

    def returned(self):
        """Units of goods that came back, by variant."""
        units: Counter[int] = Counter()
        for line in db.session.scalars(select(OrderLine).where(OrderLine.kind == "physical")):
            units[line.variant_id] += line.returned
        return units

    @invariant()
    def it_all_adds_up(self):
        if self.changed:
            assert_sound()
            self.nothing_is_lost_or_sold_twice()
            self.no_payment_gives_back_more_than_it_was()
            self.an_order_that_is_over_is_over_as_a_whole()
        self.changed = True

    def nothing_is_lost_or_sold_twice(self):
        """On the shelf and out of the house is what arrived. (A refunded seat is not put back by
        itself: ``returned`` only closes its code.)"""
        out = Counter(self.arrived)
        for line in db.session.scalars(select(OrderLine)):
            out[line.variant_id] -= line.shipped
            if line.kind == "physical":
                out[line.variant_id] += line.returned
        there: Counter[int] = Counter()
        for level in db.session.scalars(select(StockLevel)):
            there[level.variant_id] += level.on_hand
        for line in db.session.scalars(
            select(TransferLine)
            .join(Transfer, Transfer.id == TransferLine.transfer_id)
            .where(Transfer.state != "draft")
        ):
            there[line.variant_id] += line.quantity - line.received - line.lost
        for variant in set(self.begin.stock) - set(self.begin.stores[2].variants):
            assert there[variant] == out[variant]

    def no_payment_gives_back_more_than_it_was(self):
        given = (
            select(func.coalesce(func.sum(Refund.amount_minor), 0))
            .where(Refund.payment_id == Payment.id, Refund.state != "failed")
            .correlate(Payment)
            .scalar_subquery()
        )
        for state, amount, back in db.session.execute(
            select(Payment.state, Payment.amount_minor, given)
        ):
            assert back <= (amount if state == "paid" else 0)

    def an_order_that_is_over_is_over_as_a_whole(self):
        for row in db.session.scalars(select(Order)):
            if row.state == "completed":
                assert row.shipping_state == "received"
                assert row.payment_state != "unpaid"
            if row.state == "cancelled":
                assert row.shipping_state == "unshipped"


@dataclass(frozen=True)
class _Checkout:
    checkout_id: int


def by_heart(here: type[Life]) -> None:
    """The usual verbs in one sequence, whatever the others came upon: what Hypothesis draws depends on the
    modules that are loaded, too."""
    life = here()
    one = {"picks": [(0, 1)], "member": False, "coupon": False, "method": "alipay", "card": False}
    try:
        for step in (
            lambda: life.place(**one | {"coupon": True}, goes="not"),
            lambda: life.cancel(number=0),
            lambda: life.place(**one, goes="paid"),
            lambda: life.ship(number=0, part=False),
            lambda: life.refund(number=0, units=[1], delivery=False, back=False),
            lambda: life.place(**one, goes="shipped"),
            lambda: life.receive(number=0),
            lambda: life.place(**one, goes="not"),
            lambda: life.cancel(number=1),
            lambda: life.place(**one, goes="not"),
            lambda: life.time_passes(number=0, minutes=31),
            # A member with a coupon buys three things; one goes back unsent, one from the parcel.
            # (It is the last of six orders: 29 names it among all.)
            lambda: life.place(
                **one | {"picks": [(0, 2), (1, 1)], "member": True, "coupon": True}, goes="paid"
            ),
            lambda: life.refund(number=29, units=[0, 1], delivery=True, back=True),
            lambda: life.ship(number=0, part=False),
            lambda: life.refund(number=29, units=[1], delivery=False, back=True),
            # Goods change places, some are found missing, some come back.
            lambda: life.goods_change_places(number=1, units=1),
            lambda: life.a_transfer_arrives(number=0, lost=False),
            lambda: life.somebody_counts(number=1, found=1),
            lambda: life.place(**one, goes="shipped"),
            lambda: life.a_return_is_asked_for(number=34, units=1, outcome="refund"),
            *[lambda: life.a_return_goes_on(number=0, restock=True, refused=False)] * 3,
            # One is exchanged, one is paid back and stays where it is.
            lambda: life.place(**one, goes="shipped"),
            lambda: life.a_return_is_asked_for(number=39, units=1, outcome="exchange"),
            *[lambda: life.a_return_goes_on(number=0, restock=True, refused=False)] * 3,
            lambda: life.place(**one, goes="shipped"),
            lambda: life.a_return_is_asked_for(number=9, units=1, outcome="money"),
            *[lambda: life.a_return_goes_on(number=0, restock=True, refused=False)] * 2,
            # Nothing is left of the first tea, at either place.
            lambda: life.somebody_counts(number=0, found=0),
            lambda: life.somebody_counts(number=4, found=0),
            # A card pays a share of one that is shipped and given back in part, and one that is cancelled.
            lambda: life.goods_arrive(number=0),
            lambda: life.place(**one | {"card": True}, goes="shipped"),
            lambda: life.place(**one | {"card": True, "method": "cod"}, goes="not"),
            lambda: life.a_balance_is_credited(minor=500),
            lambda: life.a_card_is_voided(),
            lambda: life.cancel(number=54),
        ):
            step()
            life.it_all_adds_up()
    finally:
        life.teardown()


def test_the_life_of_orders(app: Flask, sizes: Sizes, remember: Callable[[], Again]) -> None:
    """As many sequences as the sizes say, shared between the two databases."""
    seen: Counter[str] = Counter()
    begin = beginning()
    # Class attributes: Hypothesis makes an instance for every sequence.
    here = type("Here", (Life,), {"begin": begin, "again": staticmethod(remember()), "seen": seen})
    run_state_machine_as_test(
        here,
        settings=settings(
            max_examples=max(1, sizes.lives // 2),
            stateful_step_count=sizes.steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    by_heart(here)
    usual = {"place", "cancel", "expire", "ship", "receive", "refund"}
    usual |= {"return in_transit exchange", "return approved money"}
    rare = {"pay at once", "money arrives", "cash arrives", "a refund is done"}
    assert db.session.scalar(select(func.count()).select_from(Adjustment)), "no coupon counted"
    missing = (usual | rare if SOAK else usual) - set(seen)
    assert not missing, f"{missing} never succeeded: {seen}"
    assert not [step for step in seen if "busy" in step]
