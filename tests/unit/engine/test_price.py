"""The rules one by one, with figures that can be checked by hand."""

from datetime import timedelta

import pytest

from shop.campaigns.engine.price import price
from shop.campaigns.engine.quote import Problem, Quote
from shop.campaigns.engine.refund import refund_share
from shop.campaigns.engine.values import DeliveryRule, Line, Rules
from tests.unit.engine.carts import GUEST, MEMBER, NOW, coupon, line, rules, silver, tiers


def problem(quote: Quote) -> Problem:
    assert quote.coupon is not None
    assert quote.coupon.problem is not None
    return quote.coupon.problem


def test_without_rules_the_price_is_the_price() -> None:
    quote = price([line(1, 8880, 2)], rules(flat=800), GUEST, NOW)
    assert (quote.items_minor, quote.discount_minor, quote.delivery_minor) == (17760, 0, 800)
    assert quote.total_minor == 18560
    assert quote.coupon is None


def test_a_member_pays_the_price_of_the_level_and_reads_its_name() -> None:
    quote = price(
        [line(1, 9999), line(2, 100, store=2)], rules(members={1: silver(500)}), MEMBER, NOW
    )
    (adjustment,) = quote.line(1).adjustments
    assert adjustment.amount_minor == -500
    assert adjustment.source == "member"
    assert adjustment.labels["zh"] == "银卡"
    assert quote.line(2).adjustments == ()


def test_a_guest_gets_no_member_price() -> None:
    assert price([line(1, 9999)], rules(members={1: silver(500)}), GUEST, NOW).discount_minor == 0


@pytest.mark.parametrize(
    ("worth", "off"), ((29999, 0), (30000, 3000), (59999, 3000), (60000, 8000), (99999, 8000))
)
def test_the_best_tier_reached_counts(worth: int, off: int) -> None:
    offer = tiers((30000, 3000), (60000, 8000))
    assert price([line(1, worth)], rules(offer), GUEST, NOW).discount_minor == -off


def test_a_tier_is_measured_after_the_member_price() -> None:
    offer = tiers((10000, 1000))
    quote = price([line(1, 10000)], rules(offer, members={1: silver(100)}), MEMBER, NOW)
    assert quote.discount_minor == -100
    (progress,) = quote.progress
    assert (progress.kind, progress.missing_minor, progress.off_minor) == ("tier", 100, 1000)
    assert progress.fraction == pytest.approx(0.99)


def test_a_tier_is_split_over_its_lines_by_what_is_left_of_each() -> None:
    offer = tiers((100, 100))
    quote = price(
        [line(1, 100), line(2, 100), line(3, 100), line(4, 500, store=2)], rules(offer), GUEST, NOW
    )
    assert [quoted.discount_minor for quoted in quote.lines] == [-34, -33, -33, 0]


def test_the_tier_reached_and_the_next_one_are_told() -> None:
    quote = price([line(1, 40000)], rules(tiers((30000, 3000), (60000, 8000))), GUEST, NOW)
    (applied,) = quote.applied
    assert (applied.from_minor, applied.amount_minor, applied.by_store) == (
        30000,
        -3000,
        {1: -3000},
    )
    (progress,) = quote.store(1).progress
    assert (progress.target_minor, progress.missing_minor, progress.off_minor) == (
        60000,
        20000,
        8000,
    )


def test_a_tier_that_would_not_give_more_is_not_promised() -> None:
    quote = price([line(1, 40000)], rules(tiers((30000, 3000), (60000, 2000))), GUEST, NOW)
    assert quote.progress == ()


def test_the_platforms_tiers_count_goods_of_all_stores() -> None:
    offer = tiers((20000, 3000), store=None)
    quote = price([line(1, 10000, store=1), line(2, 20000, store=2)], rules(offer), GUEST, NOW)
    assert quote.applied[0].by_store == {1: -1000, 2: -2000}


def test_offers_of_one_lane_do_not_push_one_another_out() -> None:
    store, platform = tiers((10000, 1000), number=1), tiers((10000, 500), store=None, number=2)
    quote = price([line(1, 10000)], rules(store, platform), GUEST, NOW)
    assert quote.discount_minor == -1500


def test_the_higher_priority_counts_first() -> None:
    low, high = tiers((100, 100), number=1), tiers((100, 200), number=2, priority=5)
    quote = price([line(1, 10000)], rules(low, high), GUEST, NOW)
    assert [applied.source_id for applied in quote.applied] == [2, 1]


def test_an_offer_holds_from_its_start_until_just_before_its_end() -> None:
    offer = tiers((100, 50), starts=NOW, ends=NOW + timedelta(hours=1))
    for moment, off in [
        (NOW - timedelta(seconds=1), 0),
        (NOW, -50),
        (NOW + timedelta(minutes=59), -50),
        (NOW + timedelta(hours=1), 0),
    ]:
        assert price([line(1, 1000)], rules(offer), GUEST, moment).discount_minor == off


def test_more_off_than_there_is_leaves_nothing_and_no_debt() -> None:
    quote = price([line(1, 100)], rules(tiers((50, 900)), coupons=(coupon(),)), GUEST, NOW)
    assert quote.total_minor == 0
    assert problem(quote).code == "coupon-nothing-to-reduce"


def test_a_coupon_takes_its_amount_off_all_stores_in_proportion() -> None:
    quote = price(
        [line(1, 10000), line(2, 20000, store=2)], rules(coupons=(coupon(3000),)), GUEST, NOW
    )
    assert quote.coupon is not None
    assert quote.coupon.applied is not None
    assert quote.coupon.applied.by_store == {1: -1000, 2: -2000}
    assert quote.coupon.amount_minor == -3000


def test_a_coupon_by_percentage_is_rounded_once() -> None:
    quote = price(
        [line(1, 333), line(2, 333), line(3, 333)],
        rules(coupons=(coupon(1500, kind="percentage"),)),
        GUEST,
        NOW,
    )
    assert quote.discount_minor == -150
    assert [quoted.discount_minor for quoted in quote.lines] == [-50, -50, -50]


def test_a_stores_coupon_reduces_its_own_lines_only() -> None:
    quote = price(
        [line(1, 1000), line(2, 5000, store=2)],
        rules(coupons=(coupon(3000, store_id=1),)),
        GUEST,
        NOW,
    )
    assert [quoted.total_minor for quoted in quote.lines] == [0, 5000]


def test_the_coupons_threshold_looks_at_what_the_tiers_left() -> None:
    given = rules(tiers((20000, 2000)), coupons=(coupon(threshold_minor=20000),))
    quote = price([line(1, 21000)], given, GUEST, NOW)
    assert problem(quote).code == "coupon-below-threshold"
    assert problem(quote).params["missing_minor"] == 1000
    (progress,) = quote.progress
    assert (progress.kind, progress.missing_minor, progress.off_minor) == ("coupon", 1000, 3000)
    assert price([line(1, 22000)], given, GUEST, NOW).discount_minor == -5000


@pytest.mark.parametrize(
    ("changes", "code"),
    (
        ({"starts_at": NOW + timedelta(minutes=1)}, "coupon-not-started"),
        ({"ends_at": NOW}, "coupon-ended"),
        ({"left": 0}, "coupon-used-up"),
        ({"left_for_customer": 0}, "coupon-limit-per-user"),
        ({"store_id": 3}, "coupon-other-store"),
        ({"currency": "USD"}, "coupon-other-currency"),
        ({"threshold_minor": 10001}, "coupon-below-threshold"),
    ),
)
def test_a_coupon_says_why_it_does_not_apply(changes: dict[str, object], code: str) -> None:
    quote = price([line(1, 10000)], rules(coupons=(coupon(**changes),)), GUEST, NOW)
    assert problem(quote).code == code
    assert quote.discount_minor == 0


def test_an_unknown_code_says_so() -> None:
    quote = price([line(1, 100)], rules(code="NOPE"), GUEST, NOW)
    assert problem(quote) == Problem("coupon-unknown", {"code": "NOPE"})


def test_of_coupons_that_share_a_code_the_best_that_applies_is_taken() -> None:
    shared = (
        coupon(500, coupon_id=1, store_id=1),
        coupon(900, coupon_id=2, store_id=2),
        coupon(9000, coupon_id=3, left=0),
    )
    quote = price([line(1, 5000), line(2, 5000, store=2)], rules(coupons=shared), GUEST, NOW)
    assert quote.coupon is not None
    assert (quote.coupon.coupon_id, quote.coupon.amount_minor) == (2, -900)


def test_of_coupons_that_all_fail_the_nearest_explains_itself() -> None:
    shared = (
        coupon(coupon_id=1, store_id=3),
        coupon(coupon_id=2, left=0),
        coupon(coupon_id=3, threshold_minor=9000),
        coupon(coupon_id=4, threshold_minor=6000),
    )
    quote = price([line(1, 5000)], rules(coupons=shared), GUEST, NOW)
    assert problem(quote).params["missing_minor"] == 1000


def test_delivery_is_free_from_a_worth_of_goods_after_offers() -> None:
    given = rules(tiers((100, 1000)), flat=800, free_from=20000)
    below = price([line(1, 20999)], given, GUEST, NOW)
    assert below.delivery_minor == 800
    (progress,) = below.progress
    assert (progress.kind, progress.missing_minor, progress.off_minor) == ("delivery", 1, 800)
    reached = price([line(1, 21000)], given, GUEST, NOW)
    assert reached.delivery_minor == 0
    assert reached.store(1).free_delivery


def test_what_is_not_sent_costs_no_delivery() -> None:
    quote = price(
        [line(1, 500, kind="service"), line(2, 500, kind="digital"), line(3, 500, store=2)],
        rules(flat=800),
        GUEST,
        NOW,
    )
    assert (quote.store(1).needs_delivery, quote.store(1).delivery_minor) == (False, 0)
    assert (quote.store(2).needs_delivery, quote.store(2).delivery_minor) == (True, 800)


def test_an_empty_cart_costs_nothing_and_says_nothing() -> None:
    quote = price([], rules(tiers((100, 50)), coupons=(coupon(),), flat=800), GUEST, NOW)
    assert (quote.total_minor, quote.stores, quote.progress, quote.coupon) == (0, (), (), None)


def test_goods_that_cost_nothing_carry_no_adjustment() -> None:
    quote = price([line(1, 0), line(2, 1000)], rules(tiers((100, 50))), GUEST, NOW)
    assert quote.line(1).adjustments == ()


@pytest.mark.parametrize(
    ("lines", "given"),
    (
        ([line(1, 100), line(1, 200)], rules()),
        ([line(1, 100, 0)], rules()),
        ([line(1, -1)], rules()),
        ([line(1, 100)], Rules("USD", (tiers((100, 50)),), deliveries={1: DeliveryRule(0)})),
        ([line(1, 100)], Rules("CNY")),
    ),
)
def test_a_callers_mistake_is_not_priced(lines: list[Line], given: Rules) -> None:
    with pytest.raises(ValueError, match=" "):
        price(lines, given, GUEST, NOW)


def test_units_go_back_for_exactly_what_they_cost() -> None:
    assert [refund_share(100, 3, -100, already, 1) for already in range(3)] == [67, 66, 67]
    assert refund_share(100, 3, -100, 0, 3) == 200
    for arguments in [
        (100, 3, 0, 2, 2),
        (100, 3, 0, -1, 1),
        (100, 0, 0, 0, 0),
        (100, 1, -200, 0, 1),
    ]:
        with pytest.raises(ValueError, match=" "):
            refund_share(*arguments)
