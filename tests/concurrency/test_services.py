"""Races of real processes for stock, coupons, money and the same form, through the services.

Every guard below was once taken out by hand, and the test that is named with it failed; each test says
which and how. On SQLite one guard stands before them all, the write lock that a transaction begins with
(IMMEDIATE, and the row of the form's key before anything is read): without it the races end in "locked".
"""

from collections import Counter
from dataclasses import asdict
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from shop.campaigns.models import Coupon
from shop.cart import queries as carts
from shop.catalog import terms
from shop.core import clock
from shop.core.db import db
from shop.core.transaction import transaction
from shop.inventory import bundles
from shop.order import queries
from shop.order.models import Order
from shop.payment import attempts, settlement
from shop.payment import queries as payments
from shop.payment.models import PaymentAllocation, PaymentEvent, Refund
from tests.concurrency.herd import Act, Herd
from tests.factories.campaigns import make_bare_checkout, make_coupon, used
from tests.factories.catalog import make_product
from tests.factories.orders import (
    Placed,
    assert_sound,
    available,
    begin_payment,
    fill_cart,
    guest,
    lines_of,
    news,
    order,
    paid_order,
    place_order,
    restock,
    shipped_order,
    store_with_goods,
    submission,
)
from tests.factories.users import make_user
from tests.support.sizes import Sizes

pytestmark = pytest.mark.soak


def few(sizes: Sizes) -> int:
    """How often a race is run that others stand beside: once in a short run."""
    return max(1, sizes.trials // 3)


LONGEST = 15
"""Seconds for the slowest of 32 at once, on two cores that other tests use, too."""


def placing(lines, key="the-key-of-this-form", owner=None, coupon=None) -> Act:
    """The sending of a form whose cart is filled now."""
    owner = owner or guest()
    fill_cart(owner, lines, coupon)
    return {
        "name": "place",
        "owner": {"token": owner.token, "user_id": owner.user_id},
        "form": asdict(submission(owner)),
        "key": key,
    }


def paying(payment_id: int) -> Act:
    return {"name": "paid", "news": asdict(news(payment_id))}


def how_many(model, *where) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model).where(*where)) or 0


def no_crash(reports) -> Counter:
    """No crash, no lock given up, nobody kept waiting."""
    outcomes = Counter(report["outcome"] for report in reports)
    assert not [found for found in outcomes if found.startswith(("crash", "busy"))], outcomes
    assert max(report["seconds"] for report in reports) < LONGEST
    return outcomes


def test_32_processes_race_for_the_last_10_units(herd: Herd, sizes: Sizes) -> None:
    """Guard: the condition of ``reservations._guarded_reserve``, and the row locks of ``_plan``."""
    goods = store_with_goods(stock=10)
    for _ in range(sizes.trials):
        before = how_many(Order)
        reports = herd.run([placing(goods.variant) for _ in range(32)])
        outcomes = no_crash(reports)
        assert outcomes["ok"] == 10
        assert outcomes["stock-short"] + outcomes["cart-changed"] == 22
        assert how_many(Order) - before == 10
        assert available(goods.variant) == 0
        assert_sound()
        restock(goods, goods.variant, 10)


def test_races_for_two_things_in_both_orders_end(herd: Herd, sizes: Sizes) -> None:
    """Guard: locks are taken in one order (variants sorted in ``reserve``), or PostgreSQL finds
    deadlocks."""
    goods = store_with_goods(stock=10, products=2)
    first, second = goods.variants
    for _ in range(few(sizes)):
        acts = [placing([(first, 1), (second, 1)]) for _ in range(8)]
        acts += [placing([(second, 1), (first, 1)]) for _ in range(8)]
        outcomes = no_crash(herd.run(acts))
        assert outcomes["ok"] == 10
        assert_sound()
        for variant in goods.variants:
            restock(goods, variant, 10)


def test_bundles_and_their_parts_race_for_the_same_shelf(herd: Herd, sizes: Sizes) -> None:
    """Each set takes one of the first and two of the second, while others take the parts in either order.
    Guards: the condition of ``_guarded_reserve`` for every part, and the sorting in ``reserve``; with the
    parts reserved in the order of the lines PostgreSQL finds deadlocks."""
    goods = store_with_goods(stock=12, products=2)
    first, second = goods.variants
    whole = make_product(goods.store_id).variants[0]
    with transaction():
        bundles.set_part(whole, first, 1)
        bundles.set_part(whole, second, 2)
    for _ in range(few(sizes)):
        acts = [placing(whole) for _ in range(8)]
        acts += [placing([(second, 1), (first, 1)]) for _ in range(6)]
        acts += [placing([(first, 1), (second, 1)]) for _ in range(6)]
        before = how_many(Order)
        outcomes = no_crash(herd.run(acts))
        assert set(outcomes) <= {"ok", "stock-short", "cart-changed"}
        sold = how_many(Order) - before
        assert sold == outcomes["ok"]
        left = (available(first) or 0, available(second) or 0)
        assert left[0] == 12 - sold
        assert 0 <= left[1] <= 1
        assert_sound()
        restock(goods, first, 12 - left[0])
        restock(goods, second, 12 - left[1])


def test_the_same_form_8_times_at_once_is_one_order(herd: Herd, sizes: Sizes) -> None:
    """Guard: ``idempotency.begin`` and its unique row."""
    goods = store_with_goods(stock=100)
    for number in range(sizes.trials):
        act = placing(goods.variant, key=f"the-key-of-form-{number}")
        reports = herd.run([act] * 8)
        assert no_crash(reports) == {"ok": 8}
        assert len({report["result"] for report in reports}) == 1
        assert how_many(Order) == number + 1
    assert_sound()


def test_two_tabs_do_not_buy_the_same_cart_twice(herd: Herd, sizes: Sizes) -> None:
    """Guard: ``cart.services.hold``, the lock on the cart that a checkout begins with."""
    goods = store_with_goods(stock=100)
    for number in range(few(sizes)):
        owner = guest()
        act = placing(goods.variant, owner=owner)
        tabs = [{**act, "key": f"the-key-of-tab-{tab}"} for tab in range(8)]
        assert no_crash(herd.run(tabs)) == {"ok": 1, "cart-empty": 7}
        assert how_many(Order) == number + 1
    assert_sound()


def test_two_tabs_adding_at_once_sum_up(herd: Herd, sizes: Sizes) -> None:
    """Guard: ``cart.services.hold``; without it the later sum forgets the earlier one."""
    goods = store_with_goods(stock=500)
    for _ in range(few(sizes)):
        owner = guest()
        act = {
            "name": "add",
            "owner": {"token": owner.token},
            "variant": goods.variant,
            "quantity": 2,
        }
        assert no_crash(herd.run([act] * 8)) == {"ok": 8}
        db.session.rollback()
        assert carts.count(owner) == 16


def test_a_coupon_with_3_uses_left_and_30_redeemers(herd: Herd, sizes: Sizes) -> None:
    """Guard: the condition on ``used`` in ``campaigns.redemption.redeem``."""
    goods = store_with_goods(stock=1000)
    for _ in range(sizes.trials):
        coupon = make_coupon(goods.store_id, value=100, total_limit=3)
        code = db.session.get_one(Coupon, coupon).code
        before = how_many(Order)
        outcomes = no_crash(herd.run([placing(goods.variant, coupon=code) for _ in range(30)]))
        assert outcomes == {"ok": 3, "coupon-used-up": 27}
        assert used(coupon) == 3
        assert how_many(Order) - before == 3
    assert_sound()


def test_one_person_with_many_names_uses_a_coupon_once(herd: Herd, sizes: Sizes) -> None:
    """Guard: the condition on ``used`` in ``campaigns.redemption._use``."""
    store = store_with_goods().store_id
    for _ in range(few(sizes)):
        coupon = make_coupon(store, per_user_limit=1)
        acts = []
        for number in range(12):
            checkout, (order_id,) = make_bare_checkout(store)
            keys = ["e:lin", f"u:{number}"] if number % 2 else [f"u:{number}", "e:lin"]
            acts.append(
                {
                    "name": "redeem",
                    "coupon": coupon,
                    "checkout": checkout,
                    "order": order_id,
                    "keys": keys,
                }
            )
        assert no_crash(herd.run(acts)) == {"ok": 1, "coupon-limit-per-user": 11}
        assert used(coupon) == 1


def test_20_replayed_notifies_are_one_payment(herd: Herd, sizes: Sizes) -> None:
    """Guard: the sources in the UPDATE of ``intake.paid``."""
    goods = store_with_goods(stock=100)
    for _ in range(few(sizes)):
        placed = place_order({goods.variant: 2})
        act = paying(begin_payment(placed))
        events = how_many(PaymentEvent)
        reports = herd.run([act] * 20)
        assert no_crash(reports) == {"ok": 20}
        assert sum(report["result"] for report in reports) == 1
        assert how_many(PaymentEvent) - events == 1
        assert order(placed.order).payment_state == "paid"
    assert how_many(Refund) == 0
    assert_sound()


def test_two_methods_that_both_pay(herd: Herd, sizes: Sizes) -> None:
    """Guard: ``intake.paid`` locks the orders before it looks whether they are paid."""
    goods = store_with_goods(stock=100)
    for number in range(few(sizes)):
        placed = place_order(goods.variant)
        first = begin_payment(placed)
        with transaction():
            attempts.failed(first)
        second = begin_payment(placed)
        assert no_crash(herd.run([paying(first), paying(second)] * 4)) == {"ok": 8}
        assert order(placed.order).payment_state == "paid"
        assert how_many(Refund) == number + 1
    assert_sound()


def test_an_attempt_is_opened_once(herd: Herd, sizes: Sizes) -> None:
    """Guard: ``attempts.begin`` locks the orders before it looks for a live attempt."""
    goods = store_with_goods(stock=100)
    for _ in range(few(sizes)):
        placed = place_order(goods.variant)
        reports = herd.run([{"name": "begin", "checkout": placed.checkout_id}] * 8)
        assert no_crash(reports) == {"ok": 8}
        assert len({report["result"] for report in reports}) == 1


@pytest.mark.parametrize("ending", ("cancel", "expire"))
def test_pay_against_the_end_of_an_order(herd: Herd, sizes: Sizes, ending: str) -> None:
    """Either paid first (a cancellation then refunds it; nothing expires), or ended first (the money
    takes the goods again). Guard: the lock on the order that every verb begins with."""
    goods = store_with_goods(stock=100)
    for _ in range(sizes.trials):
        began = clock.now() - timedelta(minutes=30)
        with clock.at(began):
            placed = place_order({goods.variant: 1})
            payment_id = begin_payment(placed)
        acts = [paying(payment_id), {"name": ending, "order": placed.order}] * 4
        outcomes = no_crash(herd.run(acts))
        assert set(outcomes) <= {"ok", "illegal-transition"}
        row = order(placed.order)
        refunds = how_many(Refund, Refund.order_id == placed.order)
        if row.state == "cancelled":
            assert (ending, row.payment_state, refunds) == ("cancel", "paid", 1)
        else:
            assert (row.state, row.payment_state, refunds) == ("open", "paid", 0)
        assert_sound()


def test_refunds_at_once_never_pass_what_was_paid(herd: Herd, sizes: Sizes) -> None:
    """Guards: the lock on the order in ``refunds.request``; without that one, the condition of the
    UPDATE in ``refunds._reserve``, and without both the CHECK of ``payment_allocation``."""
    goods = store_with_goods(stock=100, flat_delivery_minor=500)
    for _ in range(few(sizes)):
        placed = shipped_order({goods.variant: 3})
        line = lines_of(placed.order)[0].public_id
        acts = [
            {
                "name": "refund",
                "order": placed.order,
                "quantities": {line: 1},
                "key": f"the-refund-key-{number}",
                "delivery": True,
            }
            for number in range(12)
        ]
        for act in acts:
            act["key"] += placed.number
        outcomes = no_crash(herd.run(acts))
        assert outcomes == {"ok": 3, "refund-quantity": 9}
        db.session.rollback()
        (reserved,) = db.session.scalars(
            select(PaymentAllocation.refunded_minor).where(
                PaymentAllocation.order_id == placed.order
            )
        )
        assert reserved == placed.total_minor
        assert lines_of(placed.order)[0].returned == 3
        assert_sound()


def test_a_refund_is_taken_to_the_provider_by_one(herd: Herd, sizes: Sizes) -> None:
    """Guard: the condition on ``next_try_at`` in ``refund_answers.claim``."""
    goods = store_with_goods(stock=100)
    for _ in range(few(sizes)):
        placed = paid_order(goods.variant)
        with transaction():
            (number,) = settlement.cancel_order(placed.order, reason="x", actor="u:1")
        act = {"name": "submit", "refund_id": payments.refund_id(number)}
        reports = herd.run([act] * 8)
        assert no_crash(reports) == {"ok": 8}
        assert sum(report["result"] for report in reports) == 1
        assert order(placed.order).payment_state == "refunded"
    assert_sound()


def test_a_code_is_redeemed_once(herd: Herd, sizes: Sizes) -> None:
    """Guards: the lock on the order and the conditions of the UPDATE in ``codes.redeem``."""
    goods = store_with_goods(stock=None, kind="service")
    staff = make_user().id
    for _ in range(few(sizes)):
        placed = paid_order(goods.variant)
        code = queries.order_page(placed.number, "en").lines[0].codes[0].code
        act = {"name": "redeem_code", "code": code, "store": goods.store_id, "user": staff}
        assert no_crash(herd.run([act] * 8)) == {"ok": 1, "code-redeemed": 7}


def test_two_tills_never_use_the_last_visit_twice(herd: Herd, sizes: Sizes) -> None:
    """Guard: as above; without both, the CHECK on ``used`` is left, and the till after the last visit crashes."""
    goods = store_with_goods(stock=None, kind="service")
    with transaction():
        terms.change(goods.products[0].id, terms.Terms(uses=3))
    staff = make_user().id
    for _ in range(few(sizes)):
        placed = paid_order(goods.variant)
        code = queries.order_page(placed.number, "en").lines[0].codes[0].code
        act = {"name": "redeem_code", "code": code, "store": goods.store_id, "user": staff}
        assert no_crash(herd.run([act] * 8)) == {"ok": 3, "code-redeemed": 5}
        assert_sound()


def test_everything_at_once_about_the_same_goods(herd: Herd, sizes: Sizes) -> None:
    """Orders of the same goods, placed, paid, shipped, refunded and cancelled in the same moment:
    nobody waits for one who waits for them. Guard: one order of locks everywhere (architecture §4)."""
    goods = store_with_goods(stock=200, products=3)
    for trial in range(few(sizes)):
        both_ways = (goods.variants, goods.variants[::-1])

        def made(make, both_ways=both_ways) -> list[Placed]:
            return [make([(v, 1) for v in way]) for way in both_ways for _ in range(2)]

        shipped, to_ship, to_refund, to_cancel = (
            made(shipped_order),
            made(paid_order),
            made(paid_order),
            made(place_order),
        )
        acts: list[Act] = [placing([(v, 1) for v in way]) for way in both_ways for _ in range(2)]
        acts += [{"name": "ship", "order": placed.order} for placed in to_ship]
        acts += [{"name": "cancel", "order": placed.order} for placed in to_cancel]
        acts += [paying(begin_payment(placed)) for placed in made(place_order)]
        for placed in shipped + to_refund:
            quantities = {line.public_id: 1 for line in lines_of(placed.order)}
            key = f"the-refund-of-{placed.number}-{trial}"
            acts.append(
                {"name": "refund", "order": placed.order, "quantities": quantities, "key": key}
            )
        assert no_crash(herd.run(acts)) == {"ok": len(acts)}
        assert_sound()


def test_a_sign_in_against_adding_to_the_guests_cart(herd: Herd, sizes: Sizes) -> None:
    """The cart that disappears under another tab's hands is no crash."""
    goods = store_with_goods(stock=500)
    for _ in range(few(sizes)):
        owner, user = guest(), make_user()
        fill_cart(owner, goods.variant)
        adding = {
            "name": "add",
            "owner": {"token": owner.token},
            "variant": goods.variant,
            "quantity": 1,
        }
        merging = {"name": "merge", "token": owner.token, "user_id": user.id}
        outcomes = no_crash(herd.run([adding, merging] * 4))
        assert set(outcomes) <= {"ok", "cart-missing"}
