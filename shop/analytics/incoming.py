"""What is on its way to the places of a store."""

from collections import Counter
from collections.abc import Sequence

from shop.inventory import flow_queries, purchase_queries


def units(variant_ids: Sequence[int]) -> dict[tuple[int, int], int]:
    """(variant, location) → units that were sent there or ordered for it and have not come yet. Two statements."""
    found: Counter[tuple[int, int]] = Counter()
    found.update(flow_queries.in_transit(variant_ids))
    found.update(purchase_queries.ordered(variant_ids))
    return dict(found)
