"""Who writes to SQLite, and when: nobody is forgotten, within a process and among processes."""

import subprocess
import sys
import threading

import pytest
from flask import Flask

from shop.core import outbox, turns
from shop.core.db import db
from shop.core.errors import Busy
from shop.core.transaction import transaction
from tests.jobs.conftest import eventually

pytestmark = pytest.mark.parametrize("app", ("sqlite",), indirect=True)

_HOLD = (
    "import fcntl, sys; held = open(sys.argv[1], 'a'); fcntl.flock(held, fcntl.LOCK_EX); "
    "print('held', flush=True); sys.stdin.read()"
)


class Writer(threading.Thread):
    """Writes once, as a request would; notes that it has, or why not."""

    def __init__(self, app: Flask, name: str, notes: list[str]) -> None:
        super().__init__(name=name)
        self._app = app
        self._notes = notes
        self.start()

    def run(self) -> None:
        with self._app.app_context():
            try:
                with transaction():
                    outbox.record("thing.ignored")
                    self._notes.append(self.name)
            except Busy:
                self._notes.append("busy")


def in_line() -> int:
    return len(turns._lines[db.engine.url.database]._waiting)


def test_who_has_waited_goes_in_the_order_of_coming(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "FAIR_AFTER", 0.0)
    notes: list[str] = []
    writers = []
    with transaction():
        for number in range(5):
            writers.append(Writer(app, str(number), notes))
            eventually(lambda number=number: in_line() == number + 1)
    for writer in writers:
        writer.join()
    assert notes == ["0", "1", "2", "3", "4"]


def test_who_waits_too_long_is_told_so(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 0.05)
    notes: list[str] = []
    with transaction():
        Writer(app, "late", notes).join()
    assert (notes, in_line()) == (["busy"], 0)
    Writer(app, "next", notes).join()
    assert notes == ["busy", "next"]


def test_a_process_that_is_killed_lets_the_next_one_write(app: Flask) -> None:
    notes: list[str] = []
    held = [sys.executable, "-c", _HOLD, f"{db.engine.url.database}-turn"]
    with subprocess.Popen(held, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        writer = Writer(app, "after", notes)
        writer.join(0.2)
        assert notes == []
        other.kill()
    writer.join()
    assert notes == ["after"]
