"""``flask payments accounts``, ``new-key``, ``rotate``: accounts at providers, and the keys that seal them."""

from collections.abc import Callable
from typing import Any

import click
from flask.cli import AppGroup

from shop.cli.payments import group
from shop.core import audit, sealing
from shop.core.errors import ShopError
from shop.core.transaction import transaction
from shop.jobs import account_flow
from shop.jobs.gateways import opened, surroundings
from shop.payment.accounts import queries, services
from shop.payment.accounts.probe import Outcome

ENVIRONMENT = "environment"
ACTOR = "operator"

accounts = AppGroup("accounts", help="Accounts at payment providers.")
group.add_command(accounts)


@accounts.command("list")
def list_accounts() -> None:
    """Every account, one a line; those of the environment are named by their gateway."""
    known = opened()
    for row in queries.listed():
        problem = known.broken.get(row.public_id)
        state = f"left out: {problem.code}" if problem else "in use" if row.enabled else "set aside"
        tested = row.test_result or "never tested"
        _line(row.public_id, row.gateway, row.merchant, state, tested, row.name)
    for one in known.accounts:
        if one.public_id is None and one.merchant is not None:
            used = known.current.get(one.gateway.name) is one
            _line(ENVIRONMENT, one.gateway.name, one.merchant, "in use" if used else "stands back")
    for name, problem in known.broken.items():
        if queries.one(name) is None:
            _line(ENVIRONMENT, name, "", f"left out: {problem.code} {problem.setting}")


@accounts.command("test")
@click.argument("account")
def test_account(account: str) -> None:
    """Ask the provider of ACCOUNT (an id of the list, or a gateway for the environment's) something harmless."""
    found = queries.one(account)
    try:
        finding = account_flow.prove(
            found.public_id if found else None,
            found.gateway if found else account,
            actor=ACTOR,
            user_id=None,
        )
    except ShopError:
        raise click.ClickException(f"There is no account {account}.") from None
    click.echo(f"{finding.outcome} {finding.code}".strip())
    if finding.outcome != Outcome.WORKS:
        raise SystemExit(1)


@accounts.command()
@click.argument("account")
def enable(account: str) -> None:
    """Let new payments go to ACCOUNT; another of the same gateway is set aside."""

    def act() -> dict[str, Any]:
        return {"instead_of": services.put_in_use(account, surroundings(), actor=ACTOR)}

    _act("payment_account.enable", account, act)
    click.echo(f"{account} is in use.")


@accounts.command()
@click.argument("account")
def disable(account: str) -> None:
    """Let no new payments go to ACCOUNT; what it took is still refunded through it."""

    def act() -> dict[str, Any]:
        services.put_aside(account, actor=ACTOR)
        return {}

    _act("payment_account.disable", account, act)
    click.echo(f"{account} is set aside.")


@group.command("new-key")
def new_key() -> None:
    """Print a key for PAYMENT_SECRETS_KEY. Keep it apart from the database and its backups."""
    click.echo(sealing.new_key())


@group.command()
def rotate() -> None:
    """Seal all accounts anew under the first key of PAYMENT_SECRETS_KEY."""
    keyring = surroundings().keyring
    try:
        with transaction():
            done, shut = services.rotate(keyring)
            audit.write("payment_account.rotate", f"key {keyring.first}", actor=ACTOR, sealed=done)
    except sealing.CannotOpen:
        raise click.ClickException("PAYMENT_SECRETS_KEY is not set.") from None
    click.echo(f"{done} accounts sealed anew.")
    for account in shut:
        click.echo(f"  {account}: no key at hand opens it", err=True)
    if shut:
        raise SystemExit(1)


def _act(action: str, account: str, act: Callable[[], dict[str, Any]]) -> None:
    try:
        with transaction():
            detail = act()
            audit.write(action, f"payment account {account}"[:120], actor=ACTOR, **detail)
    except ShopError as error:
        what = {
            "account-missing": f"There is no account {account}.",
            "account-broken": f"{account} cannot be opened; see the list.",
        }.get(error.reason, str(error))
        raise click.ClickException(what) from None


def _line(*cells: str) -> None:
    click.echo("  ".join(cell for cell in cells if cell))
