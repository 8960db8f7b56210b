"""Races of real processes for the money on one card."""

from collections import Counter
from dataclasses import asdict

import pytest

from tests.concurrency.herd import Herd
from tests.factories.cards import card, give_balance, kept_as, make_card
from tests.factories.orders import (
    Owner,
    assert_sound,
    fill_cart,
    guest,
    store_with_goods,
    submission,
)
from tests.factories.users import make_user

pytestmark = pytest.mark.soak


def test_a_card_is_never_spent_twice(herd: Herd) -> None:
    """Guards: the row lock of ``card_offers.offer``, which lets the losers see what is left, and the condition
    of ``cards.move``."""
    # A product each: the rows of a common one would let them in one by one.
    goods = store_with_goods(stock=4, price_minor=8000, products=9)
    name = make_card(goods.store_id, 12_000)
    member = make_user().id
    balance = give_balance(goods.store_id, member, 3000)
    acts = []
    for variant in goods.variants[1:]:
        owner = guest()
        fill_cart(owner, variant)
        acts.append(_placing(owner, cards=kept_as(name), expected_due_minor=0))
    fill_cart(Owner(user_id=member), goods.variant)
    acts += [
        _placing(Owner(user_id=member), key=f"two-windows-{n}", use_balance=True) for n in (1, 2)
    ]
    outcomes = Counter(report["outcome"] for report in herd.run(acts))
    assert not [found for found in outcomes if found.startswith(("crash", "busy"))], outcomes
    assert outcomes["ok"] == 2, outcomes
    assert outcomes["total-changed"] == 7, outcomes
    assert outcomes["cart-empty"] == 1, outcomes
    assert (card(name).balance_minor, card(balance).balance_minor) == (4000, 0)
    assert_sound()


def _placing(
    owner: Owner, key: str = "the-key-of-this-form", **fields: object
) -> dict[str, object]:
    return {
        "name": "place",
        "owner": {"token": owner.token, "user_id": owner.user_id},
        "form": asdict(submission(owner, **fields)),
        "key": key,
    }
