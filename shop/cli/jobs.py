"""``flask jobs``: the worker, the scheduler, a periodic job by hand."""

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from shop.jobs import schedule
from shop.jobs import worker as processes
from shop.jobs.lanes import Lane

group = AppGroup("jobs", help="Work through the job queue, and fill it on time.")


@group.command()
@click.option(
    "--lane",
    "lanes",
    type=click.Choice(Lane, case_sensitive=False),
    multiple=True,
    help="Only this lane of the queue; may be given several times. Without it: all of them.",
)
def worker(lanes: tuple[Lane, ...]) -> None:
    """Work through the queue, a process for each lane, until stopped (SIGTERM finishes the jobs in hand)."""
    processes.work(_app_with_redis(), lanes)


@group.command()
def cron() -> None:
    """Enqueue the periodic jobs on time until stopped."""
    processes.tick(_app_with_redis())


@group.command("run-once")
@click.argument("name", required=False)
def run_once(name: str | None) -> None:
    """Run the periodic job NAME here and now, without the queue. Without NAME: list them."""
    if name is None:
        for periodic in schedule.PERIODIC:
            click.echo(f"{periodic.name:<16} every {periodic.every} s")
        return
    found = schedule.by_name(name)
    if found is None:
        names = ", ".join(periodic.name for periodic in schedule.PERIODIC)
        raise click.ClickException(f"There is no periodic job {name}. There are: {names}.")
    click.echo(f"{name}: {found.function()}")


def _app_with_redis() -> Flask:
    if not current_app.config["REDIS_URL"]:
        raise click.ClickException("Set REDIS_URL to the Redis or Valkey that holds the job queue.")
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # behind the proxy
    return app
