"""What people search for, and what they do not find: counted by day, never by person."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite

from shop.catalog.folding import fold
from shop.catalog.search.models import SearchTally
from shop.core.db import db

LONGEST = 80


@dataclass(frozen=True, slots=True)
class Searched:
    """A query (folded), on a day, asked so often; ``found`` the last time."""

    day: date
    query: str
    times: int
    found: int


@dataclass(frozen=True, slots=True)
class SearchRow:
    """A query over some days."""

    query: str
    times: int
    found: int


def key(query: str) -> str:
    """The form under which a query is counted."""
    return fold(query)[:LONGEST].strip()


def add(searched: Iterable[Searched]) -> None:
    """Add counts to those of their days."""
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(SearchTally)
    # In one order: two jobs that write the same queries must not wait for each other.
    for one in sorted(searched, key=lambda one: (one.day, one.query)):
        values = insert.values(day=one.day, query=one.query, times=one.times, found=one.found)
        db.session.execute(
            values.on_conflict_do_update(
                index_elements=["day", "query"],
                set_={"times": SearchTally.times + one.times, "found": one.found},
            )
        )


def top(since: date, *, nothing_found: bool = False, limit: int = 50) -> list[SearchRow]:
    """What was asked most since ``since``; ``nothing_found``: of that, what found nothing last."""
    last = func.max(SearchTally.day).label("last")
    times = func.sum(SearchTally.times)
    asked = (
        select(SearchTally.query, times.label("times"), last)
        .where(SearchTally.day >= since)
        .group_by(SearchTally.query)
        .subquery()
    )
    rows = (
        select(asked.c.query, asked.c.times, SearchTally.found)
        .join(
            SearchTally,
            (SearchTally.query == asked.c.query) & (SearchTally.day == asked.c.last),
        )
        .order_by(asked.c.times.desc(), asked.c.query)
        .limit(limit)
    )
    if nothing_found:
        rows = rows.where(SearchTally.found == 0)
    return [SearchRow(row.query, int(row.times), row.found) for row in db.session.execute(rows)]
