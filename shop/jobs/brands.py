"""Two brands that are one: the goods that were left over by the request that asked for it."""

import time
from collections.abc import Mapping
from typing import Any

from shop.catalog import brands
from shop.core import outbox
from shop.core.errors import NotFound
from shop.core.transaction import transaction

_SECONDS = 20.0
"""Of one job; the queue gives it fifty."""


def merge_asked(payload: Mapping[str, Any], _delivery_id: int) -> None:
    """Go on giving the goods of one brand to another, a transaction for each batch. May run twice: a
    brand that is no more was merged. What does not fit into one job is left to the next."""
    ends = time.monotonic() + _SECONDS
    try:
        while time.monotonic() < ends:
            with transaction():
                if brands.merge(payload["brand_id"], payload["into_id"]):
                    return
    except NotFound:
        return
    with transaction():
        outbox.record("brand.merge_asked", **payload)
