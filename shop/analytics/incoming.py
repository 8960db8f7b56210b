"""What is on its way to the places of a store."""

from collections import Counter
from collections.abc import Sequence

from shop.inventory import flow_queries


def units(variant_ids: Sequence[int]) -> dict[tuple[int, int], int]:
    """(variant, location) → units that were sent there and have not come yet."""
    found: Counter[tuple[int, int]] = Counter()
    found.update(flow_queries.in_transit(variant_ids))
    return dict(found)
