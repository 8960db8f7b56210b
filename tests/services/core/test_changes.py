"""The log of changes: found once, by everybody, whatever the order of the commits."""

import threading
from datetime import timedelta

import pytest
from flask import Flask

from shop.core import changes, clock
from shop.core.db import db
from shop.core.errors import Conflict
from shop.core.models import Setting
from shop.core.transaction import transaction


def follower() -> changes.Follower:
    found = changes.Follower()
    assert found.news().lost  # of what was before, nothing is known
    db.session.rollback()
    return found


def news(one: changes.Follower) -> list[changes.Note]:
    found = one.news()
    db.session.rollback()
    assert not found.lost
    return list(found.notes)


def test_a_change_is_told_once_to_each(app: Flask) -> None:
    first, second = follower(), follower()
    with transaction():
        changes.note("product", 7)
        changes.note("product", 7)
        changes.note("pages")
    assert news(first) == [("pages", None), ("product", 7)]
    assert news(first) == []
    with transaction():
        changes.note("product", 8)
    assert news(first) == [("product", 8)]
    assert news(second) == [("pages", None), ("product", 7), ("product", 8)]


def test_what_is_refused_is_not_told(app: Flask) -> None:
    one = follower()
    with pytest.raises(Conflict):
        _refused()
    with transaction():
        pass
    assert news(one) == []
    with pytest.raises(RuntimeError):
        changes.note("product", 7)


def _refused() -> None:
    with transaction():
        changes.note("product", 7)
        raise Conflict("x")


def test_who_was_away_for_long_forgets_everything(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = follower()
    with transaction():
        changes.note("product", 1)
    later = clock.now() + changes.KEPT
    monkeypatch.setattr(clock, "now", lambda: later + timedelta(seconds=1))
    assert one.news().lost
    assert news(one) == []
    with transaction():
        changes.note("product", 2)
    with transaction():
        assert changes.forget_old() == 1
    assert news(one) == [("product", 2)]


def test_tables_tell_by_themselves(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "_watcher", [])
    changes.watch(lambda table: "test" if table == "setting" else None)
    one = follower()
    with transaction():
        db.session.add(Setting(key="a", value={}))  # flushed by the commit only
    assert ("test", None) in news(one)
    with transaction():
        db.session.execute(db.update(Setting).values(key="b"))
    assert ("test", None) in news(one)


def test_a_number_given_early_and_committed_late_is_told(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two transactions on PostgreSQL, of which the first one ends last."""
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    monkeypatch.setattr(changes, "_watcher", [])
    one = follower()
    noted, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        with app.app_context(), transaction():
            changes.note("product", 1)
            db.session.add(Setting(key="slow", value={}))
            db.session.flush()  # takes its number
            noted.set()
            assert go_on.wait(20)

    thread = threading.Thread(target=slow)
    thread.start()
    assert noted.wait(20)
    with transaction():
        changes.note("product", 2)
    assert news(one) == [("product", 2)]
    go_on.set()
    thread.join()
    assert news(one) == [("product", 1)]
    assert news(one) == []
