"""Time, ids and states."""

import random
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.core import clock, ids
from shop.core.errors import IllegalTransition, ShopError
from shop.core.states import Machine
from shop.order.states import ORDER, PAYMENT, SHIPPING
from shop.payment.states import ATTEMPT, REFUND

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_time_stands_still_and_moves_on_command():
    with clock.at(NOON):
        assert clock.now() == NOON
        clock.advance(timedelta(hours=1))
        assert clock.now() == NOON + timedelta(hours=1)
        with clock.at(NOON.astimezone(timezone(timedelta(hours=8)))):
            assert clock.now() == NOON
            assert clock.now().tzinfo is UTC
        assert clock.now() == NOON + timedelta(hours=1)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)


def test_the_real_clock_is_not_moved():
    with pytest.raises(RuntimeError):
        clock.advance(timedelta(hours=1))
    with pytest.raises(ValueError), clock.at(datetime(2026, 1, 1)):
        pass


def test_public_ids_do_not_repeat_and_tokens_do_not_listen():
    assert len({ids.public_id() for _ in range(1000)}) == 1000
    assert all(len(ids.public_id()) == 16 for _ in range(10))
    with ids.drawn_from(random.Random(1)):
        first, secret = ids.public_id(), ids.token()
    with ids.drawn_from(random.Random(1)):
        assert ids.public_id() == first
        assert ids.token() != secret
    assert len(ids.token()) >= 22


@given(st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2099, 1, 1)))
def test_order_numbers_are_dated_and_checked(day):
    number = ids.order_number(day)
    assert number[:6] == day.strftime("%y%m%d")
    assert ids.is_order_number(number)
    assert ids.normalise_number(f" {number.lower().replace('-', ' ')} ") == number
    assert not set(number[7:]) & set("01OIL")
    wrong = number[:-1] + next(c for c in ids.ALPHABET if c != number[-1])
    assert not ids.is_order_number(wrong)


@given(st.text(max_size=30))
def test_what_people_type_is_no_order_number_by_accident(text):
    typed = ids.normalise_number(text)
    if ids.is_order_number(typed):
        assert len(typed) == 13


@given(st.text(alphabet=ids.ALPHABET, min_size=5, max_size=5), st.integers(0, 4))
def test_every_wrong_character_is_noticed(stem, place):
    check = ids.check_character("261124" + stem)
    assert ids.is_order_number(f"261124-{stem}{check}")
    for other in set(ids.ALPHABET) - {stem[place]}:
        slipped = stem[:place] + other + stem[place + 1 :]
        assert not ids.is_order_number(f"261124-{slipped}{check}")


@given(st.text(alphabet=ids.ALPHABET, min_size=5, max_size=5), st.integers(0, 3))
def test_nearly_every_swap_of_neighbours_is_noticed(stem, place):
    check = ids.check_character("261124" + stem)
    one, two = stem[place], stem[place + 1]
    swapped = stem[:place] + two + one + stem[place + 2 :]
    apart = abs(ids.ALPHABET.index(one) - ids.ALPHABET.index(two))
    assert ids.is_order_number(f"261124-{swapped}{check}") == (apart in (0, 15))


def test_numbers_for_providers_and_codes_for_counters():
    assert len(ids.attempt_number("XP")) == 24
    assert ids.attempt_number("RF").isalnum()
    assert [len(part) for part in ids.redemption_code().split("-")] == [4, 4, 4]


class Light(StrEnum):
    RED = "red"
    GREEN = "green"


def test_a_move_that_is_not_listed_is_refused():
    machine = Machine[Light]("light", {Light.RED: frozenset({Light.GREEN})})
    machine.check(Light.RED, Light.GREEN)
    assert machine.sources(Light.GREEN) == [Light.RED]
    for old, new in ((Light.GREEN, Light.RED), (Light.RED, Light.RED)):
        with pytest.raises(IllegalTransition) as refused:
            machine.check(old, new)
        assert refused.value.params == {"machine": "light", "old": str(old), "new": str(new)}


@pytest.mark.parametrize("machine", (ORDER, PAYMENT, SHIPPING, ATTEMPT, REFUND))
def test_no_state_moves_to_itself(machine):
    for old, targets in machine.moves.items():
        assert old not in targets


def test_errors_say_their_code_and_parameters():
    error = ShopError("stock-short", available=3)
    assert (error.reason, error.params) == ("stock-short", {"available": 3})
    assert str(error) == "stock-short (available=3)"
    assert str(ShopError()) == "error"
