"""``flask stores``."""

import pytest
from sqlalchemy import insert

from shop.account.models import User
from shop.core.db import db
from shop.core.transaction import transaction
from shop.store import queries


@pytest.fixture
def flask(app):
    runner = app.test_cli_runner()
    with transaction():
        for name in ("mei", "tom"):
            db.session.execute(
                insert(User).values(
                    username=name,
                    username_key=name,
                    email=f"{name}@example.com",
                    email_key=f"{name}@example.com",
                    password_hash="-",
                )
            )

    def run(*args):
        result = runner.invoke(args=["stores", *args])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


def test_a_store_is_opened_listed_and_staffed(flask):
    assert "no stores yet" in flask("list").output
    opened = flask(
        "create",
        "songjian",
        "--name-en",
        "Songjian",
        "--name-zh",
        "松间",
        "--owner",
        "Mei@example.com",
    )
    assert opened.exit_code == 0, opened.output
    store = queries.view("songjian", "zh")
    assert (store.name, store.currency, store.contact_email) == ("松间", "CNY", "mei@example.com")
    flask("add-staff", "songjian", "tom")
    assert "mei (owner), tom (staff)" in flask("list").output
    flask("remove-staff", "songjian", "tom")
    assert "tom" not in flask("list").output


@pytest.mark.parametrize(
    ("args", "words"),
    (
        (("create", "x", "--name-en", "X", "--owner", "nobody"), "Nobody is registered as nobody"),
        (("create", "X Y", "--name-en", "X", "--owner", "mei"), "lower-case"),
        (("create", "x", "--owner", "mei"), "Give the store a name"),
        (
            ("create", "x", "--name-en", "X", "--owner", "mei", "--currency", "yuan"),
            "three capital letters",
        ),
        (("create", "taken", "--name-en", "X", "--owner", "mei"), "already"),
        (("add-staff", "none", "tom"), "There is no store none"),
        (("add-staff", "taken", "mei"), "at least one owner"),
        (("remove-staff", "taken", "tom"), "does not work"),
    ),
)
def test_what_is_wrong_is_said(flask, args, words):
    flask("create", "taken", "--name-en", "Taken", "--owner", "mei")
    result = flask(*args)
    assert result.exit_code == 1
    assert words in result.output
