"""What was searched for: noted in Redis by the pages, which write nothing, and written down by a job.

And the search entries that are to be written: of a store whose synonyms changed, of goods that have none.
"""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import structlog
from redis import Redis
from redis.exceptions import RedisError, ResponseError
from sqlalchemy import select

from shop.catalog.models import ListingRow, Product
from shop.catalog.search import entries, tallies
from shop.catalog.search.models import SearchEntry
from shop.core import clock
from shop.core.db import db
from shop.core.transaction import transaction
from shop.jobs import queue
from shop.jobs.context import job

_NOTED = "xiaopu:searches"
_TAKEN = "xiaopu:searches:taken"
_FOUND = ":found"
_MOST = 20_000
_BATCH = 100

log = structlog.get_logger(__name__)


def note(query: str, found: int) -> None:
    """Note that somebody searched; without Redis it is forgotten, which harms nobody."""
    waiting, asked = queue.present(), tallies.key(query)
    if waiting is None or not asked:
        return
    name = json.dumps([clock.now().date().isoformat(), asked], ensure_ascii=False)
    try:
        if waiting.redis.hlen(_NOTED) < _MOST:  # a machine that makes up queries fills no memory
            pipe = waiting.redis.pipeline(transaction=False)
            pipe.hincrby(_NOTED, name, 1)
            pipe.hset(_NOTED + _FOUND, name, found)
            pipe.execute()
    except RedisError as error:
        log.warning("could not note a search", error=str(error))


@job
def write_searches() -> int:
    """Write the noted searches down; returns how many queries."""
    waiting = queue.present()
    if waiting is None:
        return 0
    done = _write_taken(waiting.redis)  # what a killed run had left
    try:
        waiting.redis.rename(_NOTED, _TAKEN)
    except ResponseError:  # nothing was noted
        return done
    return done + _write_taken(waiting.redis)


def _write_taken(redis: Redis) -> int:
    taken = redis.hgetall(_TAKEN)
    if not taken:
        return 0
    found = redis.hgetall(_NOTED + _FOUND)
    searched = []
    for name, times in taken.items():
        day, query = json.loads(name)
        last = int(found.get(name, 0))
        searched.append(tallies.Searched(date.fromisoformat(day), query, int(times), last))
    with transaction():
        tallies.add(searched)
    # Killed here, a run counts twice: tallies are no ledger.
    redis.delete(_TAKEN, _NOTED + _FOUND)
    return len(searched)


def reindex_store(payload: Mapping[str, Any], _delivery_id: int) -> None:
    """Write the entries of a store's goods again, its synonyms having changed. May run twice."""
    last = 0
    while True:
        ids = db.session.scalars(
            select(Product.id)
            .where(
                Product.store_id == payload["store_id"],
                Product.status == "published",
                Product.id > last,
            )
            .order_by(Product.id)
            .limit(_BATCH)
        ).all()
        if not ids:
            return
        with transaction():
            for product_id in ids:
                entries.refresh(product_id)
        last = ids[-1]


@job
def index_missing() -> int:
    """Write the entries of published goods that have none (after an upgrade); returns how many."""
    done = 0
    while True:
        ids = db.session.scalars(
            select(ListingRow.product_id)
            .outerjoin(SearchEntry, SearchEntry.product_id == ListingRow.product_id)
            .where(ListingRow.published_at.is_not(None), SearchEntry.product_id.is_(None))
            .order_by(ListingRow.product_id)
            .limit(_BATCH)
        ).all()
        if not ids or done >= 50 * _BATCH:
            return done
        with transaction():
            for product_id in ids:
                entries.refresh(product_id)
        done += len(ids)
