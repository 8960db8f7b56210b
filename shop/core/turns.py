"""Whose turn it is to write to SQLite: one after the other, and nobody forgotten.

SQLite has one writer at a time and no line before it: who finds it busy sleeps, up to a tenth of a second,
and tries again. In a crowd whoever happens to try in the right moment goes first, and somebody else waits
for many seconds until the time is up. Here the threads of a process stand in line, and the first of each
process waits for a lock on a file beside the database, which the kernel hands on at once.

The line is not strict: who comes while the turn is free takes it, before the one who is being called has
woken up. Handing each turn over would let it lie idle for as long as that takes. But whoever has waited for
``FAIR_AFTER`` gets the next turn, whoever comes.
"""

import fcntl
import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from sqlalchemy.engine import Engine

from shop.core.errors import Busy

FAIR_AFTER = 0.25
"""Seconds in line after which nobody goes first any more."""

PATIENCE = 15.0
"""Seconds in line after which ``Busy`` is raised."""

_lines: dict[str, "_Line"] = {}


def of(engine: Engine) -> AbstractContextManager[None]:
    """The turn to write to the engine's database: nothing to wait for on PostgreSQL."""
    path = engine.url.database
    if engine.dialect.name != "sqlite" or not path or path == ":memory:":
        return nullcontext()
    line = _lines.get(path)
    if line is None:
        line = _lines.setdefault(path, _Line(f"{path}-turn"))
    return line.turn()


class _Line:
    def __init__(self, path: str) -> None:
        self._path = path
        self._forget()

    def _forget(self) -> None:
        self._pid = os.getpid()
        self._mutex = threading.Lock()
        self._taken = False
        self._waiting: deque[_Waiter] = deque()

    @contextmanager
    def turn(self) -> Iterator[None]:
        if self._pid != os.getpid():  # forked: those in line are the parent's
            self._forget()
        self._come()
        try:
            lock = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
            try:
                fcntl.flock(
                    lock, fcntl.LOCK_EX
                )  # let go when it is closed, whoever ends this process
                yield
            finally:
                os.close(lock)
        finally:
            self._go()

    def _come(self) -> None:
        with self._mutex:
            if not self._taken:
                self._taken = True
                return
            waiter = _Waiter()
            self._waiting.append(waiter)
        try:
            while not self._taken_by(waiter):
                if not waiter.called.wait(waiter.patience()):
                    raise Busy
        except BaseException:
            self._leave(waiter)
            raise

    def _taken_by(self, waiter: "_Waiter") -> bool:
        """Whether the turn is now the waiter's, who is then in line no more."""
        with self._mutex:
            if not waiter.has_turn:
                waiter.called.clear()
                if self._taken:
                    return False
                self._give(waiter)
            return True

    def _leave(self, waiter: "_Waiter") -> None:
        """Go without having written, or waited to the end."""
        with self._mutex:
            if not waiter.has_turn:
                self._waiting.remove(waiter)
                if waiter.called.is_set() and self._waiting:  # called in the very moment of leaving
                    self._waiting[0].called.set()
                return
        self._go()

    def _go(self) -> None:
        """The turn is over: hand it to who has waited long, or leave it free and call who came first."""
        with self._mutex:
            self._taken = False
            if self._waiting:
                first = self._waiting[0]
                if first.waited() >= FAIR_AFTER:
                    self._give(first)
                first.called.set()

    def _give(self, waiter: "_Waiter") -> None:
        self._waiting.remove(waiter)
        waiter.has_turn = self._taken = True


class _Waiter:
    def __init__(self) -> None:
        self.called = threading.Event()
        self.has_turn = False
        self._since = time.monotonic()

    def waited(self) -> float:
        return time.monotonic() - self._since

    def patience(self) -> float:
        return max(0.0, PATIENCE - self.waited())
