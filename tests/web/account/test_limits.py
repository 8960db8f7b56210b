"""Automation is limited: by address and by account, with the time to try again."""

import pytest

from shop.app import create_app
from shop.web.extensions import limiter
from tests.factories.users import PASSWORD, make_user
from tests.web.account.conftest import go_in


@pytest.fixture
def client(app):
    """A browser at a shop that counts."""
    shop = create_app(dict(app.config) | {"RATELIMIT_ENABLED": True})
    yield shop.test_client()
    limiter.enabled = False  # one for all applications of a process


def refused(answer) -> bool:
    if answer.status_code != 429:
        return False
    text = answer.get_data(as_text=True)
    assert "Too many attempts. Try again in" in text
    assert 0 < int(answer.headers["Retry-After"]) <= 3700
    return True


def test_guessing_at_one_account_ends(client):
    person = make_user()
    answers = [go_in(client, person.username, f"guess {n}") for n in range(11)]
    assert [refused(answer) for answer in answers] == [False] * 10 + [True]
    last = go_in(client, person.username.upper(), PASSWORD)
    assert refused(last)
    assert f'value="{person.username.upper()}"' in last.get_data(as_text=True)


def test_nobody_is_limited_like_somebody(client):
    answers = [go_in(client, "nobody", f"guess {n}") for n in range(11)]
    assert refused(answers[-1])


def test_trying_many_accounts_from_one_address_ends(client):
    answers = [go_in(client, f"nobody{n}", "guess") for n in range(25)]
    assert refused(answers[-1]) and not refused(answers[0])


def test_the_right_password_forgives(client):
    person = make_user()
    for _ in range(2):
        for n in range(5):
            assert not refused(go_in(client, person.username, f"guess {n}"))
        assert go_in(client, person.username).status_code == 303
        client.post("/en/sign-out")


@pytest.mark.parametrize(
    ("path", "data"),
    (
        ("/en/register", {"username": "a", "email": "a", "password": "a"}),
        ("/en/forgot-password", {"login": "nobody"}),
    ),
)
def test_other_forms_end_too(client, path, data):
    assert refused([client.post(path, data=data) for _ in range(25)][-1])
