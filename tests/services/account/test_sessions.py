"""Sessions: opened, idle, over, revoked."""

from datetime import timedelta

import pytest

from shop.account import queries, services, sessions
from shop.account.models import UserSession
from shop.core import clock
from shop.core.db import db
from shop.core.errors import NotFound
from shop.core.transaction import transaction
from tests.factories.users import make_user
from tests.support.statements import recorded


def create(person, **fields):
    with transaction():
        return sessions.create(person.id, **fields)


def load(session, idle=sessions.IDLE):
    return queries.load_session(sessions.token_hash(session.token), idle=idle)


def test_a_session_says_who_it_is_in_one_statement(app):
    person = make_user("lin", display_name="Lin Wan", locale="zh", is_operator=True)
    session = create(person)
    db.session.rollback()
    with recorded(db.engine) as statements:
        found = load(session)
    assert len(statements) == 1
    assert found.is_authenticated
    assert (found.user_id, found.public_id) == (person.id, person.public_id)
    assert (found.name, found.locale, found.is_operator) == ("Lin Wan", "zh", True)
    assert (found.session_id, found.confirmed) == (session.id, True)


def test_the_token_is_kept_nowhere(app):
    session = create(make_user())
    row = db.session.get(UserSession, session.id)
    assert session.token not in {str(value) for value in vars(row).values()}
    assert len(session.token) >= 43


def test_idle_and_absolute_end(app):
    moment = clock.now()
    person = make_user()
    with clock.at(moment):
        session = create(person, lasts=timedelta(days=90))
    for days, expected in ((13, True), (15, False)):
        with clock.at(moment + timedelta(days=days)):
            assert (load(session) is not None) is expected
    for day in range(10, 100, 10):
        with clock.at(moment + timedelta(days=day)), transaction():
            sessions.touch({session.id: clock.now()})
    with clock.at(moment + timedelta(days=89)):
        assert load(session) is not None
    with clock.at(moment + timedelta(days=90)):
        assert load(session) is None


def test_an_older_sighting_does_not_turn_the_clock_back(app):
    session = create(make_user())
    before = db.session.get(UserSession, session.id).seen_at
    with transaction():
        sessions.touch({session.id: before - timedelta(days=1), 10**9: before})
    assert db.session.get(UserSession, session.id, populate_existing=True).seen_at == before


def test_signing_out_ends_a_copied_cookie(app):
    session = create(make_user())
    with transaction():
        sessions.revoke_token(session.token)
        sessions.revoke_token("nobody's")
    assert load(session) is None


def test_a_session_is_revoked_by_its_owner_only(app):
    mine, other = make_user(), make_user()
    session = create(mine)
    with pytest.raises(NotFound), transaction():
        sessions.revoke(other.id, session.public_id)
    assert load(session) is not None
    for _ in range(2):
        with transaction():
            sessions.revoke(mine.id, session.public_id)
    assert load(session) is None


def test_devices_are_listed_and_all_ended(app):
    person = make_user()
    first = create(person, user_agent="Firefox\x00\n/ 130", ip="203.0.113.9")
    second = create(person)
    listed = queries.devices(person.id, idle=sessions.IDLE, current_session_id=second.id)
    assert [device.current for device in listed].count(True) == 1
    assert {device.user_agent for device in listed} == {"Firefox/ 130", ""}
    with transaction():
        assert sessions.revoke_all(person.id, keep_session_id=second.id) == 1
    assert load(first) is None
    assert [d.public_id for d in queries.devices(person.id, idle=sessions.IDLE)] == [
        second.public_id
    ]


def test_ended_sessions_are_forgotten_after_a_while(app):
    person = make_user()
    gone, kept = create(person), create(person)
    with transaction():
        sessions.revoke_token(gone.token)
    with clock.at(clock.now() + timedelta(days=31)), transaction():
        assert sessions.forget_ended(timedelta(days=30)) == 1
    assert db.session.get(UserSession, kept.id) is not None


def test_the_identity_never_shows_its_token(app):
    person = make_user()
    session = create(person)
    found = load(session)
    assert found.get_id() == ""
    with transaction():
        services.disable(person.id)
    assert load(session) is None
