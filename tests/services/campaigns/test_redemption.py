"""Coupons are used within their limits, and come back exactly once."""

import pytest
from flask import Flask

from shop.campaigns import checks, queries, services
from shop.core import clock
from shop.core.db import db
from shop.core.errors import Conflict, NotFound
from shop.core.transaction import transaction
from tests.factories.campaigns import make_bare_checkout, make_coupon, used
from tests.factories.stores import make_store

KEYS = queries.customer_keys(None, "a@example.com", "13800000000")


@pytest.fixture
def store(app: Flask) -> int:
    return make_store()


def use(coupon_id: int, store_id: int, keys: list[str] = KEYS, amount: int = 3000) -> int:
    """Redeem a coupon at a checkout of one order, and return the order's id."""
    checkout_id, (order_id,) = make_bare_checkout(store_id)
    with transaction():
        services.redeem(coupon_id, checkout_id, keys, amount, {order_id: amount})
    return order_id


def release(order_id: int) -> None:
    with transaction():
        services.release_order(order_id)


def reclaim(order_id: int) -> None:
    with transaction():
        services.reclaim_order(order_id)


def test_the_total_limit_holds(store: int) -> None:
    coupon = make_coupon(store, total_limit=2, per_user_limit=None)
    use(coupon, store)
    use(coupon, store)
    with pytest.raises(Conflict) as refused:
        use(coupon, store)
    assert refused.value.reason == "coupon-used-up"
    assert used(coupon) == 2
    assert checks.differences() == []


def test_the_limit_per_person_holds_for_every_name_the_person_has(store: int) -> None:
    coupon = make_coupon(store, per_user_limit=1)
    use(coupon, store)
    for keys in (
        queries.customer_keys(None, " A@Example.com ", "13911111111"),
        queries.customer_keys(None, "other@example.com", "+86 138 0000 0000"),
        queries.customer_keys(12, "a@example.com", ""),
    ):
        with pytest.raises(Conflict) as refused:
            use(coupon, store, keys)
        assert refused.value.reason == "coupon-limit-per-user"
    assert used(coupon) == 1
    use(coupon, store, queries.customer_keys(None, "b@example.com", "13922222222"))
    assert used(coupon) == 2
    assert checks.differences() == []


def test_a_limit_per_person_of_two_allows_two(store: int) -> None:
    coupon = make_coupon(store, per_user_limit=2)
    use(coupon, store)
    use(coupon, store)
    with pytest.raises(Conflict):
        use(coupon, store)


def test_a_cancelled_order_gives_its_use_back_once(store: int) -> None:
    coupon = make_coupon(store, total_limit=1)
    order = use(coupon, store)
    release(order)
    release(order)
    assert used(coupon) == 0
    use(coupon, store)
    release(order)
    assert used(coupon) == 1
    assert checks.differences() == []


def test_a_checkout_of_two_orders_gives_back_with_the_second(store: int) -> None:
    other = make_store()
    coupon = make_coupon(total_limit=1)
    checkout_id, (first, second) = make_bare_checkout(store, other)
    with transaction():
        services.redeem(coupon, checkout_id, KEYS, 3000, {first: 1000, second: 2000})
    release(first)
    assert used(coupon) == 1
    release(second)
    assert used(coupon) == 0
    assert checks.differences() == []


def test_late_money_takes_the_use_again_while_there_is_one(store: int) -> None:
    coupon = make_coupon(store, total_limit=1)
    order = use(coupon, store)
    release(order)
    reclaim(order)
    reclaim(order)
    assert used(coupon) == 1
    assert checks.differences() == []
    release(order)
    use(coupon, store, ["u:99"])
    with pytest.raises(Conflict) as refused:
        reclaim(order)
    assert refused.value.reason == "coupon-used-up"
    assert used(coupon) == 1
    assert checks.differences() == []


def test_late_money_does_not_pass_the_limit_per_person(store: int) -> None:
    coupon = make_coupon(store, per_user_limit=1)
    order = use(coupon, store)
    release(order)
    use(coupon, store)
    with pytest.raises(Conflict) as refused:
        reclaim(order)
    assert refused.value.reason == "coupon-limit-per-user"
    assert checks.differences() == []


def test_late_money_is_welcome_after_the_coupon_ended(store: int) -> None:
    coupon = make_coupon(store)
    order = use(coupon, store)
    release(order)
    with transaction():
        services.end_coupon(coupon, actor="test")
    reclaim(order)
    assert used(coupon) == 1


def test_late_money_for_one_of_two_orders_takes_no_second_use(store: int) -> None:
    coupon = make_coupon(total_limit=1)
    checkout_id, (first, second) = make_bare_checkout(store, make_store())
    with transaction():
        services.redeem(coupon, checkout_id, KEYS, 3000, {first: 1000, second: 2000})
    release(first)
    reclaim(first)
    assert used(coupon) == 1
    assert checks.differences() == []


def test_outside_its_window_a_coupon_is_not_used(store: int) -> None:
    ended = make_coupon(store)
    with transaction():
        services.end_coupon(ended, actor="test")
    with pytest.raises(Conflict) as refused:
        use(ended, store)
    assert refused.value.reason == "coupon-ended"
    later = make_coupon(store, starts_at=clock.now().replace(year=2099))
    with pytest.raises(Conflict) as refused:
        use(later, store)
    assert refused.value.reason == "coupon-not-started"
    with pytest.raises(NotFound):
        use(10**6, store)


def test_shares_that_do_not_sum_are_a_mistake(store: int) -> None:
    coupon = make_coupon(store)
    checkout_id, (order_id,) = make_bare_checkout(store)
    for keys, amount, shares in (
        (KEYS, 3000, {order_id: 2999}),
        (KEYS, 0, {order_id: 0}),
        ([], 3000, {order_id: 3000}),
    ):
        with pytest.raises(ValueError, match=r"redemption|somebody"), transaction():
            services.redeem(coupon, checkout_id, keys, amount, shares)
    assert used(coupon) == 0


def test_an_order_without_a_coupon_has_nothing_to_give_back(store: int) -> None:
    _, (order_id,) = make_bare_checkout(store)
    release(order_id)
    reclaim(order_id)


def test_the_doctor_sees_a_counter_that_is_wrong(store: int) -> None:
    from sqlalchemy import update

    from shop.campaigns.models import Coupon, CouponUse, RedemptionShare

    coupon = make_coupon(store)
    use(coupon, store)
    with transaction():
        db.session.execute(update(Coupon).values(used=5))
        db.session.execute(update(CouponUse).values(used=4))
        db.session.execute(update(RedemptionShare).values(amount_minor=1, released_at=clock.now()))
    found = checks.differences()
    assert (
        len(found) == 5
    )  # the coupon, two keys of the person, the shares' sum, the use not given back
