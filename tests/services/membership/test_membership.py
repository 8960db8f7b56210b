"""Levels follow from what was spent."""

import pytest

from shop.core.errors import Conflict, Invalid
from shop.core.transaction import transaction
from shop.membership import checks, queries, services
from tests.factories.stores import make_store
from tests.factories.users import make_user

NAMES = {"en": "Friend", "zh": "常客"}


def level(store_id, rank, spend_from, discount_bp=500):
    with transaction():
        return services.create_level(
            store_id, NAMES, rank=rank, spend_from_minor=spend_from, discount_bp=discount_bp
        ).id


def spend(store_id, user_id, minor):
    with transaction():
        services.add_spent(store_id, user_id, minor)


@pytest.fixture
def store(app):
    return make_store()


@pytest.fixture
def person(app):
    return make_user().id


def test_spending_moves_a_member_up_and_a_refund_back(store, person):
    first, second = level(store, 1, 0, 0), level(store, 2, 100_00, 500)
    spend(store, person, 99_99)
    assert queries.standing(person, store).level.level_id == first
    assert queries.standing(person, store).to_next_minor == 1
    spend(store, person, 1)
    assert queries.standing(person, store).level.level_id == second
    assert queries.standing(person, store).to_next_minor is None
    spend(store, person, -50_00)
    assert queries.standing(person, store).level.level_id == first
    spend(store, person, -500_00)
    assert queries.standing(person, store).spent_minor == 0
    assert checks.differences() == []


def test_what_a_level_is_worth_per_store(store, person):
    other = make_store()
    worth = level(store, 1, 0, 750)
    level(other, 1, 0, 0)
    with transaction():
        services.join(store, person)
        services.join(store, person)
        services.join(other, person)
    assert queries.discounts(person, [store, other]) == {store: (worth, 750, NAMES)}
    assert queries.discounts(person, []) == {}
    assert queries.discounts(None, [store]) == {}


def test_nobody_has_spent_nothing(store, person):
    found = queries.standing(person, store)
    assert (found.spent_minor, found.level, found.next_names) == (0, None, None)


def test_a_new_level_takes_those_whom_it_fits(store, person):
    spend(store, person, 200_00)
    assert queries.standing(person, store).level is None
    worth = level(store, 1, 100_00)
    assert queries.standing(person, store).level.level_id == worth
    with transaction():
        services.update_level(worth, names=NAMES, spend_from_minor=300_00, discount_bp=100)
    assert queries.standing(person, store).level is None
    assert queries.levels(store)[0].members == 0
    assert checks.differences() == []


@pytest.mark.parametrize(
    ("rank", "spend_from", "discount_bp", "names", "code"),
    (
        (2, 100_00, 9001, NAMES, "discount-out-of-range"),
        (2, -1, 0, NAMES, "amount-out-of-range"),
        (2, 2**63, 0, NAMES, "amount-out-of-range"),
        (2, 100_00, 0, {"en": " "}, "level-name-missing"),
        (2, 5_00, 0, NAMES, "level-order"),
        (0, 50_00, 0, NAMES, "level-order"),
    ),
)
def test_levels_that_are_refused(store, rank, spend_from, discount_bp, names, code):
    level(store, 1, 10_00)
    with pytest.raises(Invalid) as refused, transaction():
        services.create_level(
            store, names, rank=rank, spend_from_minor=spend_from, discount_bp=discount_bp
        )
    assert refused.value.reason == code


def test_a_rank_is_taken_once(store):
    level(store, 1, 0)
    with pytest.raises(Conflict):
        level(store, 1, 10_00)


def test_members_are_listed_for_their_stores_only(store, person):
    other = make_store()
    spend(store, person, 10_00)
    assert [row.user_id for row in queries.members([store])] == [person]
    assert queries.members([other]) == []
