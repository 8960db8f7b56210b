"""``flask demo``: fill an empty shop with the demo shop."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from shop.demo import load as loading
from shop.demo import people

group = AppGroup("demo", help="Fill an empty shop with the demo shop.")


@group.command()
@click.option("--if-empty", is_flag=True, help="Do nothing when there is a store already.")
@click.option(
    "--seed", default=loading.SEED, show_default=True, help="The same seed makes the same shop."
)
def load(if_empty: bool, seed: int) -> None:
    """Two stores, their goods, customers, orders in every state, and reviews."""
    if current_app.config["ENVIRONMENT"] == "production":
        raise click.ClickException("The demo shop has known passwords: not in production.")
    if not loading.is_empty():
        if if_empty:
            return
        raise click.ClickException("There is a store already; the demo goes into an empty shop.")
    loading.load(
        Path(current_app.config["MEDIA_FOLDER"]),
        Path(current_app.config["FILES_FOLDER"]),
        lambda label, length: click.progressbar(length=length, label=label, show_pos=True),
        seed,
    )


@group.command("sign-ins")
def sign_ins() -> None:
    """Whom to sign in as."""
    for person in people.SIGN_INS:
        click.echo(f"{person.role:<9} {person.username:<9} {people.PASSWORD}")
