"""``flask catalog runs`` and ``flask catalog undo``: what imports did, and taking it back."""

import click
from flask.cli import with_appcontext

from shop.catalog.runs import queries, undoing
from shop.catalog.runs.states import Undone
from shop.core import audit
from shop.core.errors import Busy, Conflict
from shop.core.transaction import transaction
from shop.jobs import imports
from shop.store import queries as stores


@click.command("runs")
@with_appcontext
@click.option("--store", "slug", help="Those of one store.")
def show_runs(slug: str | None) -> None:
    """Name the newest imports and what they did."""
    store_id = None
    if slug is not None:
        store = stores.by_slug(slug)
        if store is None:
            raise click.ClickException(f"There is no store {slug}.")
        store_id = store.id
    found = queries.runs(store_id)
    if not found:
        click.echo("Nothing was imported yet.")
    for run in found:
        click.echo(
            f"{run.public_id}  {run.created_at:%Y-%m-%d %H:%M} UTC  {run.state}  {run.file_name}: "
            f"created {run.created}, updated {run.updated}, unchanged {run.unchanged}, "
            f"refused {run.refused}"
        )


@click.command("undo")
@with_appcontext
@click.argument("run")
@click.option("--overwrite", is_flag=True, help="Take back also what was edited by hand since.")
def undo(run: str, overwrite: bool) -> None:
    """Take an import back: products become what they were, new ones go.

    What was sold meanwhile is archived. Run it again when it was stopped on its way.
    """
    found = queries.by_public_id(run)
    if found is None:
        raise click.ClickException(f"There is no run {run}; flask catalog runs names them.")
    run_id, store_id = found.id, found.store_id
    try:
        with transaction():
            undoing.begin_undo(run_id)
            audit.write("import.undo", f"import {run}", actor="command line", store_id=store_id)
        imports.take_back(run_id, overwrite=overwrite)
    except Busy:
        raise click.ClickException(
            "The database is busy. What was taken back stays; run the command again to go on."
        ) from None
    except Conflict as error:
        if error.reason == "import-newer":
            raise click.ClickException(
                f"Run {error.params['run']} changed the same products later. Undo that one first."
            ) from None
        raise click.ClickException("The run is being undone by someone else.") from None
    became = queries.became([run_id])[run_id]
    click.echo(
        f"Brought back {became.get(Undone.RESTORED, 0)}, deleted {became.get(Undone.DELETED, 0)}, "
        f"archived since the stock ledger or an order names them {became.get(Undone.ARCHIVED, 0)}, "
        f"left {became.get(Undone.LEFT, 0)}."
    )
    handles = queries.left([run_id])[run_id]
    if handles:
        click.echo(
            "Left, since they were edited after the import (--overwrite takes them too) or cannot be "
            "as they were:"
        )
        for handle in handles:
            click.echo(f"  {handle}")
