"""Races of real processes for the last places of a delivery's time."""

from dataclasses import asdict

import pytest

from shop.store import queries
from tests.concurrency.herd import Act, Herd
from tests.concurrency.test_services import few, no_crash
from tests.factories.delivery import EVERY_HOUR, first_window, make_method, make_zone
from tests.factories.orders import assert_sound, fill_cart, guest, store_with_goods, submission
from tests.support.sizes import Sizes

pytestmark = pytest.mark.soak


def test_12_buyers_race_for_the_last_4_places_of_a_time(herd: Herd, sizes: Sizes) -> None:
    """Guard: the condition of ``delivery_services.take_slot``; without it the check refuses instead."""
    goods = store_with_goods(stock=500)
    zone = make_zone(goods.store_id, "Near", "CN")
    slots = tuple((*slot[:3], 4) for slot in EVERY_HOUR)
    local = make_method(goods.store_id, zone, "local", price_minor=300, slots=slots)
    slug = queries.get(goods.store_id).slug

    def placing(window: str) -> Act:
        owner = guest()
        fill_cart(owner, goods.variant)
        form = submission(owner, methods={slug: local}, windows={slug: window})
        return {
            "name": "place",
            "owner": {"token": owner.token, "user_id": None},
            "form": asdict(form),
            "key": "the-key-of-this-form",
        }

    for _ in range(min(few(sizes), 6)):  # as many days as are offered
        window = first_window(goods.store_id, local)
        outcomes = no_crash(herd.run([placing(window) for _ in range(12)]))
        assert (outcomes["ok"], outcomes["slot-taken"]) == (4, 8)
        assert_sound()
