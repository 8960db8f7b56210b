"""Opening an account, signing in, changing what it says."""

import time

import pytest

from shop.account import credentials, passwords, queries, services, sessions
from shop.core import clock
from shop.core.db import db
from shop.core.errors import Forbidden, Invalid
from shop.core.models import Outbox
from shop.core.transaction import transaction
from tests.factories.users import PASSWORD, hashed, make_user


def register(username="lin", email="lin@example.com", **fields):
    with transaction():
        return services.register(username, email, fields.pop("password", hashed()), **fields).id


def events(name):
    return [row.payload for row in db.session.query(Outbox).filter_by(name=name)]


@pytest.mark.parametrize("login", ("lin", "LIN", "lin@example.com", "Lin@Example.com", "  lin "))
def test_sign_in_with_user_name_or_email_whatever_their_case(app, login):
    user_id = register("Lin", "Lin@example.com")
    found = services.authenticate(login, PASSWORD)
    assert found is not None
    assert found.user_id == user_id


@pytest.mark.parametrize(
    ("login", "password"),
    (
        ("lin", "something else"),
        ("lin", PASSWORD + " "),
        ("lin", PASSWORD + "x" * 5000),
        ("nobody", PASSWORD),
        ("nobody@example.com", PASSWORD),
        ("", ""),
        ("\ud800", "\ud800"),
    ),
)
def test_everything_else_is_refused(app, login, password):
    register()
    assert services.authenticate(login, password) is None


def test_somebody_unknown_costs_the_same_work(app):
    register()
    services.authenticate("warm", "the hash of nobody")

    def fastest(login):
        times = []
        for _ in range(5):
            start = time.perf_counter()
            assert services.authenticate(login, "wrong password") is None
            times.append(time.perf_counter() - start)
        return min(times)

    known, unknown = fastest("lin"), fastest("nobody")
    assert 0.5 < known / unknown < 2


def test_names_and_addresses_are_unique_whatever_their_form(app):
    register("Lin", "lin@example.com")
    with pytest.raises(services.UsernameTaken):
        register("ＬＩＮ", "other@example.com")
    with pytest.raises(services.EmailTaken):
        register("other", "LIN@example.com")
    with pytest.raises(services.UsernameTaken):
        register("lin", "lin@example.com")


def test_a_refused_registration_leaves_nothing(app):
    register()
    with pytest.raises(services.EmailTaken):
        register("other", "lin@example.com")
    assert queries.count() == 1
    assert len(events("user.registered")) == 1


@pytest.mark.parametrize(
    ("name", "code"),
    (
        ("a", "username-length"),
        ("x" * 41, "username-length"),
        ("a@b", "username-characters"),
        ("a b", "username-characters"),
        ("-ab", "username-characters"),
        ("ab.", "username-characters"),
        ("a\u202eb", "username-characters"),
        ("a\0b", "username-characters"),
    ),
)
def test_user_names_that_are_refused(name, code):
    with pytest.raises(Invalid) as refused:
        credentials.username(name)
    assert refused.value.reason == code


@pytest.mark.parametrize("name", ("li", "林", "松间客", "anne-marie", "o_o", "x" * 40))
def test_user_names_that_are_fine(name):
    if len(name) < 2:
        with pytest.raises(Invalid):
            credentials.username(name)
    else:
        assert credentials.username(name) == name


@pytest.mark.parametrize(
    "address",
    ("", "lin", "lin@", "lin@example", "a b@example.com", "lin@example.com\nBcc: x@y.com"),
)
def test_addresses_that_are_refused(address):
    with pytest.raises(Invalid) as refused:
        credentials.email(address)
    assert refused.value.reason == "email-invalid"


@pytest.mark.parametrize(
    ("password", "code"),
    (
        ("seven77", "password-short"),
        ("x7" * 65, "password-long"),
        ("Password1", "password-common"),
        ("12345678", "password-common"),
        ("aaaaaaaaab", "password-common"),
        ("linlin99", "password-like-name"),
        ("linlin99@example.com", "password-like-name"),
        ("eight\0888", "text-unreadable"),
        ("eight\ud800888", "text-unreadable"),
    ),
)
def test_passwords_that_are_refused(password, code):
    with pytest.raises(Invalid) as refused:
        passwords.prepare(password, username="linlin99", email="linlin99@example.com")
    assert refused.value.reason == code


def test_a_long_password_counts_to_its_last_character():
    longest = "松竹" * 63 + "ab"
    made = passwords.prepare(longest).hash
    assert not passwords.matches(made, longest[:-1] + "c")
    assert not passwords.matches(made, longest[:-1])
    assert passwords.matches(made, longest)


def test_no_hash_is_like_another_and_none_holds_the_password():
    one, two = passwords.prepare(PASSWORD).hash, passwords.prepare(PASSWORD).hash
    assert one != two
    assert one.startswith("$argon2id$")
    assert PASSWORD not in one


@pytest.mark.parametrize(
    ("typed", "region", "kept"),
    (
        ("138 0013 8000", "CN", "+8613800138000"),
        ("+86 13800138000", "US", "+8613800138000"),
        ("(201) 555-0123", "US", "+12015550123"),
        ("", "CN", None),
    ),
)
def test_phone_numbers_are_kept_in_one_form(typed, region, kept):
    assert credentials.phone(typed, region) == kept


@pytest.mark.parametrize("typed", ("12", "not a number", "9" * 500, "+999 12345"))
def test_phone_numbers_that_are_refused(typed):
    with pytest.raises(Invalid):
        credentials.phone(typed)


def test_a_new_password_ends_the_other_sessions(app):
    person = make_user()
    with transaction():
        here = sessions.create(person.id)
        there = sessions.create(person.id)
    with transaction():
        ended = services.change_password(person.id, "a bridge in the rain", keep_session_id=here.id)
    assert ended == 1
    assert load(here) is not None
    assert load(there) is None
    assert services.authenticate(person.username, PASSWORD) is None
    assert services.authenticate(person.username, "a bridge in the rain") is not None


def load(session):
    return queries.load_session(sessions.token_hash(session.token), idle=sessions.IDLE)


def test_a_disabled_account_is_shut(app):
    person = make_user()
    with transaction():
        open_one = sessions.create(person.id)
    with transaction():
        services.disable(person.id)
    assert load(open_one) is None
    assert services.authenticate(person.username, PASSWORD) is None
    assert not services.check_password(person.id, PASSWORD)
    with pytest.raises(Forbidden), transaction():
        sessions.create(person.id)
    with transaction():
        services.enable(person.id)
    assert services.authenticate(person.username, PASSWORD) is not None


def test_a_sign_in_that_a_password_change_overtook_opens_nothing(app):
    person = make_user()
    verified = services.authenticate(person.username, PASSWORD)
    with transaction():
        services.change_password(person.id, "a bridge in the rain")
    with pytest.raises(Forbidden), transaction():
        sessions.create(person.id, password_hash=verified.password_hash)


def test_the_profile_is_changed(app):
    person = make_user()
    with transaction():
        services.update_profile(
            person.id, display_name="  Lin  Wan ", phone="13800138000", locale="zh"
        )
    found = queries.profile(person.id)
    assert (found.display_name, found.phone, found.locale) == ("Lin Wan", "+8613800138000", "zh")
    with pytest.raises(Invalid), transaction():
        services.update_profile(person.id, display_name="x" * 81)
    with pytest.raises(Invalid), transaction():
        services.update_profile(person.id, display_name="x", locale="fr")


def test_registering_again_tells_only_the_owner(app):
    person = make_user()
    with transaction():
        services.note_repeated_registration(person.email.upper())
    assert events("user.registration_repeated") == [{"user_id": person.id}]


def test_renewing_a_hash_respects_a_change_in_between(app):
    person = make_user()
    verified = services.authenticate(person.username, PASSWORD)
    with transaction():
        services.change_password(person.id, "a bridge in the rain")
    with transaction():
        services.renew_hash(verified, hashed())
    assert services.authenticate(person.username, "a bridge in the rain") is not None


def test_operators_find_people(app):
    make_user("anna")
    make_user("olaf", is_operator=True)
    assert [row.username for row in queries.listing(search="NN")] == ["anna"]
    assert [row.username for row in queries.listing(search="%")] == []
    assert [row.username for row in queries.listing(operators=True)] == ["olaf"]
    assert queries.find("OLAF@example.com").username == "olaf"
    assert clock.now() >= queries.find("anna").created_at
