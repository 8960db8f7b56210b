"""What holds for every cart and every set of rules."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.campaigns.engine.benefits import AmountOff
from shop.campaigns.engine.conditions import GoodsFrom
from shop.campaigns.engine.price import price
from shop.campaigns.engine.quote import Quote
from shop.campaigns.engine.refund import refund_share
from shop.campaigns.engine.values import Line, Promotion, Rules, Step
from tests.unit.engine import carts

pytestmark = pytest.mark.soak


def goods(quote: Quote) -> int:
    return quote.total_minor - quote.delivery_minor


@given(carts.lines_strategy, carts.rules_strategy)
def test_every_sum_is_exact_and_nothing_falls_below_zero(lines: list[Line], rules: Rules) -> None:
    quote = price(lines, rules, carts.MEMBER, carts.NOW)
    for quoted in quote.lines:
        assert quoted.items_minor == quoted.unit_price_minor * quoted.quantity
        assert quoted.discount_minor == sum(a.amount_minor for a in quoted.adjustments)
        assert quoted.total_minor == quoted.items_minor + quoted.discount_minor
        assert quoted.total_minor >= 0
        assert all(a.amount_minor < 0 for a in quoted.adjustments)
    for store in quote.stores:
        own = [quoted for quoted in quote.lines if quoted.store_id == store.store_id]
        assert store.items_minor == sum(quoted.items_minor for quoted in own)
        assert store.goods_minor == sum(quoted.total_minor for quoted in own)
        assert store.discount_minor == store.goods_minor - store.items_minor
        assert store.total_minor == store.goods_minor + store.delivery_minor
        assert store.delivery_minor == 0 or store.needs_delivery
    assert quote.items_minor == sum(store.items_minor for store in quote.stores)
    assert quote.total_minor == sum(store.total_minor for store in quote.stores)
    assert quote.total_minor == quote.items_minor + quote.discount_minor + quote.delivery_minor


@given(carts.lines_strategy, carts.rules_strategy)
def test_what_is_said_to_apply_is_what_the_lines_carry(lines: list[Line], rules: Rules) -> None:
    quote = price(lines, rules, carts.MEMBER, carts.NOW)
    for applied in quote.applied:
        assert applied.amount_minor == sum(applied.by_store.values()) < 0
        for store_id, amount in applied.by_store.items():
            assert amount == sum(
                a.amount_minor
                for quoted in quote.lines
                if quoted.store_id == store_id
                for a in quoted.adjustments
                if (a.source, a.source_id) == (applied.source, applied.source_id)
                and (applied.store_id in (None, store_id))
            )
    assert quote.discount_minor == sum(applied.amount_minor for applied in quote.applied)
    for progress in quote.progress:
        assert progress.missing_minor > 0
        assert 0 <= progress.fraction < 1


@given(carts.lines_strategy, carts.rules_strategy, st.randoms(use_true_random=False))
def test_the_order_of_lines_and_rules_does_not_matter(
    lines: list[Line], rules: Rules, random: Any
) -> None:
    first = price(lines, rules, carts.MEMBER, carts.NOW)

    def shuffled(items: Sequence[Any]) -> list[Any]:
        return random.sample(list(items), len(items))

    other = replace(
        rules,
        promotions=tuple(
            replace(p, steps=tuple(shuffled(p.steps))) for p in shuffled(rules.promotions)
        ),
        coupons=tuple(shuffled(rules.coupons)),
        members=dict(shuffled(list(rules.members.items()))),
    )
    second = price(shuffled(lines), other, carts.MEMBER, carts.NOW)
    for quoted in first.lines:
        assert second.line(quoted.key) == quoted
    for store in first.stores:
        assert second.store(store.store_id) == store
    assert (first.applied, first.progress, first.coupon) == (
        second.applied,
        second.progress,
        second.coupon,
    )


@given(
    carts.lines_strategy,
    carts.promotions_strategy,
    carts.members_strategy,
    carts.steps_strategy,
    st.integers(0, 3),
)
def test_more_tiers_never_make_the_goods_dearer(
    lines: list[Line],
    promotions: tuple[Promotion, ...],
    members: dict[int, Any],
    extra: list[tuple[int, int]],
    which: int,
) -> None:
    before = price(lines, carts.rules(*promotions, members=members), carts.MEMBER, carts.NOW)
    if not promotions:
        more: tuple[Promotion, ...] = (carts.tiers(*extra),)
    else:
        which %= len(promotions)
        steps = tuple(Step(AmountOff(off), (GoodsFrom(over),)) for over, off in extra)
        more = tuple(
            replace(p, steps=p.steps + steps) if i == which else p for i, p in enumerate(promotions)
        )
    after = price(lines, carts.rules(*more, members=members), carts.MEMBER, carts.NOW)
    assert goods(after) <= goods(before)


@given(carts.lines_strategy, st.integers(1, 300_000), st.integers(1, 300_000), carts.amounts)
def test_a_lower_threshold_is_never_worse(
    lines: list[Line], one: int, other: int, off: int
) -> None:
    low, high = sorted((one, other))
    with_low = price(lines, carts.rules(carts.tiers((low, off))), carts.GUEST, carts.NOW)
    with_high = price(lines, carts.rules(carts.tiers((high, off))), carts.GUEST, carts.NOW)
    assert with_low.total_minor <= with_high.total_minor


@given(carts.lines_strategy, carts.promotions_strategy, carts.coupons_strategy)
def test_a_coupon_never_makes_the_goods_dearer_and_its_promise_is_kept(
    lines: list[Line], promotions: tuple[Promotion, ...], coupons: tuple[Any, ...]
) -> None:
    without = price(lines, carts.rules(*promotions), carts.GUEST, carts.NOW)
    with_coupon = price(lines, carts.rules(*promotions, coupons=coupons), carts.GUEST, carts.NOW)
    result = with_coupon.coupon
    if result is None:
        return
    assert (result.applied is None) != (result.problem is None)
    assert goods(with_coupon) == goods(without) + result.amount_minor
    if result.applied:
        rule = next(c for c in coupons if c.coupon_id == result.coupon_id)
        if rule.kind == "amount":
            assert -result.amount_minor <= rule.value
        measured = sum(q.total_minor for q in without.lines if rule.store_id in (None, q.store_id))
        assert measured >= rule.threshold_minor


@given(carts.lines_strategy, carts.promotions_strategy, carts.members_strategy)
def test_doing_what_a_prompt_asks_takes_more_off(
    lines: list[Line], promotions: tuple[Promotion, ...], members: dict[int, Any]
) -> None:
    # One offer at a time: two that give everything away leave nothing for one another.
    given_rules = carts.rules(*promotions[:1], members=members)
    quote = price(lines, given_rules, carts.GUEST, carts.NOW)
    for progress in quote.progress:
        store = progress.store_id or lines[0].store_id
        bought = [*lines, carts.line(999, progress.missing_minor, store=store)]
        after = price(bought, given_rules, carts.GUEST, carts.NOW)
        assert after.discount_minor < quote.discount_minor


@given(st.integers(0, 100_000), st.integers(1, 60), st.integers(0, 10_000), st.data())
def test_refunded_units_give_exactly_what_was_paid(
    unit: int, quantity: int, off_bp: int, data: st.DataObject
) -> None:
    discount = -(unit * quantity * off_bp // 10_000)
    paid = unit * quantity + discount
    already, given_back = 0, 0
    while already < quantity:
        n = data.draw(st.integers(1, quantity - already))
        share = refund_share(unit, quantity, discount, already, n)
        assert abs(share * quantity - paid * n) <= quantity  # within one minor unit of the average
        assert share >= 0
        given_back += share
        already += n
    assert given_back == paid
    assert refund_share(unit, quantity, discount, quantity, 0) == 0
