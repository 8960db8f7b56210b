"""Delivers callbacks to the merchant in the background until they are acknowledged.

Knows nothing of a provider's fields: a delivery is a URL, a body and a state. It is at-least-once:
what was under way when the process died is sent again.
"""

import http.client
import logging
import sqlite3
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

from shop.sandbox.store import Store

log = logging.getLogger("shop.sandbox.sender")

WAITING, SENDING, HELD, LOST = "waiting", "sending", "held", "lost"
ACKNOWLEDGED, GIVEN_UP = "acknowledged", "given_up"

ANSWER_SECONDS = 5.0
CONTENT_TYPE = "application/x-www-form-urlencoded; charset=utf-8"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """A redirect is no acknowledgement: leave it the error that it is."""


# No proxy whatever the environment says: the merchant is on this machine.
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)


def add_delivery(
    db: sqlite3.Connection,
    *,
    notify_id: str,
    out_trade_no: str,
    url: str,
    body: str,
    state: str = WAITING,
    due_at: float,
    kind: str = "",
    bent: str = "",
) -> None:
    """Put a callback down in the transaction that made it true. ``kind`` names how it is dressed."""
    db.execute(
        "INSERT INTO delivery (notify_id, out_trade_no, url, body, state, due_at, kind, bent)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (notify_id, out_trade_no, url, body, state, due_at, kind, bent),
    )


Dresser = Callable[[str, str], tuple[str, dict[str, str]]]
"""Body and armed fault → body and headers of one try."""


class Sender:
    """One scheduling thread; each try runs in a short thread of its own."""

    def __init__(self, store: Store, pauses: tuple[float, ...]) -> None:
        self._store = store
        self._pauses = pauses
        self._changed = threading.Condition()
        self._stopped = False
        self._dressers: dict[str, tuple[Dresser, tuple[float, ...]]] = {}

    def dress(self, kind: str, dresser: Dresser, pauses: tuple[float, ...]) -> None:
        """Deliver ``kind`` with what ``dresser`` makes of body and fault; 200 and 204 acknowledge."""
        self._dressers[kind] = (dresser, pauses)

    def start(self) -> None:
        """Begin to deliver, first what an earlier process left under way."""
        with self._store.writing() as db:
            db.execute("UPDATE delivery SET state = ? WHERE state = ?", (WAITING, SENDING))
        threading.Thread(target=self._run, name="sender", daemon=True).start()

    def stop(self) -> None:
        """Let the scheduling thread end."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def wake(self) -> None:
        """Say that there may be something new to deliver (call after the commit)."""
        with self._changed:
            self._changed.notify_all()

    def wait_for(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait until ``condition`` holds, looking again at every change of a delivery."""
        with self._changed:
            return self._changed.wait_for(condition, seconds)

    def _run(self) -> None:
        while True:
            with self._changed:
                if self._stopped:
                    return
                claimed, pause = self._claim()
                if not claimed:
                    self._changed.wait(pause)
                    continue
            for row in claimed:
                threading.Thread(target=self._try, args=(row,), daemon=True).start()

    def _claim(self) -> tuple[list[sqlite3.Row], float | None]:
        """What is due now, marked as under way; else how long nothing will be."""
        now = time.time()
        with self._store.writing() as db:
            due = db.execute(
                "SELECT * FROM delivery WHERE state = ? AND due_at <= ? ORDER BY due_at, id",
                (WAITING, now),
            ).fetchall()
            db.executemany(
                "UPDATE delivery SET state = ? WHERE id = ?", [(SENDING, row["id"]) for row in due]
            )
            (next_due,) = db.execute(
                "SELECT MIN(due_at) FROM delivery WHERE state = ?", (WAITING,)
            ).fetchone()
        return due, None if next_due is None else max(0.0, next_due - now)

    def _try(self, row: sqlite3.Row) -> None:
        dresser, pauses = self._dressers.get(row["kind"], (None, self._pauses))
        body, headers = row["body"], {"Content-Type": CONTENT_TYPE}
        if dresser is not None:
            body, headers = dresser(body, row["bent"])
        good, answer = _post(row["url"], body, headers, any_success=dresser is not None)
        attempts = row["attempts"] + 1
        state, due_at = ACKNOWLEDGED, 0.0
        if not good:
            state = GIVEN_UP
            if attempts <= len(pauses):
                state, due_at = WAITING, time.time() + pauses[attempts - 1]
        log.info("notify %s, try %d: %s (%s)", row["out_trade_no"], attempts, state, answer)
        with self._store.writing() as db:
            db.execute(
                "UPDATE delivery SET state = ?, attempts = ?, due_at = ?, last_answer = ?"
                " WHERE id = ?",
                (state, attempts, due_at, answer, row["id"]),
            )
        self.wake()


def _post(url: str, body: str, headers: dict[str, str], *, any_success: bool) -> tuple[bool, str]:
    """Send once. Status 200 with exactly ``success`` counts, or with ``any_success`` 200 and 204."""
    request = urllib.request.Request(  # noqa: S310 - http(s) was checked when it was registered
        url, body.encode("ascii"), headers, method="POST"
    )
    try:
        with opener.open(request, timeout=ANSWER_SECONDS) as answer:
            status, content = answer.status, answer.read(1000)
    except urllib.error.HTTPError as error:
        with error:
            return False, f"HTTP {error.code}"
    except (OSError, http.client.HTTPException) as error:
        return False, f"{type(error).__name__}: {error}"[:200]
    text = content.decode("utf-8", "replace")
    good = status in (200, 204) if any_success else status == 200 and content == b"success"
    return good, f"HTTP {status} {text[:100]!r}"
