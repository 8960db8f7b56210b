"""Making, changing, ending and claiming offers: what is refused, and with which words' code."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from shop.campaigns import admin, queries, services
from shop.campaigns.data import CouponData, PromotionData, Tier
from shop.campaigns.models import Coupon, Promotion
from shop.campaigns.states import OfferState
from shop.core import clock
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound
from shop.core.models import AuditEntry
from shop.core.transaction import transaction
from tests.factories.campaigns import make_bare_checkout, make_coupon, make_promotion
from tests.factories.stores import make_store
from tests.services.campaigns.people import make_person

TIERS = (Tier(30000, 3000), Tier(60000, 8000))


@pytest.fixture
def store(app: Flask) -> int:
    return make_store()


def coupon_data(store: int | None, **changes: Any) -> CouponData:
    return CouponData(store, **({"code": "AUTUMN", "kind": "amount", "value": 3000} | changes))


def test_a_coupon_is_kept_as_given_and_who_made_it_is_written_down(store: int) -> None:
    with transaction():
        coupon_id = services.create_coupon(
            coupon_data(store, code=" Autumn-30 ", titles={"en": " Autumn ", "zh": " "}),
            actor="lin",
            user_id=None,
        ).id
    coupon = db.session.get_one(Coupon, coupon_id)
    assert (coupon.code, coupon.code_key, coupon.currency) == ("Autumn-30", "autumn-30", "CNY")
    assert coupon.titles == {"en": "Autumn"}
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.actor, entry.store_id) == ("coupon.create", "lin", store)


@pytest.mark.parametrize(
    ("changes", "field"),
    (
        ({"code": "ab"}, "code"),
        ({"code": "has space"}, "code"),
        ({"code": "x" * 41}, "code"),
        ({"code": "ﷺ" * 30}, "code"),
        ({"code": "<b>50</b>"}, "code"),
        ({"kind": "gift"}, "kind"),
        ({"value": 0}, "value"),
        ({"value": -5}, "value"),
        ({"value": 10**12}, "value"),
        ({"kind": "percentage", "value": 10001}, "value"),
        ({"threshold_minor": -1}, "threshold_minor"),
        ({"total_limit": 0}, "total_limit"),
        ({"total_limit": 2**63}, "total_limit"),
        ({"per_user_limit": 0}, "per_user_limit"),
        ({"ends_at": clock.now() - timedelta(days=1)}, "ends_at"),
        ({"currency": "USD"}, "currency"),
        ({"titles": {"en": "x" * 121}}, "titles"),
    ),
)
def test_a_coupon_that_makes_no_sense_names_the_field(
    store: int, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused, transaction():
        services.create_coupon(coupon_data(store, **changes), actor="test")
    assert refused.value.params["field"] == field


def test_a_platform_coupon_needs_a_currency(app: Flask) -> None:
    with pytest.raises(Invalid) as refused, transaction():
        services.create_coupon(coupon_data(None), actor="test")
    assert refused.value.params["field"] == "currency"


def test_a_code_is_unique_in_its_store_whatever_its_case(store: int) -> None:
    make_coupon(store, code="Autumn")
    for code in ("AUTUMN", "ａｕｔｕｍｎ"):
        with pytest.raises(Invalid) as refused:
            make_coupon(store, code=code)
        assert refused.value.reason == "coupon-code-taken"
    make_coupon(make_store(), code="autumn")
    make_coupon(None, code="autumn")
    with pytest.raises(Invalid) as refused:
        make_coupon(None, code="AUTUMN")
    assert refused.value.reason == "coupon-code-taken"


def test_a_coupon_can_be_changed(store: int) -> None:
    coupon_id = make_coupon(store, code="ONE", total_limit=5)
    make_coupon(store, code="TWO")
    with transaction():
        services.update_coupon(
            coupon_id, coupon_data(store, code="ONE", value=4000, total_limit=9), actor="test"
        )
    assert db.session.get_one(Coupon, coupon_id).value == 4000
    with transaction():
        with pytest.raises(Invalid) as refused:
            services.update_coupon(coupon_id, coupon_data(store, code="two"), actor="test")
        assert refused.value.reason == "coupon-code-taken"
        # The transaction goes on: a form may be shown again.
        services.update_coupon(coupon_id, coupon_data(store, code="three"), actor="test")
    assert db.session.get_one(Coupon, coupon_id).code == "three"


def test_a_limit_cannot_fall_below_what_is_used(store: int) -> None:
    coupon_id = make_coupon(store, per_user_limit=None)
    for _ in range(2):
        checkout_id, (order_id,) = make_bare_checkout(store)
        with transaction():
            services.redeem(coupon_id, checkout_id, ["u:1"], 5, {order_id: 5})
    with pytest.raises(Invalid) as refused, transaction():
        services.update_coupon(coupon_id, coupon_data(store, total_limit=1), actor="test")
    assert refused.value.reason == "coupon-limit-below-used"
    assert refused.value.params["used"] == 2


def test_an_end_before_the_stored_start_is_refused(store: int) -> None:
    later = clock.now() + timedelta(days=9)
    coupon_id = make_coupon(store, starts_at=later)
    promotion_id = make_promotion(store, starts_at=later)
    soon = clock.now() + timedelta(days=1)
    with pytest.raises(Invalid) as refused, transaction():
        services.update_coupon(coupon_id, coupon_data(store, ends_at=soon), actor="test")
    assert refused.value.params["field"] == "ends_at"
    with pytest.raises(Invalid) as refused, transaction():
        services.update_promotion(
            promotion_id, PromotionData(store, {"en": "A"}, TIERS, ends_at=soon), actor="test"
        )
    assert refused.value.params["field"] == "ends_at"


def test_another_stores_coupon_is_not_there_to_be_changed(store: int) -> None:
    coupon_id, promotion_id = make_coupon(make_store()), make_promotion(make_store())
    with pytest.raises(NotFound), transaction():
        services.update_coupon(coupon_id, coupon_data(store), actor="test")
    with pytest.raises(NotFound), transaction():
        services.update_promotion(
            promotion_id, PromotionData(store, {"en": "A"}, TIERS), actor="test"
        )


def test_what_has_ended_stays_ended(store: int) -> None:
    coupon_id, promotion_id = make_coupon(store), make_promotion(store)
    with transaction():
        services.end_coupon(coupon_id, actor="test")
        services.end_promotion(promotion_id, actor="test")
    for again in (
        lambda: services.end_coupon(coupon_id, actor="test"),
        lambda: services.end_promotion(promotion_id, actor="test"),
        lambda: services.update_coupon(coupon_id, coupon_data(store), actor="test"),
        lambda: services.update_promotion(
            promotion_id, PromotionData(store, {"en": "A"}, TIERS), actor="test"
        ),
    ):
        with pytest.raises(Conflict) as refused, transaction():
            again()
        assert refused.value.reason.endswith("-ended")
    for missing in (services.end_coupon, services.end_promotion):
        with pytest.raises(NotFound), transaction():
            missing(10**6, actor="test")


@pytest.mark.parametrize(
    ("titles", "tiers", "code"),
    (
        ({}, TIERS, "title-missing"),
        ({"en": " "}, TIERS, "title-missing"),
        ({"en": "A"}, (), "tiers-count"),
        ({"en": "A"}, (Tier(9, 1),) * 11, "tiers-count"),
        ({"en": "A"}, (Tier(100, 100),), "tier-gives-all"),
        ({"en": "A"}, (Tier(0, 1),), "out-of-range"),
        ({"en": "A"}, (Tier(10, -1),), "out-of-range"),
        ({"en": "A"}, (Tier(100, 10), Tier(90, 20)), "tiers-not-rising"),
        ({"en": "A"}, (Tier(100, 10), Tier(200, 10)), "tiers-not-rising"),
    ),
)
def test_a_promotion_that_makes_no_sense_is_refused(
    store: int, titles: dict[str, str], tiers: tuple[Tier, ...], code: str
) -> None:
    with pytest.raises(Invalid) as refused, transaction():
        services.create_promotion(PromotionData(store, titles, tiers), actor="test")
    assert refused.value.reason == code
    assert "field" in refused.value.params


def test_a_promotion_can_be_changed(store: int) -> None:
    promotion_id = make_promotion(store)
    with transaction():
        services.update_promotion(
            promotion_id, PromotionData(store, {"en": "Winter"}, TIERS, priority=3), actor="test"
        )
    row = db.session.get_one(Promotion, promotion_id)
    view = admin.promotion(row.public_id, [store], clock.now(), "zh")
    assert view is not None
    assert (view.title, view.tiers, view.priority) == ("Winter", TIERS, 3)


def test_the_list_of_a_store_tells_usage_and_hides_other_stores(store: int) -> None:
    first, second = (
        make_coupon(store, code="FIRST", total_limit=1),
        make_coupon(store, code="SECOND"),
    )
    others, platform = make_coupon(make_store()), make_coupon(None)
    checkout_id, (order_id,) = make_bare_checkout(store)
    with transaction():
        services.redeem(first, checkout_id, ["u:1"], 900, {order_id: 900})
    now = clock.now()
    views, after = admin.coupons([store], now, "zh")
    assert [view.id for view in views] == [second, first]
    assert after is None
    assert (views[1].used, views[1].redeemed_minor, views[1].state) == (1, 900, OfferState.USED_UP)
    assert views[0].title == "新客礼券"
    page, after = admin.coupons([store], now, "en", limit=1)
    assert [view.id for view in page] == [second]
    page, after = admin.coupons([store], now, "en", limit=1, after=after)
    assert [view.id for view in page] == [first]
    assert after is None
    for state, found in (
        (OfferState.USED_UP, [first]),
        (OfferState.ACTIVE, [second]),
        (OfferState.ENDED, []),
        (OfferState.SCHEDULED, []),
    ):
        assert [v.id for v in admin.coupons([store], now, "en", state=state)[0]] == found
    assert [v.id for v in admin.coupons([store], now, "en", search="fir")[0]] == [first]
    assert [v.id for v in admin.coupons([store], now, "en", search="%")[0]] == []
    everything = admin.coupons([store], now, "en", platform=True)[0]
    assert platform in [view.id for view in everything]
    public_id = db.session.get_one(Coupon, others).public_id
    assert admin.coupon(public_id, [store], now, "en", platform=True) is None
    assert admin.coupon(views[1].public_id, [store], now, "en") == replace(
        views[1], title="Welcome"
    )


def test_shoppers_claim_what_is_given_out(store: int) -> None:
    user = make_person()
    now = clock.now()
    open_to_all = make_coupon(store, total_limit=5)
    hidden = make_coupon(store, listed=False)
    later = make_coupon(store, starts_at=now + timedelta(days=1))
    with transaction():
        assert services.claim(open_to_all, user) is True
        assert services.claim(open_to_all, user) is False
    for coupon_id, code in ((hidden, "coupon-unknown"), (later, "coupon-not-started")):
        with pytest.raises((Conflict, NotFound)) as refused, transaction():
            services.claim(coupon_id, user)
        assert refused.value.reason == code
    (view,) = queries.listed_coupons([store], user, clock.now(), "en")
    assert (view.id, view.claimed, view.claims, view.remaining) == (open_to_all, True, 1, 5)
    assert queries.listed_coupon_id(view.public_id) == open_to_all
    (mine,) = queries.coupons_of(user, clock.now(), "en")
    assert mine.usable
    checkout_id, (order_id,) = make_bare_checkout(store)
    with transaction():
        services.redeem(open_to_all, checkout_id, queries.customer_keys(user), 5, {order_id: 5})
    (mine,) = queries.coupons_of(user, clock.now(), "en")
    assert (mine.usable, mine.used_by_me, mine.left_for_me) == (False, 1, 0)
    (seen,) = queries.listed_coupons(None, None, clock.now(), "en")
    assert (seen.claimed, seen.used_by_me, seen.remaining) == (False, 0, 4)


def test_a_coupon_that_is_used_up_is_not_given_out(store: int) -> None:
    coupon_id = make_coupon(store, total_limit=1)
    checkout_id, (order_id,) = make_bare_checkout(store)
    with transaction():
        services.redeem(coupon_id, checkout_id, ["u:1"], 5, {order_id: 5})
    assert queries.listed_coupons(None, None, clock.now(), "en") == []
    user = make_person()
    with pytest.raises(Conflict) as refused, transaction():
        services.claim(coupon_id, user)
    assert refused.value.reason == "coupon-used-up"
    assert db.session.scalar(select(func.count()).select_from(Coupon)) == 1
