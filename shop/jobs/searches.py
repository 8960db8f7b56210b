"""What was searched for: noted in Redis by the pages, which write nothing, and written down by a job.

And the search entries that are to be written: of a store whose synonyms changed, of a category or brand
with another name, of goods that have none.
"""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import structlog
from redis.exceptions import RedisError
from sqlalchemy import ColumnElement, select

from shop.catalog.facets import derive
from shop.catalog.models import ListingRow, Product
from shop.catalog.search import entries, tallies
from shop.catalog.search.models import SearchEntry
from shop.core import changes, clock
from shop.core.db import db
from shop.core.transaction import transaction
from shop.jobs import noted, queue
from shop.jobs.context import job

_NOTED = "xiaopu:searches"
_TIMES, _FOUND = "times ", "found "
_MOST = 40_000
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
            pipe = waiting.redis.pipeline()  # both or neither, so that none is taken alone
            pipe.hincrby(_NOTED, _TIMES + name, 1)
            pipe.hset(_NOTED, _FOUND + name, found)
            pipe.execute()
    except RedisError as error:
        log.warning("could not note a search", error=str(error))


@job
def write_searches() -> int:
    """Write the noted searches down; returns how many queries."""
    return noted.write_down(_NOTED, _write)


def _write(fields: Mapping[str, str]) -> int:
    searched = []
    for field, times in fields.items():
        if field.startswith(_TIMES):
            name = field.removeprefix(_TIMES)
            day, query = json.loads(name)
            last = int(fields[_FOUND + name])
            searched.append(tallies.Searched(date.fromisoformat(day), query, int(times), last))
    with transaction():
        tallies.add(searched)
    return len(searched)


def reindex_store(payload: Mapping[str, Any], _delivery_id: int) -> None:
    """Write the entries of a store's goods again, its synonyms having changed. May run twice."""
    _reindex(Product.store_id == payload["store_id"])


def reindex_category(payload: Mapping[str, Any], _delivery_id: int) -> None:
    """Write the entries of a category's own goods again, which hold its name. May run twice."""
    _reindex(Product.category_id == payload["category_id"])


def reindex_brand(payload: Mapping[str, Any], _delivery_id: int) -> None:
    """Write the entries of a brand's goods again, which hold its name. May run twice."""
    _reindex(Product.brand_id == payload["brand_id"])


def _reindex(which: ColumnElement[bool]) -> None:
    last = 0
    while True:
        ids = db.session.scalars(
            select(Product.id)
            .where(which, Product.status == "published", Product.id > last)
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
    """Write the entries and facets of goods that have none (after an upgrade); returns how many."""
    done = _facets_missing()
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


def _facets_missing() -> int:
    done = last = 0
    while done < 50 * _BATCH and (ids := derive.missing(last, _BATCH)):
        with transaction():
            for product_id in ids:
                derive.refresh(product_id)
                changes.note("product", product_id)
        done, last = done + len(ids), ids[-1]
    return done
