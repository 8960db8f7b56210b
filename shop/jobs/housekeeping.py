"""Rows that nobody needs any more."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from flask import current_app
from sqlalchemy import delete, exists, select
from sqlalchemy.orm import aliased

from shop.account import addresses, sessions, tokens
from shop.cart.models import Cart, WishlistItem
from shop.catalog.runs import uploads
from shop.catalog.runs.keeping import Kept
from shop.core import changes, clock
from shop.core.db import db
from shop.core.models import IdempotencyKey
from shop.core.transaction import after_commit, transaction
from shop.inventory import waiting
from shop.jobs.context import job
from shop.jobs.outbox import forget_delivered

_BATCH = 500
_ROUNDS = 20


@job
def tidy() -> int:
    """Delete what is over: idempotency keys, guests' carts and wishes, what nobody waits for any more, links,
    sessions, removed addresses, changes, files of imports, events."""
    month = timedelta(days=30)
    guests = timedelta(days=60)
    return sum(
        _repeat(batch)
        for batch in (
            lambda: _forget_keys(timedelta(days=2)),
            lambda: _forget_carts(guests),
            lambda: _forget_wishes(guests),
            lambda: waiting.forget_old(told=month, asked=timedelta(days=365)),
            lambda: tokens.forget_old(timedelta(days=7)),
            lambda: sessions.forget_ended(month),
            addresses.forget_removed,
            changes.forget_old,
            lambda: _forget_uploads(timedelta(days=current_app.config["IMPORTS_KEPT_DAYS"])),
        )
    ) + forget_delivered(month)


def _repeat(batch: Callable[[], int]) -> int:
    """Batches of at most 500 rows, a transaction each, so that nobody waits for the tidying."""
    done = 0
    for _ in range(_ROUNDS):
        with transaction():
            count = batch()
        done += count
        if count < _BATCH:
            break
    return done


def _forget_keys(older_than: timedelta) -> int:
    old = (
        select(IdempotencyKey.id)
        .where(IdempotencyKey.created_at < clock.now() - older_than)
        .limit(_BATCH)
    )
    gone = delete(IdempotencyKey).where(IdempotencyKey.id.in_(old)).returning(IdempotencyKey.id)
    return len(db.session.scalars(gone).all())


def _forget_carts(older_than: timedelta) -> int:
    old = (
        select(Cart.id)
        .where(Cart.token_hash.is_not(None), Cart.updated_at < clock.now() - older_than)
        .limit(_BATCH)
    )
    gone = delete(Cart).where(Cart.id.in_(old)).returning(Cart.id)
    return len(db.session.scalars(gone).all())


def _forget_uploads(older_than: timedelta) -> int:
    """Files that were brought in, with what was found in them; what their runs did stays."""
    count, files = uploads.forget_old(clock.now() - older_than, _BATCH)
    kept = Kept(current_app.config["IMPORTS_FOLDER"])
    for name in files:
        after_commit(partial(kept.forget, name))
    return count


def _forget_wishes(older_than: timedelta) -> int:
    """A guest's wishes go with the cart of the same cookie; without one, when the last was saved so long ago."""
    before = clock.now() - older_than
    later = aliased(WishlistItem)
    old = (
        select(WishlistItem.id)
        .where(
            WishlistItem.token_hash.is_not(None),
            WishlistItem.created_at < before,
            ~exists().where(Cart.token_hash == WishlistItem.token_hash),
            ~exists().where(
                later.token_hash == WishlistItem.token_hash, later.created_at >= before
            ),
        )
        .limit(_BATCH)
    )
    gone = delete(WishlistItem).where(WishlistItem.id.in_(old)).returning(WishlistItem.id)
    return len(db.session.scalars(gone).all())
