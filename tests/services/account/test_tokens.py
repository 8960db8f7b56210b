"""Links by mail: once, short-lived, and made again from what the database does not tell."""

from datetime import timedelta

import pytest

from shop.account import queries, services, sessions, tokens
from shop.account.models import OneTimeToken
from shop.core import clock
from shop.core.db import db
from shop.core.errors import Invalid
from shop.core.models import Outbox
from shop.core.transaction import transaction
from tests.factories.users import PASSWORD, make_user

SECRET = "the application's secret"


def last_event(name):
    return db.session.query(Outbox).filter_by(name=name).order_by(Outbox.id.desc()).first().payload


def confirmation(person, email=None):
    with transaction():
        tokens.request_confirmation(person.id, secret=SECRET, email=email)
    return mailed("user.confirmation_requested")


def reset(login):
    with transaction():
        tokens.request_reset(login, secret=SECRET)
    return mailed("user.reset_requested")


def mailed(event):
    return tokens.for_mail(last_event(event)["token_id"], secret=SECRET)


def use(token):
    with transaction():
        return tokens.confirm(token)


def test_a_confirmation_holds_once(app):
    person = make_user(confirmed=False)
    found = confirmation(person)
    assert found.email == person.email
    assert use(found.token) == person.id
    assert queries.profile(person.id).confirmed
    with pytest.raises(Invalid):
        use(found.token)


def test_the_database_does_not_tell_the_token(app):
    found = confirmation(make_user())
    row = db.session.query(OneTimeToken).one()
    assert found.token not in {str(value) for value in vars(row).values()}
    assert found.token not in str(last_event("user.confirmation_requested"))
    with pytest.raises(Invalid):
        tokens.for_mail(row.id, secret="another secret")


@pytest.mark.parametrize(("hours", "works"), ((71, True), (73, False)))
def test_a_confirmation_is_short_lived(app, hours, works):
    person = make_user(confirmed=False)
    token = confirmation(person).token
    with clock.at(clock.now() + timedelta(hours=hours)):
        assert tokens.is_open(token, tokens.CONFIRM) is works
        if works:
            use(token)
        else:
            with pytest.raises(Invalid):
                use(token)
    assert queries.profile(person.id).confirmed is works


def test_a_new_link_ends_the_one_before(app):
    person = make_user(confirmed=False)
    first, second = confirmation(person), confirmation(person)
    with pytest.raises(Invalid):
        use(first.token)
    assert use(second.token) == person.id


def test_a_new_address_is_taken_over_by_confirming_it(app):
    person = make_user()
    found = confirmation(person, email="new@example.com")
    assert found.email == "new@example.com"
    assert queries.profile(person.id).email == person.email
    use(found.token)
    assert queries.profile(person.id).email == "new@example.com"


def test_an_address_that_was_taken_meanwhile_is_not_taken_over(app):
    person = make_user()
    found = confirmation(person, email="new@example.com")
    make_user(email="NEW@example.com")
    with pytest.raises(Invalid) as refused:
        use(found.token)
    assert refused.value.reason == "email-taken"
    assert tokens.is_open(found.token, tokens.CONFIRM)


def test_a_reset_sets_the_password_and_ends_every_session(app):
    person = make_user(confirmed=False)
    with transaction():
        session = sessions.create(person.id)
    token = reset(person.username).token
    with transaction():
        assert tokens.reset_password(token, "a bridge in the rain") == person.id
    assert services.authenticate(person.username, "a bridge in the rain") is not None
    assert services.authenticate(person.username, PASSWORD) is None
    assert queries.load_session(sessions.token_hash(session.token), idle=sessions.IDLE) is None
    assert queries.profile(person.id).confirmed
    with pytest.raises(Invalid), transaction():
        tokens.reset_password(token, "a bridge in the snow")


def test_a_refused_password_leaves_the_link_open(app):
    token = reset(make_user().email).token
    with pytest.raises(Invalid), transaction():
        tokens.reset_password(token, "short")
    assert tokens.is_open(token, tokens.RESET)


def test_a_confirmation_resets_nothing(app):
    found = confirmation(make_user())
    with pytest.raises(Invalid), transaction():
        tokens.reset_password(found.token, "a bridge in the rain")


@pytest.mark.parametrize("login", ("nobody", "nobody@example.com", "", "\ud800"))
def test_a_reset_for_nobody_looks_the_same(app, login):
    with transaction():
        tokens.request_reset(login, secret=SECRET)
    assert last_event("user.reset_requested") == {"token_id": None}
    assert db.session.query(OneTimeToken).count() == 0


@pytest.mark.parametrize("token", ("", "x", "\ud800", "x" * 10_000, "' OR 1=1 --"))
def test_hostile_links_are_refused(app, token):
    assert not tokens.is_open(token, tokens.RESET)
    with pytest.raises(Invalid):
        use(token)


def test_a_disabled_account_gets_no_link(app):
    person = make_user()
    found = reset(person.username)
    with transaction():
        services.disable(person.id)
    assert mailed("user.reset_requested") is None
    with pytest.raises(Invalid), transaction():
        tokens.reset_password(found.token, "a bridge in the rain")
    with transaction():
        tokens.request_reset(person.username, secret=SECRET)
    assert last_event("user.reset_requested") == {"token_id": None}
