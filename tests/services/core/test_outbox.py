"""Events: recorded with their cause, turned into deliveries, each made by one at a time."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from shop.core import clock, outbox
from shop.core.db import db
from shop.core.errors import Conflict
from shop.core.models import Delivery, Outbox
from shop.core.transaction import transaction
from shop.jobs import queue

HANDLERS = {"thing.happened": ["mail.one", "mail.two"]}
LEASE = timedelta(minutes=1)


@pytest.fixture
def woken(app: Flask) -> Iterator[list[int]]:
    ids: list[int] = []
    outbox.set_waker(ids.append)
    yield ids
    outbox.set_waker(queue.wake)


def record(**payload: object) -> int:
    with transaction():
        outbox.record("thing.happened", **payload)
    return db.session.scalars(select(Outbox.id).order_by(Outbox.id.desc())).first() or 0


def drain(limit: int = 100) -> list[int]:
    with transaction():
        return [number for number, _ in outbox.drain(HANDLERS, limit).deliveries]


def due() -> list[int]:
    db.session.rollback()
    return [one.id for one in outbox.due_deliveries()]


def claim_new(limit: int = 10) -> list[outbox.Taken]:
    with transaction():
        return outbox.claim_new(HANDLERS["thing.happened"], LEASE, limit)


def claim(delivery_id: int) -> bool:
    with transaction():
        return outbox.claim(delivery_id, LEASE) is not None


def delivery(delivery_id: int) -> Delivery:
    db.session.rollback()
    return db.session.get_one(Delivery, delivery_id, populate_existing=True)


def test_the_waker_is_told_after_the_commit(app: Flask, woken: list[int]) -> None:
    with transaction():
        outbox.record("thing.happened", thing_id=7)
        outbox.record("thing.happened", thing_id=8)
        assert woken == []
    rows = db.session.execute(select(Outbox.id, Outbox.payload).order_by(Outbox.id)).all()
    assert woken == [row.id for row in rows]
    assert [row.payload for row in rows] == [{"thing_id": 7}, {"thing_id": 8}]


def test_what_is_rolled_back_is_told_to_nobody(app: Flask, woken: list[int]) -> None:
    def refused() -> None:
        with transaction():
            outbox.record("thing.happened")
            raise Conflict("x")

    with pytest.raises(Conflict):
        refused()
    assert woken == []
    assert outbox.counts() == {"undrained": 0}


def test_of_a_hushed_past_nothing_is_recorded(app: Flask, woken: list[int]) -> None:
    with transaction(), outbox.hushed():
        outbox.record("thing.happened")
    assert (woken, outbox.counts()) == ([], {"undrained": 0})
    record()
    assert outbox.counts() == {"undrained": 1}


def test_a_delivery_for_each_handler_however_often_drained(app: Flask) -> None:
    record()
    first = drain()
    assert len(first) == 2
    assert drain() == []
    assert due() == first
    assert outbox.counts() == {"undrained": 0, "pending": 2}
    with transaction():
        outbox.done(first[0])
    assert due() == first[1:]
    assert outbox.counts() == {"undrained": 0, "pending": 1, "done": 1}


def test_the_oldest_events_first_so_many_at_a_time(app: Flask) -> None:
    for _ in range(3):
        record()
    first = drain(limit=2)
    assert len(first) == 4
    assert outbox.counts() == {"undrained": 1, "pending": 4}
    assert min(drain()) > max(first)


def test_an_event_that_nobody_wants(app: Flask) -> None:
    with transaction():
        outbox.record("thing.ignored")
    assert drain() == []
    assert outbox.counts() == {"undrained": 0}


def test_the_sweeper_sees_what_was_left(app: Flask) -> None:
    event = record()
    assert outbox.undrained(timedelta(seconds=10)) == []
    with clock.at(clock.now() + timedelta(seconds=11)):
        assert outbox.undrained(timedelta(seconds=10)) == [event]
        deliveries = drain()
        assert outbox.undrained(timedelta(seconds=10)) == []
        assert due() == deliveries


def test_a_batch_takes_what_nobody_has_tried(app: Flask) -> None:
    record(thing_id=7)
    record(thing_id=8)
    one, two, three, four = drain()
    assert claim(two)
    taken = claim_new(limit=2)
    assert [(each.id, each.payload) for each in taken] == [
        (one, {"thing_id": 7}),
        (three, {"thing_id": 8}),
    ]
    assert [each.id for each in claim_new()] == [four]
    with transaction():
        outbox.release([three])
    assert delivery(three).attempts == 0
    assert [each.id for each in claim_new()] == [three]
    with clock.at(
        clock.now() + timedelta(seconds=61)
    ):  # the worker was killed: each alone from now on
        assert claim_new() == []
        assert due() == [one, two, three, four]


def test_a_delivery_is_with_one_at_a_time(app: Flask) -> None:
    record()
    first, _ = drain()
    assert claim(first)
    assert not claim(first)
    with clock.at(clock.now() + timedelta(seconds=61)):  # its worker was killed
        assert first in due()
        assert claim(first)
        assert delivery(first).attempts == 2
        with transaction():
            outbox.done(first)
    with clock.at(clock.now() + timedelta(days=1)):
        assert not claim(first)
    assert not claim(first + 1000)


def test_a_failure_waits_longer_each_time_and_then_shows(app: Flask) -> None:
    record()
    first, _ = drain()
    waits = []
    moment = clock.now()
    for _ in range(outbox.MAX_ATTEMPTS):
        with clock.at(moment):
            assert claim(first)
            with transaction():
                again = outbox.failed(first, "no mail server" + "!" * 5000)
            if again is None:
                break
            assert not claim(first)
            waits.append((again - moment).total_seconds())
            moment = again
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (10, 3600)
    row = delivery(first)
    assert (row.state, row.attempts) == ("failed", outbox.MAX_ATTEMPTS)
    assert len(row.error or "") == 2000
    assert outbox.counts()["failed"] == 1
