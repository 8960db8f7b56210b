"""Many real processes that do something to the shop in the same moment.

Run as ``python -m tests.concurrency.herd``: it makes the shop once, then forks a process per act and
round. Each opens its database connection, waits at a barrier for all the others, acts, and reports.
Standard input takes a round a line (a JSON list of acts), standard output gives its reports a line.
"""

import json
import multiprocessing
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.context import ForkProcess
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60
Act = Mapping[str, Any]
"""The ``name`` of a function of ``tests.concurrency.acts``, and what it is given."""


class Herd:
    """The processes, as a test sees them."""

    def __init__(self, settings: Mapping[str, Any], log: Path) -> None:
        self._log = log.open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.concurrency.herd"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        self._send(settings)

    def run(self, acts: Sequence[Act]) -> list[dict[str, Any]]:
        """Do all of them at once; a report each: ``outcome`` ("ok", an error's code, or "crash: …"),
        ``result``, ``seconds``."""
        self._send([{**act, "place": place} for place, act in enumerate(acts)])
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"the herd is gone, see {self._log.name}"
        reports: list[dict[str, Any]] = json.loads(line)
        return reports

    def outcomes(self, acts: Sequence[Act]) -> Counter[str]:
        """How often each outcome came about."""
        return Counter(report["outcome"] for report in self.run(acts))

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(PATIENCE)
        finally:
            self._process.kill()
            self._log.close()

    def _send(self, what: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()


def main() -> None:
    """The process that makes the shop and forks the others."""
    from shop.app import create_app
    from shop.core.db import db

    app = create_app(json.loads(sys.stdin.readline()))
    known: set[str] = set()
    context = multiprocessing.get_context("fork")
    for line in sys.stdin:
        acts = json.loads(line)
        for kept in ("kept", "facets"):
            app.extensions[kept].forget()  # it may be of the test before
        app.extensions.pop("payments", None)
        for act in acts:
            if act["name"] not in known:
                known.add(act["name"])
                _rehearse(app, act)
        with app.app_context():
            db.engine.dispose()  # no connection is handed down to a child
        barrier = context.Barrier(len(acts))
        reports = context.SimpleQueue()
        children: list[ForkProcess] = []
        for act in acts:
            child = context.Process(target=_child, args=(app, act, barrier, reports))
            child.start()
            children.append(child)
        found = [reports.get() for _ in children]
        for child in children:
            child.join(PATIENCE)
        print(json.dumps([report for _, report in sorted(found)]), flush=True)


def _rehearse(app: Any, act: dict[str, Any]) -> None:
    """Do it once and take it back: a server that runs has its statements compiled, and so have the
    processes that are forked from here."""
    from shop.core.errors import ShopError
    from shop.core.transaction import transaction
    from tests.concurrency import acts

    class Enough(Exception):
        pass

    @contextmanager
    def taken_back() -> Iterator[None]:
        with suppress(Enough), transaction():
            yield
            raise Enough

    acts.transaction = taken_back
    try:
        with app.app_context(), suppress(ShopError):
            getattr(acts, acts.REHEARSALS.get(act["name"], act["name"]))(
                **{key: value for key, value in act.items() if key not in {"name", "place"}}
            )
    finally:
        acts.transaction = transaction


def _child(app: Any, act: dict[str, Any], barrier: Barrier, reports: Any) -> None:
    from shop.core.db import db
    from shop.core.errors import ShopError
    from tests.concurrency import acts

    name, place = act.pop("name"), act.pop("place")
    result, began = None, time.monotonic()
    with app.app_context():
        try:
            db.session.connection()
            db.session.rollback()
            barrier.wait(PATIENCE)
            began = time.monotonic()
            result = getattr(acts, name)(**act)
            outcome = "ok"
        except ShopError as error:
            outcome = error.reason + (f": {error.__cause__}" if error.reason == "busy" else "")
        except Exception as error:
            outcome = f"crash: {type(error).__name__}: {error}"
        seconds = time.monotonic() - began
        db.session.remove()
    reports.put((place, {"outcome": outcome, "result": result, "seconds": seconds}))


if __name__ == "__main__":
    main()
