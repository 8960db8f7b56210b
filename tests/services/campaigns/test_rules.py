"""From rows to rules: what the engine is given for a cart, in a fixed number of statements."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event

from shop.campaigns import queries, services
from shop.campaigns.engine.price import price
from shop.campaigns.engine.quote import Quote
from shop.campaigns.engine.values import Customer, Line
from shop.core import clock
from shop.core.db import db
from shop.core.transaction import transaction
from shop.membership import services as membership
from tests.factories.campaigns import make_bare_checkout, make_coupon, make_promotion
from tests.factories.stores import make_store
from tests.services.campaigns.people import make_person

KEYS = queries.customer_keys(None, "a@example.com", "13800000000")


@contextmanager
def counting() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def quote(
    *goods: tuple[int, int],
    code: str | None = None,
    user: int | None = None,
    keys: list[str] | None = None,
) -> Quote:
    """Price goods given as (store, price)."""
    now = clock.now()
    rules = queries.rules_for(
        {store for store, _ in goods},
        "CNY",
        now=now,
        coupon_code=code,
        user_id=user,
        customer_keys=keys or [],
    )
    lines = [
        Line(i, store, i, None, "physical", amount, 1) for i, (store, amount) in enumerate(goods)
    ]
    return price(lines, rules, Customer(user), now)


def problem(quoted: Quote) -> str | None:
    assert quoted.coupon is not None
    return quoted.coupon.problem.code if quoted.coupon.problem else None


def test_everything_that_changes_a_price_comes_together(app: Flask) -> None:
    user = make_person()
    store = make_store(flat_delivery_minor=800, free_delivery_from_minor=30000)
    with transaction():
        membership.create_level(
            store, {"en": "Silver", "zh": "银卡"}, rank=1, spend_from_minor=0, discount_bp=1000
        )
        membership.join(store, user)
    make_promotion(store, ((20000, 2000), (50000, 9000)))
    make_promotion(make_store(), ((2000, 1000),))
    make_promotion(store, ((100, 50),), starts_at=clock.now() + timedelta(days=1))
    make_coupon(None, code="Welcome", threshold_minor=20000)
    result = quote((store, 30000), code=" welcome ", user=user)
    assert [(a.source, a.amount_minor) for a in result.applied] == [
        ("member", -3000),
        ("promotion", -2000),
        ("coupon", -3000),
    ]
    assert result.delivery_minor == 800
    assert result.total_minor == 22800
    assert [(p.kind, p.missing_minor) for p in result.progress] == [
        ("delivery", 8000),
        ("tier", 23000),
    ]
    assert quote((store, 30000)).discount_minor == -2000


def test_a_fixed_number_of_statements_prices_any_cart(app: Flask) -> None:
    user = make_person()
    stores = [make_store() for _ in range(4)]
    for store in stores:
        make_promotion(store)
        make_coupon(store, code="SAME")
    goods = [(store, 10000) for store in stores for _ in range(5)]
    with counting() as statements:
        quote(*goods, code="same", user=user, keys=KEYS)
    assert len(statements) <= 5


def test_a_promotion_of_the_platform_keeps_to_its_currency(app: Flask) -> None:
    store = make_store()
    make_promotion(None, ((1000, 100),), currency="USD")
    make_promotion(None, ((1000, 200),), currency="CNY")
    assert quote((store, 5000)).discount_minor == -200


def test_a_store_in_another_currency_is_the_callers_mistake(app: Flask) -> None:
    store = make_store(currency="USD")
    with pytest.raises(ValueError, match="sells in USD"):
        queries.rules_for([store], "CNY", now=clock.now())


def test_why_a_code_does_not_apply(app: Flask) -> None:
    store, other = make_store(), make_store()
    dollars = make_store(currency="USD")
    now = clock.now()
    make_coupon(other, code="THEIRS")
    make_coupon(dollars, code="DOLLARS")
    make_coupon(None, code="PLATFORM-USD", currency="USD")
    make_coupon(store, code="LATER", starts_at=now + timedelta(days=1))
    make_coupon(store, code="BIG", threshold_minor=99999)
    ended = make_coupon(store, code="ENDED")
    with transaction():
        services.end_coupon(ended, actor="test")
    for code, reason in (
        ("THEIRS", "coupon-other-store"),
        ("DOLLARS", "coupon-other-store"),
        ("PLATFORM-USD", "coupon-other-currency"),
        ("LATER", "coupon-not-started"),
        ("ENDED", "coupon-ended"),
        ("BIG", "coupon-below-threshold"),
        ("NOPE", "coupon-unknown"),
    ):
        assert problem(quote((store, 5000), code=code)) == reason


def test_a_used_coupon_says_so_before_the_checkout(app: Flask) -> None:
    store, user = make_store(), make_person()
    once, last = make_coupon(store, code="ONCE"), make_coupon(store, code="LAST", total_limit=1)
    for coupon_id in (once, last):
        checkout_id, (order_id,) = make_bare_checkout(store)
        with transaction():
            services.redeem(
                coupon_id, checkout_id, [*KEYS, queries.customer_key_user(user)], 5, {order_id: 5}
            )
    assert problem(quote((store, 5000), code="LAST")) == "coupon-used-up"
    assert problem(quote((store, 5000), code="ONCE", user=user)) == "coupon-limit-per-user"
    assert problem(quote((store, 5000), code="ONCE", keys=KEYS[1:])) == "coupon-limit-per-user"
    assert problem(quote((store, 5000), code="ONCE")) is None


def test_the_stores_own_coupon_is_found_among_many_of_the_same_code(app: Flask) -> None:
    for _ in range(30):
        make_coupon(make_store(), code="SAME")
    store = make_store()
    make_coupon(store, code="SAME", value=100)
    assert quote((store, 5000), code="same").discount_minor == -100


def test_the_same_person_has_the_same_keys() -> None:
    assert queries.customer_keys(None, " A@Example.COM ", "+86 138 0000 0000") == KEYS
    assert queries.customer_keys(7) == ["u:7"]
    american = queries.customer_key_contact("", "(415) 555-2671", "US")
    assert american == queries.customer_key_contact("", "+1 415 555 2671")
    assert queries.customer_key_contact("", " ") == []
    assert all(len(key) <= 80 for key in KEYS)


def test_promotions_that_hold_now_are_told(app: Flask) -> None:
    store = make_store()
    make_promotion(store)
    make_promotion(make_store())
    make_promotion(store, starts_at=clock.now() + timedelta(days=2))
    (view,) = queries.active_promotions([store], clock.now(), "zh")
    assert (view.title, view.tiers[0].off_minor) == ("秋茶满减", 3000)
    assert len(queries.active_promotions(None, clock.now(), "en")) == 2
