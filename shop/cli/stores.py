"""``flask stores``: open stores and say who works for them."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask.cli import AppGroup
from sqlalchemy import or_, select

from shop.account.models import User
from shop.cli.delivery import delivery
from shop.cli.taxes import tax
from shop.core.db import db
from shop.core.errors import ShopError
from shop.core.transaction import transaction
from shop.store import queries, services

group = AppGroup("stores", help="Open stores and say who works for them.")

_WORDS = {
    "store-slug": "A slug has lower-case letters, figures and single hyphens, 60 at most.",
    "store-slug-taken": "There is a store of this slug already.",
    "store-name-missing": "Give the store a name: --name-en, --name-zh or both.",
    "currency-unknown": "A currency is three capital letters, such as CNY.",
    "timezone-unknown": "The time zone is not known; give one such as Asia/Shanghai.",
    "last-owner": "A store keeps at least one owner; name another one first.",
    "staff-unknown": "This person does not work for the store.",
}


@group.command()
@click.argument("slug")
@click.option("--name-en", default="", help="Its English name.")
@click.option("--name-zh", default="", help="Its Chinese name.")
@click.option("--owner", required=True, help="E-mail or username of its owner, who has an account.")
@click.option("--currency", default="CNY", show_default=True, help="ISO 4217 code of its prices.")
@click.option("--timezone", default="Asia/Shanghai", show_default=True)
@click.option("--contact-email", default="", help="Where shoppers and alerts reach it.")
def create(
    slug: str,
    name_en: str,
    name_zh: str,
    owner: str,
    currency: str,
    timezone: str,
    contact_email: str,
) -> None:
    """Open a store."""
    names = {locale: name for locale, name in (("en", name_en), ("zh", name_zh)) if name.strip()}
    user = _user(owner)
    with _worded(), transaction():
        services.create(
            slug,
            names,
            currency=currency,
            timezone=timezone,
            owner_id=user.id,
            contact_email=contact_email or user.email,
            position=services.next_position(),
        )
    click.echo(f"Store {slug} opened; {owner} owns it.")


@group.command("rename")
@click.argument("slug")
@click.argument("new")
def rename(slug: str, new: str) -> None:
    """Move store SLUG to the address NEW; links to the old one lead on."""
    store_id = _store_id(slug)
    with _worded(), transaction():
        services.change_slug(store_id, new)
    click.echo(f"Store {slug} is now {new}.")


@group.command("list")
def list_stores() -> None:
    """Show all stores and who works for them."""
    found = queries.all_stores()
    for store in found:
        view = queries.as_view(store, "en")
        people = ", ".join(f"{one.username} ({one.role})" for one in queries.staff(store.id))
        click.echo(f"{view.slug:<24} {view.currency}  {view.name:<24} {people or 'nobody'}")
    if not found:
        click.echo("There are no stores yet.")


@group.command("add-staff")
@click.argument("slug")
@click.argument("user")
@click.option("--role", type=click.Choice(services.ROLES), default="staff", show_default=True)
def add_staff(slug: str, user: str, role: str) -> None:
    """Let USER (e-mail or username) work for store SLUG, or change the role."""
    store_id = _store_id(slug)
    user_id = _user(user).id
    with _worded(), transaction():
        services.add_staff(store_id, user_id, role)
    click.echo(f"{user} now works for {slug} as {role}.")


@group.command("remove-staff")
@click.argument("slug")
@click.argument("user")
def remove_staff(slug: str, user: str) -> None:
    """End USER's work for store SLUG."""
    store_id = _store_id(slug)
    user_id = _user(user).id
    with _worded(), transaction():
        services.remove_staff(store_id, user_id)
    click.echo(f"{user} no longer works for {slug}.")


group.add_command(delivery)
group.add_command(tax)


@contextmanager
def _worded() -> Iterator[None]:
    """Turns the refusals of the rules into sentences."""
    try:
        yield
    except ShopError as error:
        raise click.ClickException(_WORDS.get(error.reason, str(error))) from error


def _store_id(slug: str) -> int:
    store = queries.by_slug(slug)
    if store is None:
        raise click.ClickException(f"There is no store {slug}.")
    return store.id


def _user(name: str) -> User:
    key = name.strip().casefold()
    user = db.session.scalar(
        select(User).where(or_(User.email_key == key, User.username_key == key))
    )
    if user is None:
        raise click.ClickException(f"Nobody is registered as {name}. See: flask users create.")
    return user
