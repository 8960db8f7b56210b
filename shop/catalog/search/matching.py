"""The statements that look into the index: which products match, best first.

Two tiers: goods whose title holds every word (or whose code is the query), then those that hold them
anywhere. Within a tier by place, so that the databases stop reading when a page is full. What is asked
for goes in as ``parameters``, so that the statements can be built once.
"""

import json
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    String,
    bindparam,
    cast,
    column,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from shop.catalog.models import ListingRow
from shop.catalog.search import query as questions
from shop.catalog.search import schema
from shop.catalog.search.models import SearchEntry
from shop.catalog.search.query import Query
from shop.core.db import db, read

MOST_COUNTED = 1000
"""Counting ends here: nobody reads further, and a common word matches half the shop."""
TIERS = (0, 1)

_FTS = table(schema.FTS, column("rowid", BigInteger), column(schema.FTS, String))
_TITLE_WORDS: ColumnElement[Any] = literal_column("search_entry.title_words")
_WORDS: ColumnElement[Any] = literal_column("search_entry.words")


def tier(number: int, code: bool) -> Select[Any]:
    """The matches of one tier as (product_id, k0 = tier, k1 = place), in that order, joined to their
    listing rows. ``code``: whether the query has one."""
    columns: list[Any] = [SearchEntry.product_id, literal(number).label("k0")]
    found: Select[Any] = select(*columns, SearchEntry.place.label("k1"))
    if _on_sqlite():
        found = _looked_up(found).order_by(_FTS.c.rowid)
    else:
        in_title = _holds(_TITLE_WORDS, "asked")
        if code:
            in_title = or_(in_title, _holds(_WORDS, "coded"))
        found = found.where(_holds(_WORDS, "asked"), ~in_title) if number else found.where(in_title)
        found = found.order_by(SearchEntry.place)
    return found.join(ListingRow, ListingRow.product_id == SearchEntry.product_id)


def place() -> ColumnElement[Any]:
    """The column by which a tier is ordered, for going on where a page ended."""
    found: ColumnElement[Any] = _FTS.c.rowid if _on_sqlite() else SearchEntry.__table__.c.place
    return found


def matches(*columns: Any) -> Select[Any]:
    """``columns`` of all entries that match."""
    if _on_sqlite():
        return _looked_up(select(*columns))
    return select(*columns).select_from(SearchEntry).where(_holds(_WORDS, "asked"))


def parameters(query: Query, number: int | None = None) -> dict[str, Any]:
    """What the statements ask with: those of one tier, or those of all matches."""
    if not _on_sqlite():
        asked: dict[str, Any] = {"asked": questions.tsquery(query)}
        if number is not None and query.code:
            asked["coded"] = questions.tsquery(replace(query, groups=()))
        return asked
    everywhere = questions.fts5(query)
    if number is None:
        return {"asked": everywhere}
    in_title = questions.fts5(query, "title")
    return {"asked": f"({everywhere}) NOT ({in_title})" if number else in_title}


def candidates(query: Query) -> list[int]:
    """The ids of what matches, up to ``MOST_COUNTED`` and one more. One statement."""
    values = parameters(query) | {"counted": MOST_COUNTED + 1}
    found = read(_candidates(db.engine.dialect.name), values).scalar_one()
    ids: list[int] = json.loads(found) if isinstance(found, str) else found or []
    return ids


@lru_cache(maxsize=2)
def _candidates(_dialect: str) -> Select[Any]:
    """All of them in one row: a thousand rows cost more than finding them."""
    found = matches(SearchEntry.product_id).limit(bindparam("counted", type_=Integer)).subquery()
    gathered: Any = func.json_group_array if _on_sqlite() else func.array_agg
    return select(gathered(found.c.product_id))


def _looked_up(columns: Select[Any]) -> Select[Any]:
    return (
        columns.select_from(_FTS)
        .join(SearchEntry, SearchEntry.place == _FTS.c.rowid)
        .where(_FTS.c[schema.FTS].op("MATCH", is_comparison=True)(bindparam("asked", type_=String)))
    )


def _holds(vector: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    given = cast(bindparam(name, type_=String), TSQUERY)
    return vector.op("@@", is_comparison=True)(given)


def _on_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"
