"""The statements that look into the index: which products match, best first.

Two tiers: goods whose title holds every word (or whose code is the query), then those that hold them
anywhere. Within a tier by place, so that the databases stop reading when a page is full.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    String,
    cast,
    column,
    func,
    literal,
    literal_column,
    select,
    table,
    union_all,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from shop.catalog.models import ListingRow
from shop.catalog.search import query as questions
from shop.catalog.search import schema
from shop.catalog.search.models import SearchEntry
from shop.catalog.search.query import Query
from shop.core.db import db

MOST_COUNTED = 1000
"""Counting ends here: nobody reads further, and a common word matches half the shop."""

_FTS = table(schema.FTS, column("rowid", BigInteger), column(schema.FTS, String))
_TITLE_WORDS: ColumnElement[Any] = literal_column("search_entry.title_words")
_WORDS: ColumnElement[Any] = literal_column("search_entry.words")


def page(
    query: Query,
    conditions: Sequence[ColumnElement[bool]],
    after: tuple[int, int] | None,
    limit: int,
) -> Select[Any]:
    """Up to ``limit`` matches beyond ``after`` as (product_id, k0 = tier, k1 = place), in that order.

    ``conditions`` are on the listing row.
    """
    if after is not None and after[0] not in (0, 1):
        after = None
    tiers = []
    for tier in (0, 1):
        if after is not None and tier < after[0]:
            continue
        beyond = after[1] if after is not None and tier == after[0] else None
        part = _tier(query, tier, beyond).where(*conditions).limit(limit).subquery()
        tiers.append(select(part.c.product_id, part.c.k0, part.c.k1))
    both = union_all(*tiers).subquery("matches")
    return (
        select(both.c.product_id, both.c.k0, both.c.k1).order_by(both.c.k0, both.c.k1).limit(limit)
    )


def products(query: Query) -> Select[int]:
    """The ids of all products that match, for lists in another order."""
    return _matching(select(SearchEntry.product_id), query)


def candidates(query: Query) -> list[int]:
    """The ids of what matches, up to ``MOST_COUNTED`` and one more. One statement."""
    return list(db.session.scalars(products(query).limit(MOST_COUNTED + 1)))


def count(query: Query, conditions: Sequence[ColumnElement[bool]]) -> int:
    """How many match, up to ``MOST_COUNTED`` and one more for «there are more»."""
    # A join, which is read until there are enough; of IN, SQLite would first collect all.
    matches = (
        _matching(select(literal(1).label("one")), query)
        .join(ListingRow, ListingRow.product_id == SearchEntry.product_id)
        .where(*conditions)
        .limit(MOST_COUNTED + 1)
        .subquery()
    )
    return db.session.scalar(select(func.count()).select_from(matches)) or 0


def _matching(columns: Select[Any], query: Query) -> Select[Any]:
    if _on_sqlite():
        return (
            columns.select_from(_FTS)
            .join(SearchEntry, SearchEntry.place == _FTS.c.rowid)
            .where(_asks(questions.fts5(query)))
        )
    return columns.select_from(SearchEntry).where(_holds(_WORDS, questions.tsquery(query)))


def _tier(query: Query, tier: int, beyond: int | None) -> Select[Any]:
    columns: list[Any] = [SearchEntry.product_id, literal(tier).label("k0")]
    found: Select[Any] = select(*columns, SearchEntry.place.label("k1"))
    if _on_sqlite():
        asked = questions.fts5(query, "title")
        if tier:
            asked = f"({questions.fts5(query)}) NOT ({asked})"
        found = (
            found.select_from(_FTS)
            .join(SearchEntry, SearchEntry.place == _FTS.c.rowid)
            .where(_asks(asked))
            .order_by(_FTS.c.rowid)
        )
        place: ColumnElement[int] = _FTS.c.rowid
    else:
        in_title = _holds(_TITLE_WORDS, questions.tsquery(query))
        if query.code:
            in_title |= _holds(_WORDS, questions.tsquery(replace(query, groups=())))
        anywhere = _holds(_WORDS, questions.tsquery(query))
        found = found.where(anywhere & ~in_title if tier else in_title)
        found = found.order_by(SearchEntry.place)
        place = SearchEntry.__table__.c.place
    if beyond is not None:
        found = found.where(place > beyond)
    return found.join(ListingRow, ListingRow.product_id == SearchEntry.product_id)


def _asks(text: str) -> ColumnElement[bool]:
    return _FTS.c[schema.FTS].op("MATCH", is_comparison=True)(literal(text))


def _holds(vector: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    return vector.op("@@", is_comparison=True)(cast(literal(text), TSQUERY))


def _on_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"
