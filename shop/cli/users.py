"""``flask users``: make, look at, close and open accounts."""

import secrets

import click
from flask.cli import AppGroup

from shop.account import passwords, queries, services, sessions
from shop.account.models import User
from shop.core import audit
from shop.core.errors import ShopError
from shop.core.transaction import transaction
from shop.store import queries as stores
from shop.store import services as staffing

group = AppGroup("users", help="Make, look at, close and open accounts.")

_ACTOR = "command line"


@group.command()
@click.argument("username")
@click.argument("email")
@click.option("--password", envvar="NEW_PASSWORD", help="Made up and shown when it is left out.")
@click.option("--name", default="", help="What the person is called.")
@click.option("--locale", type=click.Choice(services.LOCALES), default="en", show_default=True)
@click.option("--operator", is_flag=True, help="Runs the whole platform.")
@click.option("--store", help="Works for this store (its slug).")
@click.option("--role", type=click.Choice(staffing.ROLES), default="staff", show_default=True)
def create(
    username: str,
    email: str,
    password: str | None,
    name: str,
    locale: str,
    operator: bool,
    store: str | None,
    role: str,
) -> None:
    """Make an account whose address counts as confirmed."""
    chosen = password or secrets.token_urlsafe(12)
    place = stores.by_slug(store) if store else None
    if store and place is None:
        raise click.ClickException(f"There is no store {store}.")
    store_id = place.id if place is not None else None
    try:
        hashed = passwords.prepare(chosen, username=username, email=email)
        with transaction():
            user = services.register(
                username,
                email,
                hashed,
                locale=locale,
                display_name=name,
                confirmed=True,
                is_operator=operator,
            )
            if store_id is not None:
                staffing.add_staff(store_id, user.id, role)
            audit.write(
                "user.create",
                f"user {user.username}",
                actor=_ACTOR,
                store_id=store_id,
                operator=operator,
                role=role if store_id is not None else "",
            )
    except ShopError as error:
        raise click.ClickException(_words(error)) from error
    click.echo(f"{username} was made." + ("" if password else f" Password: {chosen}"))


@group.command("list")
@click.option("--search", default="", help="Part of the user name or e-mail.")
@click.option("--operators", is_flag=True, help="Operators only.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000))
def list_users(search: str, operators: bool, limit: int) -> None:
    """The newest accounts, one a line."""
    rows = queries.listing(search=search, operators=operators, limit=limit)
    for row in rows:
        notes = [
            "operator" if row.is_operator else "",
            "" if row.confirmed_at else "unconfirmed",
            "disabled" if row.disabled_at else "",
        ]
        click.echo(
            f"{row.username:<24} {row.email:<36} {row.created_at:%Y-%m-%d}  "
            f"{' '.join(note for note in notes if note)}".rstrip()
        )
    if not rows:
        click.echo("No users.")


@group.command()
@click.argument("login")
def disable(login: str) -> None:
    """Close the account LOGIN (user name or e-mail): its sessions end, nobody signs in to it."""
    user = _user(login)
    with transaction():
        services.disable(user.id)
        audit.write("user.disable", f"user {user.username}", actor=_ACTOR)
    click.echo(f"{login} is disabled.")


@group.command()
@click.argument("login")
def enable(login: str) -> None:
    """Open the account LOGIN again."""
    user = _user(login)
    with transaction():
        services.enable(user.id)
        audit.write("user.enable", f"user {user.username}", actor=_ACTOR)
    click.echo(f"{login} is enabled.")


@group.command("revoke-sessions")
@click.argument("login")
def revoke_sessions(login: str) -> None:
    """Sign the account LOGIN out everywhere."""
    user = _user(login)
    with transaction():
        ended = sessions.revoke_all(user.id)
        audit.write("user.revoke_sessions", f"user {user.username}", actor=_ACTOR, sessions=ended)
    click.echo(f"{ended} sessions ended.")


@group.command("set-password")
@click.argument("login")
@click.password_option(envvar="NEW_PASSWORD")
def set_password(login: str, password: str) -> None:
    """Give the account LOGIN a new password and sign it out everywhere."""
    user = _user(login)
    try:
        hashed = passwords.prepare(password, username=user.username, email=user.email)
        with transaction():
            ended = services.change_password(user.id, hashed)
            audit.write("user.set_password", f"user {user.username}", actor=_ACTOR)
    except ShopError as error:
        raise click.ClickException(_words(error)) from error
    click.echo(f"The password of {login} was changed; {ended} sessions ended.")


def _user(login: str) -> User:
    user = queries.find(login)
    if user is None:
        raise click.ClickException(f"There is no user {login}.")
    return user


_SENTENCES = {
    "username-taken": "This user name is taken.",
    "email-taken": "This e-mail address belongs to another account.",
    "username-length": "A user name has {minimum} to {maximum} characters.",
    "username-characters": "A user name consists of letters, digits and . _ - inside.",
    "email-invalid": "This is not an e-mail address.",
    "password-short": "A password has at least {minimum} characters.",
    "password-long": "A password has at most {maximum} characters.",
    "password-common": "This password is among the first that anybody guesses.",
    "password-like-name": "The password must not be the user's own name or address.",
}


def _words(error: ShopError) -> str:
    return _SENTENCES.get(error.reason, str(error)).format(**error.params)
