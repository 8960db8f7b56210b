"""What was changed, in the order it can be read: how a process learns that what it keeps is old.

A transaction that changes something notes it; the note is a row of ``change_log``, committed with the
change itself, so that every process of every machine finds it by asking the database. A ``Follower``
asks what came since it asked last. Nobody waits for anybody: the log is only added to.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Text,
    bindparam,
    cast,
    delete,
    event,
    func,
    insert,
    select,
)
from sqlalchemy.orm import ORMExecuteState, UOWTransaction
from sqlalchemy.orm import Session as OrmSession

from shop.core import clock
from shop.core.db import db, read
from shop.core.models import ChangeLog
from shop.core.transaction import after_commit, before_commit, inside, scratch

KEPT = timedelta(hours=1)
"""How long a note is kept. Who has not asked for longer must forget everything."""

_NOTES = "xiaopu_changes"

# Built once: every request asks.
_SINCE = (
    select(ChangeLog.id, ChangeLog.topic, ChangeLog.key)
    .where(ChangeLog.id > bindparam("horizon"))
    .order_by(ChangeLog.id)
)
_own = [0]
_watcher: list[Callable[[str], str | None]] = []

Note = tuple[str, int | None]
"""A topic, and the key of what was changed; no key: something of this topic."""


def note(topic: str, key: int | None = None) -> None:
    """Tell all processes that this was changed, once the present transaction is committed.

    ``topic``: a word of 32 letters at most. Raises ``RuntimeError`` outside of a transaction.
    """
    scratch().setdefault(_NOTES, set()).add((topic, key))


def watch(topic_of: Callable[[str], str | None]) -> None:
    """Note changes of tables by themselves: ``topic_of`` gives a table's topic, or none.

    Sees what goes through the session: entities as they are flushed, and statements. One for the
    process; a second call replaces the first.
    """
    _watcher[:] = [topic_of]


def _touched(table: str) -> None:
    for topic_of in _watcher:
        topic = topic_of(table)
        if topic is not None and inside():
            note(topic)


def _flushed(session: OrmSession, _context: UOWTransaction) -> None:
    for entity in {*session.new, *session.dirty, *session.deleted}:
        _touched(entity.__table__.name)


def _executed(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        _touched(state.statement.table.name)  # type: ignore[attr-defined]  # all three have one


event.listen(db.session, "after_flush", _flushed)
event.listen(db.session, "do_orm_execute", _executed)


@before_commit
def _write() -> None:
    notes: set[Note] = scratch().get(_NOTES, set())
    if not notes:
        return
    moment = clock.now()
    rows = [
        {"topic": topic, "key": key, "at": moment}
        for topic, key in sorted(notes, key=lambda one: (one[0], one[1] or 0))
    ]
    log = insert(ChangeLog)
    if _postgresql():
        log = log.values(xid=_number(func.pg_current_xact_id()))
    db.session.connection().execute(log, rows)
    after_commit(_count)


def _count() -> None:
    _own[0] += 1


def own() -> int:
    """How many transactions of this process have changed something: who sees it rise need not wait."""
    return _own[0]


@dataclass(frozen=True, slots=True)
class News:
    """What came since the last time; ``lost``: more than is known, so that nothing kept is sure."""

    notes: tuple[Note, ...]
    lost: bool = False

    def __bool__(self) -> bool:
        return self.lost or bool(self.notes)


class Follower:
    """One reader of the log. Not safe for threads: its owner holds a lock.

    PostgreSQL commits out of the order in which numbers were given. A row carries its transaction's id,
    and whatever lies beyond the oldest transaction that still ran is looked at again
    (https://www.postgresql.org/docs/current/functions-info.html, pg_snapshot_xmin). SQLite has one
    writer, whose numbers rise.
    """

    def __init__(self) -> None:
        self._horizon: int | None = None
        self._seen: frozenset[int] = frozenset()
        self._asked = clock.now()

    def news(self) -> News:
        """What was committed since the last call; the first time all is ``lost``. One statement."""
        moment = clock.now()
        lost = self._horizon is None or moment - self._asked > KEPT / 2
        self._asked = moment
        rows = self._read(None if lost else self._horizon)
        fresh = () if lost else tuple(n for key, n in rows if key not in self._seen)
        self._seen = frozenset(key for key, _ in rows)
        return News(fresh, lost)

    def _read(self, horizon: int | None) -> list[tuple[int, Note]]:
        return self._read_postgresql(horizon) if _postgresql() else self._read_sqlite(horizon)

    def _read_sqlite(self, horizon: int | None) -> list[tuple[int, Note]]:
        if horizon is None:
            self._horizon = db.session.scalar(select(func.coalesce(func.max(ChangeLog.id), 0)))
            return []
        rows = read(_SINCE, {"horizon": horizon}).all()
        if rows:
            self._horizon = rows[-1].id
        return [(row.id, (row.topic, row.key)) for row in rows]

    def _read_postgresql(self, horizon: int | None) -> list[tuple[int, Note]]:
        rows = read(_since_xid(), {"horizon": horizon}).all()
        self._horizon = rows[0].xmin
        return [(row.id, (row.topic, row.key)) for row in rows if row.id is not None]


def _number(transaction_id: ColumnElement[Any]) -> ColumnElement[int]:
    """PostgreSQL's xid8 as a number; it leads there by way of text."""
    return cast(cast(transaction_id, Text), BigInteger)


@lru_cache(maxsize=1)
def _since_xid() -> Select[Any]:
    """What is at the horizon or beyond; from where transactions still run, when there is none yet."""
    oldest = _number(func.pg_snapshot_xmin(func.pg_current_snapshot()))
    running = select(oldest.label("xmin")).subquery()
    horizon = func.coalesce(bindparam("horizon", type_=BigInteger), running.c.xmin)
    return (
        select(running.c.xmin, ChangeLog.id, ChangeLog.topic, ChangeLog.key)
        .select_from(running)
        .outerjoin(ChangeLog, ChangeLog.xid >= horizon)
        .order_by(ChangeLog.id)
    )


def _postgresql() -> bool:
    return bool(db.engine.dialect.name == "postgresql")


def forget_old() -> int:
    """Drop notes that are older than ``KEPT``, but the newest: SQLite would give its number again."""
    newest = select(func.max(ChangeLog.id)).scalar_subquery()
    gone = (
        delete(ChangeLog)
        .where(ChangeLog.at < clock.now() - KEPT, ChangeLog.id < newest)
        .returning(ChangeLog.id)
    )
    return len(db.session.scalars(gone).all())
