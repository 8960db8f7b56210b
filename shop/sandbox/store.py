"""The sandbox's own small SQLite file, so that a restart keeps trades and unanswered notifies."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Money is in fen, times are seconds since the epoch. A trade without a trade_no is a page that was
# asked for and that no buyer has opened an account on: to the gateway it does not exist.
SCHEMA = """
CREATE TABLE IF NOT EXISTS trade (
    token TEXT PRIMARY KEY,
    out_trade_no TEXT NOT NULL UNIQUE,
    method TEXT NOT NULL,
    subject TEXT NOT NULL,
    asked_fen INTEGER NOT NULL CHECK (asked_fen > 0),
    total_fen INTEGER NOT NULL CHECK (total_fen > 0),
    refunded_fen INTEGER NOT NULL DEFAULT 0 CHECK (refunded_fen BETWEEN 0 AND total_fen),
    expires_at REAL,
    notify_url TEXT NOT NULL,
    return_url TEXT NOT NULL,
    quit_url TEXT NOT NULL,
    passback_params TEXT NOT NULL,
    registered_at REAL NOT NULL,
    trade_no TEXT UNIQUE,
    status TEXT,
    created_at REAL,
    paid_at REAL,
    closed_at REAL,
    closed_by TEXT
);
CREATE TABLE IF NOT EXISTS refund (
    out_trade_no TEXT NOT NULL REFERENCES trade (out_trade_no),
    out_request_no TEXT NOT NULL,
    fen INTEGER NOT NULL CHECK (fen > 0),
    reason TEXT NOT NULL,
    refunded_at REAL NOT NULL,
    PRIMARY KEY (out_trade_no, out_request_no)
);
CREATE TABLE IF NOT EXISTS delivery (
    id INTEGER PRIMARY KEY,
    notify_id TEXT NOT NULL,
    out_trade_no TEXT NOT NULL,
    url TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at REAL NOT NULL,
    last_answer TEXT NOT NULL DEFAULT '',
    kind TEXT NOT NULL DEFAULT '',
    bent TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS delivery_due ON delivery (state, due_at);
CREATE TABLE IF NOT EXISTS fault (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    out_trade_no TEXT,
    method TEXT,
    times INTEGER NOT NULL,
    params TEXT NOT NULL
);
"""


class Store:
    """Short connections to one SQLite file; every change is one IMMEDIATE transaction."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._open() as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.executescript(SCHEMA)
            known = {row["name"] for row in db.execute("PRAGMA table_info(delivery)")}
            for name in {"kind", "bent"} - known:  # a folder of an earlier version
                db.execute(f"ALTER TABLE delivery ADD COLUMN {name} TEXT NOT NULL DEFAULT ''")

    def add_tables(self, schema: str) -> None:
        """The tables of one more provider."""
        with self._open() as db:
            db.executescript(schema)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection to read with."""
        with self._open() as db:
            yield db

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection inside a transaction that is committed when the block ends well."""
        with self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        db = sqlite3.connect(self._path, timeout=10, isolation_level=None)
        try:
            db.row_factory = sqlite3.Row
            db.execute("PRAGMA foreign_keys = ON")
            yield db
        finally:
            db.close()
