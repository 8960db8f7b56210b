"""The one place that commits."""

import threading
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from shop.core import outbox, turns
from shop.core.db import db
from shop.core.errors import Busy, Conflict
from shop.core.models import Outbox, Setting
from shop.core.transaction import after_commit, at_end, inside, transaction


def settings() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Setting)) or 0


def write(key: str) -> None:
    db.session.add(Setting(key=key, value={}))


def refused(*acts: Callable[[], object]) -> None:
    """Do all of it in a transaction that is refused in the end."""
    with transaction():
        for act in acts:
            act()
        raise Conflict("x")


def test_all_or_nothing(app: Flask) -> None:
    with transaction():
        write("a")
        write("b")
    with pytest.raises(Conflict):
        refused(lambda: write("c"), db.session.flush)
    with pytest.raises(IntegrityError), transaction():
        db.session.add_all([Setting(key="d", value={}), Setting(key="a", value={})])
    assert settings() == 2
    assert not inside()


def test_transactions_do_not_nest(app: Flask) -> None:
    def nested() -> None:
        with transaction():
            write("inner")

    with pytest.raises(RuntimeError, match="do not nest"):
        refused(lambda: write("outer"), nested)
    assert settings() == 0
    with transaction():  # and the next one is open to everybody again
        assert inside()


def test_what_waits_for_the_commit_runs_after_it_or_not_at_all(app: Flask) -> None:
    seen: list[int] = []
    with transaction():
        write("a")
        after_commit(lambda: seen.append(settings()))
        assert seen == []
    assert seen == [1]
    with pytest.raises(Conflict):
        refused(lambda: after_commit(lambda: seen.append(99)))
    with transaction():
        pass
    assert seen == [1]
    with pytest.raises(RuntimeError, match="no transaction"):
        after_commit(lambda: None)


def test_what_waits_for_the_end_runs_once_per_key_and_in_their_order(app: Flask) -> None:
    seen: list[str] = []
    with transaction():
        for name in ("b", "a", "b"):
            at_end(("listing", name), lambda name=name: (write(name), seen.append(name))[1])
        assert seen == []
    assert seen == ["a", "b"]
    assert settings() == 2  # and is part of it
    with pytest.raises(Conflict):
        refused(lambda: at_end(("x",), lambda: seen.append("x")))
    with transaction():
        pass
    assert seen == ["a", "b"]
    with pytest.raises(RuntimeError, match="no transaction"):
        at_end(("x",), lambda: None)


def test_what_runs_after_the_commit_may_begin_anew(app: Flask) -> None:
    def again() -> None:
        with transaction():
            write("b")

    with transaction():
        write("a")
        after_commit(again)
    assert settings() == 2


def test_reading_first_does_not_make_the_write_fail(app: Flask) -> None:
    """Somebody else writes between our read and our write: on SQLite a deferred transaction that had
    read before would fail at once, whatever the time to wait."""
    assert settings() == 0
    db.session.scalar(select(func.count()).select_from(Setting))  # a read transaction is open

    elsewhere(app, lambda: write("theirs"))
    with transaction():
        assert db.session.scalar(select(func.count()).select_from(Setting)) == 1
        write("ours")
    assert settings() == 2


def test_what_was_read_before_is_read_anew(app: Flask) -> None:
    with transaction():
        write("a")
    row = db.session.scalars(select(Setting)).one()
    elsewhere(app, lambda: db.session.execute(text("""UPDATE setting SET value = '{"n": 2}'""")))
    with transaction():
        assert row.value == {"n": 2}


def test_a_database_that_cannot_be_had_is_busy(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another connection holds what is needed for longer than we wait."""
    with transaction():
        write("a")
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        db.session.execute(text("UPDATE setting SET key = key"))
        held.set()
        done.wait(30)

    holder = threading.Thread(target=elsewhere, args=(app, hold))
    holder.start()
    try:
        assert held.wait(10)
        if db.engine.dialect.name == "sqlite":
            monkeypatch.setattr(turns, "PATIENCE", 0.05)
        else:
            db.session.execute(text("SET lock_timeout = 50"))
            db.session.commit()
        with pytest.raises(Busy), transaction():
            db.session.execute(text("UPDATE setting SET key = key"))
    finally:
        done.set()
        holder.join()
        db.session.remove()
        db.engine.dispose()  # with it goes our impatience
    assert not inside()
    with transaction():
        write("b")


def elsewhere(app: Flask, act: Callable[[], object]) -> None:
    """Do it in a transaction of another session."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            with app.app_context(), transaction():
                act()
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert failures == []


def test_an_event_is_recorded_with_its_cause_only(app: Flask) -> None:
    with pytest.raises(Conflict):
        refused(lambda: outbox.record("thing.happened", thing_id=1))
    assert db.session.scalar(select(func.count()).select_from(Outbox)) == 0
