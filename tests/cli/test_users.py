"""`flask users`."""

import pytest

from shop.account import queries, services, sessions
from shop.core.db import db
from shop.core.models import AuditEntry
from shop.core.transaction import transaction
from shop.store import queries as stores
from tests.factories.stores import make_store
from tests.factories.users import PASSWORD, make_user


@pytest.fixture
def run(app):
    runner = app.test_cli_runner()

    def invoke(*arguments, **options):
        result = runner.invoke(args=["users", *arguments], **options)
        db.session.rollback()
        return result

    return invoke


def test_an_operator_is_made(run):
    result = run("create", "olaf", "olaf@example.com", "--operator", "--password", PASSWORD)
    assert result.exit_code == 0, result.output
    assert PASSWORD not in result.output
    user = queries.find("olaf")
    assert user.is_operator
    assert user.confirmed_at is not None
    assert services.authenticate("olaf", PASSWORD) is not None


def test_a_password_is_made_up_and_shown(run):
    result = run("create", "olaf", "olaf@example.com")
    assert result.exit_code == 0
    assert services.authenticate("olaf", result.output.rpartition(": ")[2].strip()) is not None
    assert not queries.find("olaf").is_operator


def test_somebody_is_made_who_works_for_a_store(run):
    store_id = make_store("pine")
    result = run("create", "ann", "ann@example.com", "--store", "pine", "--role", "owner")
    assert result.exit_code == 0, result.output
    assert stores.role(store_id, queries.find("ann").id) == "owner"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    (
        (("ann", "ann@example.com", "--store", "nowhere"), "There is no store nowhere."),
        (("lin", "other@example.com"), "This user name is taken."),
        (("other", "lin@example.com"), "belongs to another account"),
        (("other", "nonsense"), "not an e-mail address"),
        (("other", "o@example.com", "--password", "short"), "at least 8 characters"),
    ),
)
def test_what_is_refused_is_said_in_a_sentence(run, arguments, sentence):
    make_user("lin")
    result = run("create", *arguments)
    assert result.exit_code == 1
    assert sentence in result.output
    assert "Traceback" not in result.output
    assert queries.count() == 1


def test_accounts_are_listed_closed_and_opened(run):
    make_user("lin")
    assert "lin@example.com" in run("list").output
    assert run("disable", "LIN@example.com").exit_code == 0
    assert services.authenticate("lin", PASSWORD) is None
    assert "disabled" in run("list").output
    assert run("enable", "lin").exit_code == 0
    assert services.authenticate("lin", PASSWORD) is not None
    assert run("list", "--search", "nobody").output == "No users.\n"
    assert run("disable", "nobody").output == "Error: There is no user nobody.\n"


def test_sessions_end_and_passwords_change(run):
    person = make_user("lin")
    with transaction():
        sessions.create(person.id)
    assert run("revoke-sessions", "lin").output == "1 sessions ended.\n"
    result = run("set-password", "lin", input="a bridge in the rain\na bridge in the rain\n")
    assert result.exit_code == 0, result.output
    assert services.authenticate("lin", "a bridge in the rain") is not None
    assert run("set-password", "lin", "--password", "12345678").exit_code == 1


def test_what_operators_do_is_written_down(run):
    make_user("lin")
    run("disable", "lin")
    run("enable", "lin")
    actions = db.session.scalars(db.select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["user.disable", "user.enable"]
