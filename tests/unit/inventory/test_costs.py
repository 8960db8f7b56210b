"""The moving average of what a unit costs."""

from hypothesis import given
from hypothesis import strategies as st

from shop.inventory.costs import moving_average

MONEY = st.integers(0, 10**9)
UNITS = st.integers(1, 10**6)


@given(MONEY, UNITS, UNITS, MONEY)
def test_the_average_lies_between_and_is_the_nearest(old, on_hand, came, new):
    found = moving_average(old, on_hand, came, new)
    assert min(old, new) <= found <= max(old, new)
    exact = old * on_hand + new * came
    assert 2 * abs(found * (on_hand + came) - exact) <= on_hand + came


def test_without_goods_or_an_old_cost_the_new_one_holds():
    assert moving_average(None, 5, 1, 700) == 700
    assert moving_average(500, 0, 1, 700) == 700
    assert moving_average(500, 1, 1, 601) == 551
