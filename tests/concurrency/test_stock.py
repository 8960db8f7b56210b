"""Goods arrive, are counted and cancelled while they are being bought."""

import pytest

from shop.core.transaction import transaction
from shop.inventory import services, transfers
from tests.concurrency.herd import Herd
from tests.concurrency.test_services import few, no_crash, placing
from tests.factories.orders import assert_sound, place_order, store_with_goods
from tests.support.sizes import Sizes

pytestmark = pytest.mark.soak


def test_a_transfer_arrives_and_a_count_falls_short_while_both_are_bought(
    herd: Herd, sizes: Sizes
) -> None:
    """What stands between them: ``hold`` at the beginning of ``transfers.receive``, ``set_on_hand`` and
    ``release`` (levels are locked before reservations, in one order), and the condition of
    ``transfers._count`` (no more arrives than was sent)."""
    goods = store_with_goods(stock=14, products=2)
    first, second = goods.variants
    with transaction():
        other = services.create_location(goods.store_id, "Annex", 1).id
    for _ in range(few(sizes)):
        kept = place_order({first: 3, second: 3})
        with transaction():
            key = transfers.draft(goods.store_id, goods.location_id, other, note="", actor="test")
            for variant in goods.variants:
                transfers.set_line(goods.store_id, key, variant, 6)
            transfers.send(goods.store_id, key, actor="test")
        acts = [placing([(first, 1), (second, 1)]) for _ in range(5)]
        acts += [placing([(second, 1), (first, 1)]) for _ in range(5)]
        acts += [
            {"name": "arrive", "store_id": goods.store_id, "key": key, "variants": list(order)}
            for order in ((first, second), (second, first)) * 2
        ]
        acts += [
            {"name": "count", "variant": variant, "location": goods.location_id, "units": 2}
            for variant in goods.variants
        ]
        acts.append({"name": "cancel", "order": kept.order})
        outcomes = no_crash(herd.run(acts))
        assert outcomes["transfer-too-many"] + outcomes["transfer-not-sent"] == 1, outcomes
        assert_sound()
        with transaction():
            for variant in goods.variants:
                services.set_on_hand(variant, goods.location_id, 14, reason="counted", actor="test")
