"""Real workers, a real queue, a real mail server; killed, cut off, told to stop."""

import time
from datetime import timedelta

import pytest
from sqlalchemy import update

from shop.account import sessions, tokens
from shop.account.models import UserSession
from shop.core import clock
from shop.core.db import db
from shop.core.models import Delivery, Outbox
from shop.core.transaction import transaction
from shop.jobs import outbox as jobs
from shop.jobs import queue, seen
from shop.notifications.models import Message
from tests.factories.users import make_user
from tests.jobs.conftest import eventually, in_time

any_database = pytest.mark.parametrize("app", ("sqlite",), indirect=True)
"""What has nothing to do with the kind of database is shown on one."""


def ask_to_confirm(app, count=1):
    """Record `count` events that each make a mail."""
    for _ in range(count):
        person = make_user(confirmed=False)
        with transaction():
            tokens.request_confirmation(person.id, secret=app.config["SECRET_KEY"])


def states():
    db.session.rollback()
    return sorted(db.session.scalars(db.select(Message.state)))


def deliveries():
    db.session.rollback()
    return sorted(db.session.scalars(db.select(Delivery.state)))


def test_an_event_reaches_the_mail_server(queued, start, mail_server):
    ask_to_confirm(queued, count=2)
    worker = start("worker")
    in_time(lambda: states() == ["sent"] * 2)
    mail = mail_server.messages[0]
    assert mail["Subject"] == "Confirm your e-mail address"
    assert "/en/confirm-email/" in mail.get_body(("plain",)).get_content()
    assert len(mail_server.connections) == 1  # a batch takes one connection
    assert worker.stop() == 0


def test_a_worker_killed_in_the_middle_of_a_mail(queued, start, mail_server):
    mail_server.held.set()
    ask_to_confirm(queued, count=3)
    worker = start("worker")
    in_time(mail_server.reached.is_set)
    worker.kill()
    mail_server.held.clear()
    assert states() == ["queued"] * 3

    start("worker")
    with transaction():  # the lease runs out
        db.session.execute(update(Delivery).values(next_try_at=clock.now()))
    in_time(lambda: states() == ["sent"] * 3)
    in_time(lambda: deliveries() == ["done"] * 3)
    assert len(mail_server.messages) == 3


def test_a_worker_killed_after_the_mail_and_before_the_mark_repeats_its_id(
    queued, start, mail_server
):
    start("worker")
    ask_to_confirm(queued)
    in_time(lambda: states() == ["sent"])
    in_time(lambda: deliveries() == ["done"])
    with transaction():  # as if the mark and the end of the delivery had been lost
        db.session.execute(update(Message).values(state="queued", sent_at=None))
        db.session.execute(update(Delivery).values(state="pending", next_try_at=clock.now()))

    in_time(lambda: len(mail_server.messages) == 2)
    in_time(lambda: states() == ["sent"])
    first, second = mail_server.messages
    assert first["Message-ID"] == second["Message-ID"]


def test_redis_stopped_while_events_are_recorded(queued, start, mail_server, redis_server):
    start("worker")
    redis_server.stop()
    before = time.monotonic()
    ask_to_confirm(queued, count=3)
    assert time.monotonic() - before < 5
    assert mail_server.messages == []

    redis_server.start()
    queue.init_queue(queued)  # a web worker's own pause after an error is over
    with clock.at(clock.now() + timedelta(seconds=11)):
        assert jobs.sweep() == 6  # of each person, the registration and the confirmation
    in_time(lambda: states() == ["sent"] * 3)
    assert len(mail_server.messages) == 3


@any_database
def test_redis_killed_and_emptied_loses_nothing(queued, start, mail_server, redis_server):
    ask_to_confirm(queued, count=2)
    redis_server.kill()
    redis_server.flush()
    queue.init_queue(queued)
    start("worker")
    with clock.at(clock.now() + timedelta(seconds=11)):
        jobs.sweep()
    in_time(lambda: states() == ["sent"] * 2)


@any_database
def test_the_scheduler_sweeps_by_itself(queued, start, mail_server, redis_server):
    queue.init_queue(queued)
    queued.extensions.pop("job_queue")  # nobody wakes a worker
    ask_to_confirm(queued)
    with transaction():
        db.session.execute(update(Outbox).values(recorded_at=clock.now() - timedelta(minutes=1)))
    start("worker")
    cron = start("cron")
    eventually(lambda: states() == ["sent"])
    assert cron.stop() == 0


@any_database
def test_a_scheduler_without_redis_waits_and_can_be_stopped(queued, start, redis_server):
    redis_server.stop()
    cron = start("cron")
    worker = start("worker")
    redis_server.start()
    eventually(lambda: redis_server.client().keys("rq:cron_scheduler:*"), 40)
    eventually(lambda: redis_server.client().smembers("rq:workers"), 40)
    assert cron.stop() == 0
    assert worker.stop() == 0


@any_database
def test_the_sweeper_leaves_alone_what_waits_already(queued):
    ask_to_confirm(queued, count=3)
    with clock.at(clock.now() + timedelta(seconds=11)):
        assert jobs.sweep() == 0


@pytest.mark.parametrize("times", (1, 2))
def test_sightings_are_written_down(queued, times):
    person = make_user()
    with clock.at(clock.now() - timedelta(days=1)), transaction():
        session = sessions.create(person.id)
    for _ in range(times):
        seen.note(session.id)
        assert seen.write_seen() == 1
    assert seen.write_seen() == 0
    row = db.session.get(UserSession, session.id, populate_existing=True)
    assert clock.now() - row.seen_at < timedelta(minutes=1)
