"""Rounding and splitting lose nothing."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.core import money
from shop.core.errors import Invalid
from shop.core.money import Money

pytestmark = pytest.mark.soak

currencies = st.sampled_from(["CNY", "USD", "JPY", "KWD"])
minors = st.integers(-money.MAX_MINOR + 1, money.MAX_MINOR - 1)
weights = st.lists(st.integers(0, 10**9), min_size=1, max_size=12)


@given(minors, weights)
def test_shares_sum_to_the_whole_and_keep_proportion(total: int, given_weights: list[int]) -> None:
    shares = money.split(total, given_weights)
    assert sum(shares) == total
    assert len(shares) == len(given_weights)
    whole = sum(given_weights)
    for share, weight in zip(shares, given_weights, strict=True):
        fair = Fraction(total * weight, whole) if whole else Fraction(total, len(given_weights))
        assert abs(share - fair) < 1
        assert share * total >= 0


@given(weights, st.data())
def test_no_share_of_a_part_exceeds_its_weight(
    given_weights: list[int], data: st.DataObject
) -> None:
    part = data.draw(st.integers(0, sum(given_weights)))
    shares = money.split(part, given_weights)
    if sum(given_weights):
        assert all(s <= w for s, w in zip(shares, given_weights, strict=True))


@given(minors, weights)
def test_a_debt_is_split_as_its_opposite(total: int, given_weights: list[int]) -> None:
    opposite = [-share for share in money.split(total, given_weights)]
    assert money.split(-total, given_weights) == opposite


@pytest.mark.parametrize("bad", ([], [1, -1]))
def test_nothing_and_negative_weights_are_refused(bad: list[int]) -> None:
    with pytest.raises(ValueError, match=r"weight|nothing"):
        money.split(1, bad)


def test_equal_remainders_go_to_the_earlier_place() -> None:
    assert money.split(100, [1, 1, 1]) == [34, 33, 33]
    assert money.split(2, [0, 0, 0]) == [1, 1, 0]


@given(minors, currencies)
def test_a_figure_written_is_read_back(minor: int, currency: str) -> None:
    places = money.exponent(currency)
    if abs(minor) // 10**places < money.MAX_MINOR:
        assert money.parse(money.to_text(minor, currency), currency) == minor
    assert money.to_decimal(minor, currency) == Decimal(minor) / 10**places


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    (
        ("88.8", "CNY", 8880),
        (" 1,088.80 ", "CNY", 108880),
        ("1，088", "CNY", 108800),
        ("12", "JPY", 12),
        ("1.234", "KWD", 1234),
        ("-5", "CNY", -500),
        ("1e2", "CNY", 10000),
    ),
)
def test_figures_as_people_write_them(text: str, currency: str, minor: int) -> None:
    assert money.parse(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency"),
    (
        ("", "CNY"),
        ("abc", "CNY"),
        ("1.234", "CNY"),
        ("1.5", "JPY"),
        ("NaN", "CNY"),
        ("sNaN", "CNY"),
        ("Infinity", "CNY"),
        ("-Infinity", "CNY"),
        ("1" * 25, "CNY"),
        ("1e-400", "CNY"),
        ("88,80", "CNY"),
        ("1,08,8", "CNY"),
        ("1_000", "CNY"),
        ("1,000,00.5", "CNY"),
    ),
)
def test_what_is_no_amount_is_unreadable(text: str, currency: str) -> None:
    with pytest.raises(Invalid) as refused:
        money.parse(text, currency)
    assert refused.value.reason == "money-unreadable"


@pytest.mark.parametrize("text", ("10000000000", "9" * 20, "1e30", "-1e30", "1e999999"))
def test_amounts_beyond_any_sale_are_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        money.parse(text)
    assert refused.value.reason == "money-too-large"


@given(st.text(max_size=30))
def test_whatever_is_typed_gives_an_amount_or_a_refusal(text: str) -> None:
    try:
        value = money.parse(text)
    except Invalid:
        return
    assert abs(value) < money.MAX_MINOR


@given(st.integers(0, money.MAX_MINOR), st.integers(0, 10_000))
def test_a_percentage_is_rounded_half_up_and_stays_within_the_whole(minor: int, bp: int) -> None:
    result = money.percentage(minor, bp)
    assert 0 <= result <= minor
    assert Fraction(minor * bp, 10_000) - Fraction(1, 2) < result
    assert result <= Fraction(minor * bp, 10_000) + Fraction(1, 2)


def test_two_currencies_do_not_mix() -> None:
    assert Money(100, "CNY") + Money(50, "CNY") == Money(150, "CNY")
    assert Money(100, "CNY") - Money(50, "CNY") == Money(50, "CNY")
    assert -Money(100, "CNY") * 2 == Money(-200, "CNY")
    assert str(Money(8880, "CNY")) == "88.80 CNY"
    assert not Money(0, "CNY")
    with pytest.raises(ValueError, match="mix"):
        Money(1, "CNY") + Money(1, "USD")
    with pytest.raises(ValueError, match="mix"):
        Money(1, "CNY") - Money(1, "USD")
