"""The simulated carriers' memory and their voice: which numbers were asked for, and what was pushed of them."""

import hashlib
import hmac
import http.client
import json
import logging
import sqlite3
import threading
import time
import urllib.error
import urllib.request

from shop.sandbox.carriers.journeys import journey, told
from shop.sandbox.sender import ANSWER_SECONDS, opener
from shop.sandbox.store import Store

log = logging.getLogger("shop.sandbox.carriers")

TIMESTAMP, SIGNATURE = "X-Carrier-Timestamp", "X-Carrier-Signature"
SCHEMA = """
CREATE TABLE IF NOT EXISTS parcel (
    carrier TEXT NOT NULL,
    number TEXT NOT NULL,
    began_at REAL NOT NULL,
    callback TEXT NOT NULL DEFAULT '',
    pushed INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0,
    due_at REAL,
    PRIMARY KEY (carrier, number)
)
"""
_MOST_TRIES = 8


class CarrierDesk:
    """All carriers at once; they share a key."""

    def __init__(self, store: Store, key: str, factor: float) -> None:
        self._store, self._key, self._factor = store, key, factor
        self._changed = threading.Condition()
        with store.writing() as db:
            db.execute(SCHEMA)

    def good(self, stamp: str, signature: str, content: bytes) -> bool:
        """Whether somebody with the key signed ``content`` within the last minutes."""
        fresh = stamp.isascii() and stamp.isdigit() and abs(time.time() - int(stamp)) < 600
        return fresh and hmac.compare_digest(self.sign(stamp, content), signature)

    def sign(self, stamp: str, content: bytes) -> str:
        """HMAC-SHA256 over time stamp, a dot and the content."""
        return hmac.new(
            self._key.encode(), stamp.encode() + b"." + content, hashlib.sha256
        ).hexdigest()

    def headers(self, content: bytes) -> dict[str, str]:
        """The time stamp and the signature of a message."""
        stamp = str(int(time.time()))
        return {TIMESTAMP: stamp, SIGNATURE: self.sign(stamp, content)}

    def asked(self, carrier: str, number: str, callback: str) -> bytes:
        """What is known of a number; its journey begins when it is first asked for."""
        now = time.time()
        with self._store.writing() as db:
            db.execute(
                "INSERT INTO parcel (carrier, number, began_at, callback, due_at)"
                " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (carrier, number, now, callback, now if callback else None),
            )
            (began,) = db.execute(
                "SELECT began_at FROM parcel WHERE carrier = ? AND number = ?", (carrier, number)
            ).fetchone()
        with self._changed:
            self._changed.notify_all()
        return _message(number, told(number, began, self._factor, now))

    def start(self) -> None:
        """Begin to push in the background."""
        threading.Thread(target=self._run, name="carriers", daemon=True).start()

    def _run(self) -> None:
        while True:
            self.push_due()
            with self._store.reading() as db:
                (due,) = db.execute("SELECT MIN(due_at) FROM parcel").fetchone()
            pause = 5.0 if due is None else min(5.0, max(0.05, due - time.time()))
            with self._changed:
                self._changed.wait(pause)

    def push_due(self) -> int:
        """Tell what has happened meanwhile; returns how many messages were sent."""
        with self._store.reading() as db:
            rows = db.execute(
                "SELECT * FROM parcel WHERE due_at <= ? ORDER BY due_at LIMIT 20", (time.time(),)
            ).fetchall()
        for row in rows:
            self._push(row)
        return len(rows)

    def _push(self, row: sqlite3.Row) -> None:
        number, now = row["number"], time.time()
        whole = journey(number, self._factor)
        events = told(number, row["began_at"], self._factor, now)
        good = len(events) <= row["pushed"] or self._post(
            row["callback"], _message(number, events[row["pushed"] :])
        )
        tries = 0 if good else row["tries"] + 1
        pushed = max(row["pushed"], len(events)) if good else row["pushed"]
        due = None
        if not good and tries < _MOST_TRIES:
            due = now + 2**tries
        elif good and pushed < len(whole):
            due = row["began_at"] + whole[pushed].after
        with self._store.writing() as db:
            db.execute(
                "UPDATE parcel SET pushed = ?, tries = ?, due_at = ? WHERE carrier = ? AND number = ?",
                (pushed, tries, due, row["carrier"], number),
            )

    def _post(self, url: str, body: bytes) -> bool:
        request = urllib.request.Request(  # noqa: S310 - http(s) was checked when it was asked for
            url, body, {"Content-Type": "application/json", **self.headers(body)}, method="POST"
        )
        try:
            with opener.open(request, timeout=ANSWER_SECONDS) as answer:
                return bool(answer.status == 200)
        except (OSError, http.client.HTTPException, urllib.error.URLError) as error:
            log.info("a push failed: %s", error)
            return False


def _message(number: str, events: list[dict[str, str]]) -> bytes:
    return json.dumps({"number": number, "events": events}, ensure_ascii=False).encode()
