"""``flask security``: what was refused."""

from datetime import timedelta

import click
from flask.cli import AppGroup

from shop.core import clock, security

group = AppGroup("security", help="Messages that were refused.")


@group.command()
@click.option(
    "--days",
    type=click.IntRange(1, security.KEPT.days),
    default=7,
    show_default=True,
    help="How far to look back.",
)
def events(days: int) -> None:
    """Refused messages by the minute, the newest first: how many, why, and the first few addresses."""
    found = security.latest(since=clock.now() - timedelta(days=days), limit=1000)
    for one in found:
        click.echo(
            f"{one.minute:%Y-%m-%d %H:%M} UTC  {one.kind} {one.subject}  {one.reason}  "
            f"×{one.times}  {', '.join(one.addresses) or '-'}"
        )
    if not found:
        click.echo("Nothing was refused.")
