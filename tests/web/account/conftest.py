"""Browsers at the shop's door."""

import re
from collections.abc import Callable
from email.message import EmailMessage

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shop.jobs import inline
from shop.notifications import senders
from tests.factories.users import PASSWORD, Person, make_user

Mails = Callable[[], list[EmailMessage]]
Enter = Callable[[str], FlaskClient]


def go_in(browser: FlaskClient, login: str, password: str = PASSWORD, **fields) -> TestResponse:
    """Send the sign-in form."""
    return browser.post("/en/sign-in", data={"login": login, "password": password} | fields)


def is_in(browser: FlaskClient) -> bool:
    """Whether the account opens, rather than leading to the door."""
    return browser.get("/en/account").status_code == 200


def page(browser: FlaskClient, path: str) -> str:
    """The markup of a page that opens."""
    answer = browser.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def visible(answer: TestResponse) -> str:
    """An answer's markup without what differs from request to request."""
    token = r'(?:name="csrf_token" value=|"X-CSRFToken": )"[^"]*"'
    return re.sub(token, "", answer.get_data(as_text=True))


@pytest.fixture
def person(app: Flask) -> Person:
    """Somebody with an account."""
    return make_user()


@pytest.fixture
def enter(app: Flask) -> Enter:
    """A new browser in which somebody has signed in."""

    def begin(login: str) -> FlaskClient:
        browser = app.test_client()
        assert go_in(browser, login).status_code == 303
        return browser

    return begin


@pytest.fixture
def mine(person: Person, enter: Enter) -> FlaskClient:
    """The browser of ``person``, signed in."""
    return enter(person.username)


@pytest.fixture
def mails(app: Flask) -> Mails:
    """Let the jobs run; the mails that have left since the test began."""
    senders.memory().clear()

    def sent() -> list[EmailMessage]:
        inline.run_all()
        return list(senders.memory())

    return sent


def link_in(mail: EmailMessage, word: str) -> str:
    """The path of the link with ``word`` in it."""
    text = mail.get_body(("plain",)).get_content()
    found = re.search(rf"https?://[^/\s]+(/\S*{word}/[\w-]+)", text)
    assert found, text
    return found[1]
