"""Processes against one database."""

from collections.abc import Iterator

import pytest
from flask import Flask

from shop.core.db import db
from tests.concurrency.herd import Herd


@pytest.fixture(scope="session")
def _herds() -> Iterator[dict[str, Herd]]:
    """Making a shop takes seconds: one herd for each database of a worker."""
    found: dict[str, Herd] = {}
    yield found
    for one in found.values():
        one.close()


@pytest.fixture
def herd(
    app: Flask, _herds: dict[str, Herd], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Herd]:
    """Real processes that act on the shop under test in the same moment."""
    db.session.remove()
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    if url in _herds:
        yield _herds[url]
        return
    settings = {
        name: app.config[name]
        for name in ("SQLALCHEMY_DATABASE_URI", "INSTANCE", "MEDIA_FOLDER", "SECRET_KEY")
    }
    ours = {"MAIL_SENDER": "memory", "RATELIMIT_ENABLED": False, "WTF_CSRF_ENABLED": False}
    _herds[url] = Herd(settings | ours, tmp_path_factory.mktemp("herd") / "herd.log")
    yield _herds[url]
