"""Taxes in and on top of prices: worked examples, and what holds for every cart."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.campaigns.engine import tax
from shop.campaigns.engine.price import price
from shop.campaigns.engine.refund import refund_share
from shop.campaigns.engine.tax import DELIVERY, Rate, Taxable, TaxRule
from tests.unit.engine import carts

VAT = Rate("VAT", 20_000, "GB")
GST = Rate("GST", 5_000, "CA")
QST = Rate("QST", 9_975, "CA", "QC")


def rule(*rates: Rate, **given: object) -> TaxRule:
    values = {"rates": {"standard": rates, "zero": ()}, "delivery": rates, "active": True} | given
    return TaxRule(**values)  # type: ignore[arg-type]  # the tests give what they mean


def quoted(taxes: TaxRule, *lines, flat: int = 0):
    rules = carts.rules(flat=flat)
    return price(
        lines,
        type(rules)("CNY", deliveries=rules.deliveries, taxes={1: taxes}),
        carts.GUEST,
        carts.NOW,
    )


def test_an_included_tax_is_taken_out_of_the_price() -> None:
    quote = quoted(rule(VAT), carts.line(1, 1200), flat=600)
    store = quote.store(1)
    assert (quote.total_minor, store.tax_minor, quote.line(1).tax_minor) == (1800, 300, 200)
    assert quote.line(1).taxes[0].net_minor == 1000
    assert quote.added_taxes == ()
    assert quote.included_tax_minor == 300


def test_a_tax_on_top_makes_the_total_larger_and_each_rate_is_shown() -> None:
    quote = quoted(
        rule(GST, QST, included=False, delivery=(GST,)), carts.line(1, 10_000), flat=1000
    )
    assert [(one.label, one.tax_minor) for one in quote.added_taxes] == [
        ("GST 5%", 550),
        ("QST 9.975%", 998),
    ]
    assert quote.total_minor == 10_000 + 1000 + 550 + 998


def test_rounding_of_each_line_and_of_the_order_differ() -> None:
    lines = [carts.line(number, 333) for number in range(1, 4)]  # 16.65 each: 17 + 17 + 17, or 50
    assert quoted(rule(GST, included=False), *lines).store(1).tax_minor == 51
    whole = quoted(rule(GST, included=False, rounding="order"), *lines)
    assert whole.store(1).tax_minor == 50
    assert sorted(whole.line(line.key).tax_minor for line in lines) == [16, 17, 17]


def test_a_class_without_rates_pays_none_and_an_unknown_one_is_the_standard() -> None:
    taxes = rule(VAT, included=False)
    assert taxes.of("zero") == ()
    assert taxes.of("") == taxes.of("gone") == (VAT,)


def test_a_store_without_taxes_says_nothing_of_them() -> None:
    store = price([carts.line(1, 1200)], carts.rules(), carts.GUEST, carts.NOW).store(1)
    assert (store.tax_minor, store.taxed, store.taxes) == (0, False, ())


rate_sets = st.lists(
    st.tuples(st.sampled_from("ABC"), st.integers(0, tax.WHOLE)).map(lambda one: Rate(*one)),
    max_size=3,
    unique_by=lambda rate: rate.name,
).map(lambda rates: tuple(sorted(rates)))
carts_of_things = st.lists(st.tuples(st.integers(0, 10**7), rate_sets), min_size=1, max_size=7).map(
    lambda rows: [
        Taxable(key or DELIVERY, amount, rates) for key, (amount, rates) in enumerate(rows)
    ]
)


@pytest.mark.soak
@given(carts_of_things, st.booleans(), st.sampled_from(["line", "order"]), st.randoms())
def test_shares_are_exact(
    things: list[Taxable], included: bool, rounding: str, chance: random.Random
) -> None:
    found = tax.shares(things, included=included, rounding=rounding)
    assert found.keys() == {one.key for one in things}
    for one in things:
        parts = found[one.key]
        assert tuple(part.rate for part in parts) == one.rates
        assert all(part.tax_minor >= 0 and part.net_minor >= 0 for part in parts)
        if included:
            assert all(part.net_minor + tax.total(parts) == one.amount_minor for part in parts)
        else:
            assert all(part.net_minor == one.amount_minor for part in parts)
    every = [part for parts in found.values() for part in parts]
    assert tax.total(tax.by_rate(every)) == tax.total(every)
    mixed = list(things)
    chance.shuffle(mixed)
    assert tax.shares(mixed, included=included, rounding=rounding) == found


@pytest.mark.soak
@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=7), rate_sets, st.booleans())
def test_roundings_differ_by_less_than_a_unit_per_line(
    amounts: list[int], rates: tuple[Rate, ...], included: bool
) -> None:
    things = [Taxable(key, amount, rates) for key, amount in enumerate(amounts, 1)]
    by_line, by_order = (
        tax.total(
            part
            for parts in tax.shares(things, included=included, rounding=rounding).values()
            for part in parts
        )
        for rounding in ("line", "order")
    )
    roundings = 1 if included else max(1, len(rates))  # each added rate is rounded by itself
    assert abs(by_line - by_order) <= max(0, roundings * len(amounts) - 1)


@pytest.mark.soak
@given(st.integers(0, 10**6), st.integers(1, 9), st.integers(0, 10**5), st.data())
def test_a_refund_by_parts_is_the_whole(net: int, quantity: int, tax_minor: int, data) -> None:
    """As refund quotes cut it: goods and each tax by running totals of their own."""
    left, given_back = quantity, 0
    while left:
        units = data.draw(st.integers(1, left))
        already = quantity - left
        given_back += refund_share(0, quantity, net, already, units)
        given_back += refund_share(0, quantity, tax_minor, already, units)
        left -= units
    assert given_back == net + tax_minor
