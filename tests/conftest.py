"""Fixtures shared by all tests: the shop on both databases, each test with an empty one."""

import gc
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from _pytest.terminal import TerminalReporter
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, sync_playwright

from scripts import catalogue
from shop.account import passwords
from tests.support import chromium as chromium_finder
from tests.support import databases, grouping, machine, postgres
from tests.support.client import ShopClient
from tests.support.sizes import SIZES, SOAK, Sizes
from tests.support.statements import Statements, recorded
from tests.support.valkey import RedisServer

# The environment of whoever starts the tests must not reach them.
for _name in (
    "DATABASE_URL",
    "REDIS_URL",
    "PUBLIC_URL",
    "SECRET_KEY",
    "TRUSTED_HOSTS",
    "INSTANCE",
    "PAYMENT_SECRETS_KEY",
):
    os.environ.pop(_name, None)
os.environ["XIAOPU_ENV"] = "testing"
os.environ["TZ"] = "UTC"
time.tzset()

passwords.hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

BACKENDS = databases.BACKENDS

hypothesis.settings.register_profile(
    "run", max_examples=SIZES.sequences, deadline=None, derandomize=not SOAK, print_blob=True
)
hypothesis.settings.load_profile("run")

_RUN = "XIAOPU_TEST_RUN"  # the folder that all workers of one run share


def pytest_configure(config: pytest.Config) -> None:
    """The controlling process makes the shared folder; its workers inherit the name."""
    if not hasattr(config, "workerinput"):
        catalogue.compile_stale()  # a fresh clone has the texts only
        parent = Path(tempfile.gettempdir())
        postgres.sweep(parent)
        os.environ[_RUN] = tempfile.mkdtemp(prefix=f"xiaopu-tests-{os.getpid()}-")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> grouping.Grouped:
    """Tests that share a running shop go to one worker."""
    return grouping.Grouped(config, log)


def pytest_unconfigure(config: pytest.Config) -> None:
    """The controlling process stops what the run shared."""
    if not hasattr(config, "workerinput") and _RUN in os.environ:
        run = Path(os.environ.pop(_RUN))
        postgres.stop(run)
        shutil.rmtree(run, ignore_errors=True)


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Nothing is left out in silence."""
    machine.summarize(terminalreporter)


def settings(url: str, folder: Path) -> dict[str, Any]:
    """The configuration of a shop under test."""
    return {
        "TESTING": True,
        "SECRET_KEY": "tests-only-" + "x" * 40,
        "SQLALCHEMY_DATABASE_URI": url,
        "INSTANCE": str(folder),
        "MEDIA_FOLDER": str(folder / "media"),
        "IMPORTS_FOLDER": str(folder / "imports"),
        "MAIL_SENDER": "memory",
        "RATELIMIT_ENABLED": False,
        "WTF_CSRF_ENABLED": False,
        "SERVER_NAME": None,
    }


@pytest.fixture(scope="session")
def run_folder() -> Path:
    """The folder that all workers of this run share."""
    return Path(os.environ[_RUN])


@pytest.fixture(scope="session")
def postgres_server(run_folder: Path) -> str:
    """The address of a real PostgreSQL (its database `postgres`), one for the whole run."""
    return postgres.address(run_folder)


@pytest.fixture(scope="session")
def _shops() -> dict[str, tuple[Flask, databases.Database]]:
    return {}


@pytest.fixture(params=BACKENDS)
def app(
    request: pytest.FixtureRequest,
    _shops: dict[str, tuple[Flask, databases.Database]],
    run_folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Flask]:
    """The shop with an empty database, its context pushed. One application per worker and kind."""
    from shop.app import create_app
    from shop.core.db import db

    backend: str = request.param
    if backend not in _shops:
        folder = tmp_path_factory.mktemp(backend)
        database = databases.make(
            backend, run_folder, folder, lambda url: create_app(settings(url, folder))
        )
        _shops[backend] = create_app(settings(database.url, folder)), database
        _shops[backend][0].test_client_class = ShopClient
    application, database = _shops[backend]
    before = dict(application.config)
    with application.app_context():
        yield application
        db.session.rollback()
        db.session.remove()
        database.empty(db.engine)
        application.extensions["kept"].forget()
        application.extensions["facets"].forget()
        application.extensions.pop("payments", None)
    application.config.clear()
    application.config.update(before)


@pytest.fixture
def database_url(app: Flask) -> str:
    """Where the shop under test keeps its data, for processes that a test starts."""
    return str(app.config["SQLALCHEMY_DATABASE_URI"])


@pytest.fixture
def statements(app: Flask) -> Iterator[Statements]:
    """The SQL statements run since the test began; `statements.clear()` begins anew."""
    from shop.core.db import db

    with recorded(db.engine) as kept:
        yield kept


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without scripts."""
    return app.test_client()


@pytest.fixture(scope="session")
def _redis() -> Iterator[RedisServer]:
    server = RedisServer()
    yield server
    server.close()


@pytest.fixture
def redis_server(_redis: RedisServer) -> RedisServer:
    """A real Valkey, running and empty; a test may stop, kill and start it."""
    _redis.flush()
    return _redis


@pytest.fixture(scope="session")
def sizes() -> Sizes:
    """How often a race is run, how many sequences are tried: small here, full in `make soak`."""
    return SIZES


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium; a test that needs one is named at the end where there is none."""
    return chromium_finder.find() or machine.cannot("Chromium (none found; set CHROMIUM)")


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """The one Chromium of a worker: Playwright refuses to be started a second time in a process."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=chromium, args=[*chromium_finder.arguments(), "--disable-gpu"]
        )
        yield found
        found.close()


def pytest_collection_finish() -> None:
    """What is loaded by now stays: full collections need not look at it again and again."""
    gc.collect()
    gc.freeze()
