"""The only place that commits."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import OperationalError

from shop.core import turns
from shop.core.db import WRITE, db
from shop.core.errors import Busy

_INSIDE = "xiaopu_inside"
_AT_END = "xiaopu_at_end"
_AFTER = "xiaopu_after_commit"
_SUMS = "xiaopu_sums"
_SCRATCH = "xiaopu_scratch"

_closing: list[Callable[[], None]] = []


@contextmanager
def transaction() -> Iterator[None]:
    """One unit of work: everything in the block is committed together, or nothing is.

    First ends whatever read transaction is open, then begins one that writes (IMMEDIATE on SQLite),
    so that no read from before can make the write fail. Entities loaded earlier are expired: services
    take ids. Never nested (``RuntimeError``). A database that cannot be had in time raises ``Busy``.
    After the commit, what ``after_commit`` collected runs; it must not raise.
    """
    session = db.session
    info = session().info
    if info.get(_INSIDE):
        raise RuntimeError("transactions do not nest: the edge owns them")
    session.rollback()
    info[_INSIDE] = True
    info[_AT_END] = {}
    info[_AFTER] = []
    info[_SUMS] = {}
    info[_SCRATCH] = {}
    try:
        with turns.of(db.engine):
            try:
                session.connection(execution_options={WRITE: True})
                yield
                _close(info)
                session.commit()
            except BaseException:
                session.rollback()
                raise
        pending: list[Callable[[], None]] = info[_AFTER]
    except OperationalError as error:
        if _is_lock(error):
            raise Busy from error
        raise
    finally:
        info[_INSIDE] = False
        info[_AT_END] = {}
        info[_AFTER] = []
        info[_SUMS] = {}
        info[_SCRATCH] = {}
    for action in pending:
        action()


def _close(info: dict[Any, Any]) -> None:
    """What was asked for at the end, then those who look at what was written."""
    last: dict[tuple[Any, ...], Callable[[], None]] = info[_AT_END]
    for key in sorted(last):
        last[key]()
    db.session.flush()  # what waits is written now, so that those who close see it
    for close in _closing:
        close()


def at_end(key: tuple[Any, ...], action: Callable[[], None]) -> None:
    """Run ``action`` just before the commit, once per ``key``, in the order of the keys.

    For rows that very different verbs touch along the way (a product's row in the listing): locked
    last and in one order, they never make two transactions wait for each other. An action must not
    call ``at_end`` itself.
    """
    info = db.session().info
    if not info.get(_INSIDE):
        raise RuntimeError("no transaction is open")
    info[_AT_END].setdefault(key, action)


def sum_at_end(key: tuple[Any, ...], amount: int, action: Callable[[int], None]) -> None:
    """As ``at_end``, with the ``amount`` of every call added up: ``action`` gets the sum, unless it is 0.

    For counters that several verbs of one transaction move.
    """
    sums: dict[tuple[Any, ...], int] = db.session().info.setdefault(_SUMS, {})
    sums[key] = sums.get(key, 0) + amount

    def once() -> None:
        total = sums.get(key, 0)
        if total:
            action(total)

    at_end(key, once)


def after_commit(action: Callable[[], None]) -> None:
    """Run ``action`` once the present transaction is committed; dropped if it is rolled back."""
    info = db.session().info
    if not info.get(_INSIDE):
        raise RuntimeError("no transaction is open")
    info[_AFTER].append(action)


def before_commit(action: Callable[[], None]) -> Callable[[], None]:
    """Run ``action`` at the end of every transaction, when all else is written. A decorator, for the core."""
    _closing.append(action)
    return action


def scratch() -> dict[str, Any]:
    """What lives as long as the present transaction. Raises ``RuntimeError`` outside of one."""
    info = db.session().info
    if not info.get(_INSIDE):
        raise RuntimeError("no transaction is open")
    found: dict[str, Any] = info[_SCRATCH]
    return found


def inside() -> bool:
    """Whether a transaction of ours is open in this session."""
    return bool(db.session().info.get(_INSIDE))


def _is_lock(error: OperationalError) -> bool:
    text = str(error.orig).lower()
    return "locked" in text or "lock timeout" in text or "deadlock" in text
