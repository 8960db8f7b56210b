"""A migrated database for every worker, empty before every test, on both kinds.

The migrations run once per run of the tests, on one template of each kind; workers copy it.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import psycopg
import sqlalchemy
from flask import Flask

from tests.support import postgres

BACKENDS = ("sqlite", "postgresql")
Factory = Callable[[str], Flask]


class Database(Protocol):
    """One worker's database."""

    url: str

    def empty(self, engine: sqlalchemy.Engine) -> None:
        """Bring it back to what the migrations made."""


class SqliteDatabase:
    """A file, made empty by copying the template over it."""

    def __init__(self, run: Path, folder: Path, factory: Factory) -> None:
        self._template = run / "template.db"
        with postgres.locked(run, "sqlite"):
            if not self._template.exists():
                draft = run / "draft.db"
                _migrate(factory, f"sqlite:///{draft}")
                draft.rename(self._template)
        self._file = folder / "shop.db"
        self.url = f"sqlite:///{self._file}"
        shutil.copyfile(self._template, self._file)

    def empty(self, engine: sqlalchemy.Engine) -> None:
        """Connections first: an open one would go on seeing the old file."""
        engine.dispose()
        for suffix in ("-wal", "-shm"):
            self._file.with_name(self._file.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(self._template, self._file)


class PostgresDatabase:
    """A database of the run's server, copied from the template once and emptied by DELETE."""

    def __init__(self, run: Path, folder: Path, factory: Factory) -> None:
        server = postgres.address(run)
        with postgres.locked(run, "postgres-template"):
            made = run / "postgres-template.made"
            if not made.exists():
                _migrate(factory, driver(postgres.create_from(server, "template_shop")))
                made.touch()
            url = postgres.create_from(server, f"shop_{os.getpid()}", "template_shop")
        self.url = driver(url)
        self._connection = psycopg.connect(url, autocommit=True)

    def empty(self, engine: sqlalchemy.Engine) -> None:
        """Emptied from a connection of its own, past triggers."""
        postgres.empty(self._connection)


def driver(url: str) -> str:
    """The address as SQLAlchemy wants it."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def make(backend: str, run: Path, folder: Path, factory: Factory) -> Database:
    """The database of this worker on `backend`; leaves the test out where it cannot be had."""
    kinds = {"sqlite": SqliteDatabase, "postgresql": PostgresDatabase}
    return kinds[backend](run, folder, factory)


def _migrate(factory: Factory, url: str) -> None:
    from flask_migrate import upgrade

    from shop.core.db import db

    app = factory(url)
    with app.app_context():
        upgrade()
        with db.engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.engine.dispose()
