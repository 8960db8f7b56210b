"""``flask outbox``: what waits to be delivered, and setting it going by hand."""

import click
from flask.cli import AppGroup
from sqlalchemy import select

from shop.core import outbox
from shop.core.db import db
from shop.core.models import Delivery, Outbox
from shop.jobs import inline, queue
from shop.jobs import outbox as jobs

group = AppGroup("outbox", help="Events on their way to mails and other jobs.")


@group.command()
def status() -> None:
    """How many events wait, how many deliveries are in each state, and which failed."""
    counts = outbox.counts()
    for name in ("undrained", "pending", "done", "failed"):
        click.echo(f"{name:<10} {counts.get(name, 0)}")
    failed = db.session.execute(
        select(Delivery.id, Outbox.name, Delivery.handler, Delivery.error)
        .join(Outbox, Outbox.id == Delivery.outbox_id)
        .where(Delivery.state == "failed")
        .order_by(Delivery.id)
        .limit(50)
    )
    for number, name, handler, error in failed:
        click.echo(f"failed {number}: {name} → {handler}: {error}")


@group.command()
@click.option("--inline", "here", is_flag=True, help="Deliver in this process, without the queue.")
def sweep(here: bool) -> None:
    """Set going what waits: through the queue, or right here."""
    if here:
        report = inline.run_all()
        click.echo(
            f"{report.events} events drained, {report.delivered} deliveries made, "
            f"{report.failed} failed and will be tried again."
        )
        return
    if queue.present() is None:
        raise click.ClickException("There is no REDIS_URL: use --inline, or set it.")
    click.echo(f"{jobs.sweep()} jobs enqueued.")


@group.command()
@click.argument("delivery", type=int, nargs=-1)
def retry(delivery: tuple[int, ...]) -> None:
    """Give failed deliveries a new set of tries: the ones named, or all."""
    click.echo(f"{jobs.retry_failed(list(delivery) or None)} deliveries will be tried again.")
