"""Carts and rules for the engine's tests: short spellings, and random ones."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from shop.campaigns.engine.benefits import AmountOff, PercentageOff
from shop.campaigns.engine.conditions import GoodsFrom
from shop.campaigns.engine.values import (
    CouponRule,
    Customer,
    DeliveryRule,
    Lane,
    Line,
    MemberRule,
    Promotion,
    Rules,
    Scope,
    Step,
)

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
GUEST = Customer()
MEMBER = Customer(user_id=7)
STORES = (1, 2, 3)


def line(key: int, price: int, quantity: int = 1, store: int = 1, kind: str = "physical") -> Line:
    return Line(key, store, 100 + key, None, kind, price, quantity)


def tiers(
    *steps: tuple[int, int],
    store: int | None = 1,
    number: int = 1,
    priority: int = 0,
    starts: datetime | None = None,
    ends: datetime | None = None,
) -> Promotion:
    return Promotion(
        "promotion",
        number,
        Lane.SPEND_AND_SAVE,
        Scope(store),
        tuple(Step(AmountOff(off), (GoodsFrom(over),)) for over, off in steps),
        {"en": "Autumn tea", "zh": "秋茶"},
        "CNY",
        priority,
        starts,
        ends,
    )


def coupon(value: int = 3000, **changes: Any) -> CouponRule:
    given: dict[str, Any] = {
        "coupon_id": 9,
        "code": "WELCOME",
        "store_id": None,
        "currency": "CNY",
        "kind": "amount",
        "threshold_minor": 0,
        "labels": {"en": "Welcome", "zh": "欢迎"},
        "starts_at": NOW - timedelta(days=1),
        "ends_at": NOW + timedelta(days=1),
    }
    return CouponRule(value=value, **(given | changes))


def rules(
    *promotions: Promotion,
    coupons: tuple[CouponRule, ...] = (),
    code: str | None = None,
    members: dict[int, MemberRule] | None = None,
    flat: int = 0,
    free_from: int | None = None,
) -> Rules:
    if coupons and code is None:
        code = coupons[0].code
    return Rules(
        "CNY",
        promotions,
        coupons,
        code,
        members or {},
        {store: DeliveryRule(flat, free_from) for store in STORES},
    )


def silver(bp: int) -> MemberRule:
    return MemberRule(5, bp, {"en": "Silver", "zh": "银卡"})


amounts = st.integers(0, 50_000)
lines_strategy = st.lists(
    st.tuples(
        st.sampled_from(STORES),
        amounts,
        st.integers(1, 9),
        st.sampled_from(["physical", "service", "digital"]),
    ),
    min_size=1,
    max_size=8,
).map(
    lambda rows: [
        line(i, price, quantity, store, kind)
        for i, (store, price, quantity, kind) in enumerate(rows)
    ]
)
steps_strategy = st.lists(
    st.tuples(st.integers(1, 200_000), st.integers(1, 60_000)), min_size=1, max_size=4
)
promotions_strategy = st.lists(
    st.tuples(
        steps_strategy,
        st.sampled_from([None, *STORES]),
        st.integers(0, 2),
        st.sampled_from(["amount", "percentage"]),
    ),
    max_size=4,
).map(
    lambda rows: tuple(
        Promotion(
            "promotion",
            i,
            Lane.SPEND_AND_SAVE,
            Scope(store),
            tuple(
                Step(
                    AmountOff(off) if kind == "amount" else PercentageOff(off % 10_000 + 1),
                    (GoodsFrom(over),),
                )
                for over, off in steps
            ),
            {"en": f"Offer {i}"},
            "CNY",
            priority,
        )
        for i, (steps, store, priority, kind) in enumerate(rows)
    )
)
members_strategy = st.dictionaries(
    st.sampled_from(STORES), st.integers(0, 9000).map(silver), max_size=3
)
coupons_strategy = st.lists(
    st.tuples(
        st.sampled_from(["amount", "percentage"]),
        st.integers(1, 10_000),
        st.integers(0, 100_000),
        st.sampled_from([None, *STORES]),
    ),
    max_size=3,
).map(
    lambda rows: tuple(
        coupon(value, coupon_id=i, kind=kind, threshold_minor=over, store_id=store)
        for i, (kind, value, over, store) in enumerate(rows)
    )
)
rules_strategy = st.builds(
    lambda promotions, coupons, members, flat, free_from: rules(
        *promotions, coupons=coupons, members=members, flat=flat, free_from=free_from
    ),
    promotions_strategy,
    coupons_strategy,
    members_strategy,
    st.integers(0, 3000),
    st.none() | st.integers(0, 100_000),
)
