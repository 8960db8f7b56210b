"""Who is told that something is back or costs less."""

from collections.abc import Callable, Mapping
from typing import Any

from shop.cart import wishlist_news
from shop.core import idempotency
from shop.core.db import db
from shop.core.transaction import transaction
from shop.inventory import waiting
from shop.jobs.context import job

_BATCH = 500
_ROUNDS = 200


def serve(payload: Mapping[str, Any], delivery_id: int) -> None:
    """``stock.back``: offer the units that came to those who asked first. Run again, it offers nothing."""
    key = f"delivery-{delivery_id}"
    with transaction():
        if idempotency.begin("serve-waits", key, delivery_id) is None:
            told = waiting.serve(payload["variant_id"], int(payload["units"]))
            idempotency.finish("serve-waits", key, str(told))


def forget_product(payload: Mapping[str, Any], _delivery_id: int) -> None:
    """``product.archived``: nobody waits for it any more."""
    with transaction():
        waiting.forget_product(payload["product_id"])


@job
def serve_due() -> int:
    """Offer what is left on the shelf to the next who wait, a round a day; returns how many were told."""
    return _each(waiting.due, lambda variant_id: waiting.serve(variant_id, None))


@job
def tell_wishes() -> int:
    """Tell members what costs less or is back on their wishlists; returns how many products were told of."""
    told = _each(wishlist_news.due, wishlist_news.tell)
    _repeat(wishlist_news.behind, wishlist_news.follow)
    return told


def _each(due: Callable[[int, int], list[int]], tell: Callable[[int], int]) -> int:
    """Tell of each that is due, a transaction each; returns the sum of what ``tell`` returns."""
    told = after = 0
    for _ in range(_ROUNDS):
        ids = due(_BATCH, after)
        db.session.rollback()
        for number in ids:
            with transaction():
                told += tell(number)
        if len(ids) < _BATCH:
            break
        after = ids[-1]
    return told


def _repeat(find: Callable[[int], list[int]], change: Callable[[list[int]], None]) -> None:
    for _ in range(_ROUNDS):
        ids = find(_BATCH)
        db.session.rollback()
        if ids:
            with transaction():
                change(ids)
        if len(ids) < _BATCH:
            break
