"""Automation is limited: by address and by account, with the time to try again."""

from types import SimpleNamespace

import pytest
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from shop.web.account import limits
from tests.factories.users import PASSWORD, make_user
from tests.web.account.conftest import go_in


def count_in(monkeypatch, storage):
    """The other tests' shop does not count; this one does, in ``storage``."""
    counting = SimpleNamespace(enabled=True, limiter=FixedWindowRateLimiter(storage))
    monkeypatch.setattr(limits, "limiter", counting)


@pytest.fixture(autouse=True)
def _counted(monkeypatch):
    count_in(monkeypatch, MemoryStorage())


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
    assert refused(answers[-1])
    assert not refused(answers[0])


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


def test_without_redis_each_worker_counts_for_itself(client, monkeypatch):
    monkeypatch.setattr(limits, "_here", FixedWindowRateLimiter(MemoryStorage()))
    count_in(monkeypatch, storage_from_string("redis://127.0.0.1:1", socket_connect_timeout=0.2))
    person = make_user()
    answers = [go_in(client, person.username, f"guess {n}") for n in range(11)]
    assert [refused(answer) for answer in answers] == [False] * 10 + [True]
