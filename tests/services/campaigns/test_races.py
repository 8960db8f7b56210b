"""The limits of a coupon under many buyers at once."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from flask import Flask

from shop.campaigns import checks, services
from shop.core.db import db
from shop.core.errors import ShopError
from shop.core.transaction import transaction
from tests.factories.campaigns import make_bare_checkout, make_coupon, used
from tests.factories.stores import make_store
from tests.support.sizes import Sizes

pytestmark = pytest.mark.soak


def at_once(app: Flask, actions: list[Callable[[], None]]) -> Counter[str]:
    """Run every action in a thread and context of its own, all from the same moment."""
    gate = Barrier(len(actions))
    db.session.remove()

    def run(action: Callable[[], None]) -> str:
        with app.app_context():
            gate.wait()
            try:
                with transaction():
                    action()
            except ShopError as error:
                return error.reason
            finally:
                db.session.remove()
            return "done"

    with ThreadPoolExecutor(len(actions)) as pool:
        return Counter(pool.map(run, actions))


def redeeming(coupon: int, store: int, key: str) -> Callable[[], None]:
    checkout_id, (order_id,) = make_bare_checkout(store)
    return lambda: services.redeem(coupon, checkout_id, [key], 500, {order_id: 500}) and None


def test_thirty_redeem_a_coupon_of_which_three_are_left(app: Flask, sizes: Sizes) -> None:
    store = make_store()
    for _ in range(sizes.trials):
        coupon = make_coupon(store, total_limit=3)
        outcome = at_once(app, [redeeming(coupon, store, f"u:{n}") for n in range(30)])
        assert outcome == {"done": 3, "coupon-used-up": 27}
        assert used(coupon) == 3
    assert checks.differences() == []


def test_one_person_in_many_tabs_uses_a_coupon_as_often_as_allowed(
    app: Flask, sizes: Sizes
) -> None:
    store = make_store()
    for _ in range(sizes.trials):
        coupon = make_coupon(store, per_user_limit=2)
        outcome = at_once(app, [redeeming(coupon, store, "u:1") for _ in range(12)])
        assert outcome == {"done": 2, "coupon-limit-per-user": 10}
    assert checks.differences() == []


def test_orders_of_one_checkout_that_end_together_give_the_use_back_once(
    app: Flask, sizes: Sizes
) -> None:
    stores = [make_store() for _ in range(4)]
    for _ in range(sizes.trials):
        coupon = make_coupon(total_limit=1)
        checkout_id, orders = make_bare_checkout(*stores)
        with transaction():
            services.redeem(coupon, checkout_id, ["u:1"], 400, dict.fromkeys(orders, 100))
        ending = [lambda order=order: services.release_order(order) for order in orders * 2]
        assert at_once(app, ending) == {"done": 8}
        assert used(coupon) == 0
    assert checks.differences() == []


def test_an_order_that_ends_while_its_sister_is_ending_waits_for_her(app: Flask) -> None:
    coupon = make_coupon(total_limit=1)
    checkout_id, (first, second) = make_bare_checkout(make_store(), make_store())
    with transaction():
        services.redeem(coupon, checkout_id, ["u:1"], 300, {first: 100, second: 200})
    db.session.remove()
    released, over = Event(), Event()

    def end_first() -> None:
        with app.app_context(), transaction():
            services.release_order(first)
            released.set()
            over.wait(0.7)  # long enough for the other to finish, if nothing held her back

    def end_second() -> None:
        with app.app_context():
            released.wait(10)
            with transaction():
                services.release_order(second)
            over.set()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(end_first), pool.submit(end_second)]:
            done.result()
    assert used(coupon) == 0
    assert checks.differences() == []
