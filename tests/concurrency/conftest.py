"""Processes against one database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from shop.core.db import db
from tests.concurrency.herd import Herd


@pytest.fixture
def herd(app: Flask, tmp_path: Path) -> Iterator[Herd]:
    """Real processes that act on the shop under test in the same moment."""
    db.session.remove()
    settings = {
        name: app.config[name]
        for name in ("SQLALCHEMY_DATABASE_URI", "INSTANCE", "MEDIA_FOLDER", "SECRET_KEY")
    }
    ours = {"MAIL_SENDER": "memory", "RATELIMIT_ENABLED": False, "WTF_CSRF_ENABLED": False}
    found = Herd(settings | ours, tmp_path / "herd.log")
    yield found
    found.close()
