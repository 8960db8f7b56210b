"""An order is taken from the fewest locations that can fill it, and never more than they have."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from shop.inventory.allocation import allocate

ORDER = [4, 2, 3, 1]
FREE = st.fixed_dictionaries(
    {place: st.fixed_dictionaries({v: st.integers(-1, 4) for v in (7, 8, 9)}) for place in ORDER}
)
WANTED = st.dictionaries(st.sampled_from([7, 8, 9]), st.integers(1, 6), min_size=1)


def fills(places, wanted, free):
    return all(sum(max(0, free[p][v]) for p in places) >= n for v, n in wanted.items())


@given(WANTED, FREE)
def test_the_fewest_locations_in_the_order_of_priority(wanted, free):
    plan = allocate(wanted, free, ORDER)
    sets = [s for size in range(5) for s in combinations(ORDER, size) if fills(s, wanted, free)]
    if not sets:
        assert plan is None
        return
    used = {place for taken in plan.values() for place in taken}
    assert used == set(sets[0])
    for variant, units in wanted.items():
        assert sum(plan[variant].values()) == units
        assert all(0 < n <= free[place][variant] for place, n in plan[variant].items())


def test_one_location_that_has_all_goes_before_the_first_two():
    free = {1: {7: 5, 8: 0}, 2: {7: 0, 8: 5}, 3: {7: 2, 8: 2}}
    assert allocate({7: 2, 8: 2}, free, [1, 2, 3]) == {7: {3: 2}, 8: {3: 2}}
    assert allocate({7: 3, 8: 2}, free, [1, 2, 3]) == {7: {1: 3}, 8: {2: 2}}


def test_very_many_locations_are_filled_from_the_fullest():
    free = {place: {7: place} for place in range(1, 41)}
    plan = allocate({7: 600}, free, list(range(1, 41)))
    assert sum(plan[7].values()) == 600
    assert len(plan[7]) == 20
