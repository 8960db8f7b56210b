"""The whole shop under load: web server, worker, scheduler, queue, cashier, on SQLite or PostgreSQL."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import sqlalchemy as sa

from bench.servers import used
from tests.browser.running import RunningShop
from tests.support import postgres


class House:
    """A running shop, its processes and its database, seen from outside."""

    def __init__(self, shop: RunningShop, url: str) -> None:
        self.shop = shop
        self.engine = sa.create_engine(url)

    @property
    def address(self) -> str:
        """Where it is."""
        return self.shop.address

    def processes(self, mark: str) -> list[psutil.Process]:
        """Its processes whose command line holds ``mark``, the oldest first."""
        found = [
            child
            for child in psutil.Process(self.shop.pid).children(recursive=True)
            if _is(child, mark)
        ]
        return sorted(found, key=lambda one: one.create_time())

    def cpu(self, mark: str) -> float:
        """Seconds of processor that the tree of such processes has used."""
        top = self.processes(mark)[:1]
        return used(top[0]) if top else 0.0

    def database_cpu(self) -> float:
        """Seconds of processor that PostgreSQL has used; 0 for SQLite, which has no process."""
        if self.engine.dialect.name == "sqlite":
            return 0.0
        number = self.rows("SELECT pg_backend_pid()")[0][0]
        server = psutil.Process(int(number)).parent()
        return used(server) if server else 0.0

    def rows(self, statement: str) -> list[sa.Row[*tuple[Any, ...]]]:
        """What a statement finds."""
        with self.engine.connect() as connection:
            return list(connection.execute(sa.text(statement)).all())

    def write(self, statement: str, **values: Any) -> None:
        """Prepare something behind the shop's back."""
        with self.engine.begin() as connection:
            connection.execute(sa.text(statement), values)


def _is(process: psutil.Process, mark: str) -> bool:
    try:
        return mark in " ".join(process.cmdline())
    except psutil.Error:
        return False


@contextmanager
def opened(run: Path, database: str, settings: Mapping[str, str]) -> Iterator[House]:
    """The shop with its demo goods, in a folder of ``run``; closed afterwards."""
    folder = run / database
    url = f"sqlite:///{folder / 'xiaopu.db'}"
    before = dict(os.environ)
    os.environ.update(settings)
    if database == "postgresql":
        raw = postgres.create_from(postgres.address(run), "load")
        os.environ["DATABASE_URL"] = raw
        url = raw.replace("postgresql://", "postgresql+psycopg://", 1)
    shop = RunningShop(folder)
    try:
        shop.start()
        yield House(shop, url)
    finally:
        shop.stop()
        os.environ.clear()
        os.environ.update(before)
