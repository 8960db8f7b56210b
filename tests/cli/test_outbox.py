"""`flask outbox` and `flask jobs`, without a queue."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from shop.account import tokens
from shop.core import clock, outbox
from shop.core.db import db
from shop.core.models import Delivery
from shop.core.transaction import transaction
from shop.jobs import inline, schedule
from shop.notifications import senders
from tests.factories.users import make_user


@pytest.fixture
def run(app):
    runner = app.test_cli_runner()

    def invoke(*arguments):
        result = runner.invoke(args=arguments)
        db.session.rollback()
        return result

    return invoke


def ask_to_confirm(app):
    person = make_user(confirmed=False)
    with transaction():
        tokens.request_confirmation(person.id, secret=app.config["SECRET_KEY"])


def test_the_outbox_is_swept_in_place(app, run):
    senders.memory().clear()
    ask_to_confirm(app)
    result = run("outbox", "sweep", "--inline")
    assert "2 events drained, 1 deliveries made, 0 failed and will be tried again." in result.output
    assert len(senders.memory()) == 1
    assert run("outbox", "sweep", "--inline").output.startswith("0 events drained")


def test_without_a_queue_it_says_what_to_do(run):
    result = run("outbox", "sweep")
    assert result.exit_code == 1
    assert "use --inline" in result.output
    for command in ("worker", "cron"):
        assert "Set REDIS_URL" in run("jobs", command).output


def test_status_counts_and_names_what_failed(app, run):
    ask_to_confirm(app)
    assert "undrained  2" in run("outbox", "status").output
    inline.run_all()
    assert "done       1" in run("outbox", "status").output


def test_failed_deliveries_are_tried_again(app, run):
    app.config["MAIL_SENDER"] = "nothing that exists"
    ask_to_confirm(app)
    moment = clock.now()
    for attempt in range(outbox.MAX_ATTEMPTS):
        with clock.at(moment + timedelta(hours=2 * attempt)):
            inline.run_all()
    row = db.session.query(Delivery).one()
    assert (row.state, row.attempts) == ("failed", outbox.MAX_ATTEMPTS)
    assert "nothing that exists" in row.error

    app.config["MAIL_SENDER"] = "memory"
    senders.memory().clear()
    assert run("outbox", "retry", "999999").output.startswith("0 ")
    assert run("outbox", "retry").output.startswith("1 ")
    inline.run_all()
    assert len(senders.memory()) == 1


def test_a_failing_delivery_waits_longer_each_time(app):
    app.config["MAIL_SENDER"] = "nothing that exists"
    ask_to_confirm(app)
    moment, waits = clock.now(), []
    for _ in range(4):
        with clock.at(moment):
            assert inline.run_all().failed == 1
            assert inline.run_all().failed == 0
            due = db.session.scalar(db.select(Delivery.next_try_at))
        waits.append(due - moment)
        moment = due
    assert waits == sorted(waits)
    assert waits[0] == timedelta(seconds=10)


def test_a_delivery_under_way_is_left_alone(app):
    ask_to_confirm(app)
    with clock.at(clock.now() + timedelta(minutes=1)):
        inline.run_all()
        with transaction():
            db.session.execute(update(Delivery).values(state="pending"))
        assert inline.run_all().delivered == 0


@pytest.mark.parametrize("name", [periodic.name for periodic in schedule.PERIODIC])
def test_every_periodic_job_runs_by_hand_and_twice(run, name):
    for _ in range(2):
        result = run("jobs", "run-once", name)
        assert result.exit_code == 0, result.exception or result.output
        assert result.output == f"{name}: 0\n"


def test_periodic_jobs_are_named(run):
    assert "sweep-outbox" in run("jobs", "run-once").output
    assert "There is no periodic job nonsense" in run("jobs", "run-once", "nonsense").output
