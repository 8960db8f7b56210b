"""``flask catalog import`` and ``flask catalog export``: merchandise in and out."""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from shop.catalog.exports.files import FORMATS as WRITTEN
from shop.catalog.exports.files import Wanted, lines
from shop.catalog.imports.folder import Folder, fill
from shop.catalog.imports.headers import FORMATS
from shop.catalog.imports.problems import FileRefused, Problem, sentence
from shop.catalog.imports.reader import Group, ProductFile
from shop.catalog.imports.report import Report
from shop.catalog.media import Storage
from shop.catalog.runs import services as runs
from shop.catalog.runs.options import Options
from shop.core.errors import Busy, Conflict
from shop.core.transaction import transaction
from shop.inventory import exports as stock_export
from shop.jobs.importing import Plan, bring_in, opened, plan
from shop.store import queries as stores

SHOWN = 20


@click.command("import")
@with_appcontext
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--store", "slug", required=True, help="The store's slug.")
@click.option("--dry-run", is_flag=True, help="Try everything, change nothing.")
@click.option(
    "--report",
    "report_path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a full report as JSON.",
)
@click.option("--stock", "set_stock", is_flag=True, help="Set stock of known variants too.")
@click.option("--locale", default="en", show_default=True, help="The language of the texts.")
@click.option(
    "--format",
    "wanted",
    type=click.Choice(FORMATS),
    help="Whose file it is; else its headings say.",
)
@click.option(
    "--images",
    "images_path",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Take pictures from this folder: files named as the addresses of the pictures end.",
)
def import_file(
    file: Path,
    slug: str,
    dry_run: bool,
    report_path: Path | None,
    set_stock: bool,
    locale: str,
    wanted: str | None,
    images_path: Path | None,
) -> None:
    """Import a product CSV of Shopify (classic or 2025), WooCommerce or this shop into a store, or the
    tables of a litemall or mall catalogue as JSON.

    Each product is imported whole or not at all. Running it again changes nothing that is the same.
    The run is kept: "flask catalog undo" takes it back.
    """
    store = stores.by_slug(slug)
    if store is None:
        raise click.ClickException(f"There is no store {slug}.")
    store_id = store.id
    started = time.perf_counter()
    source = click.get_current_context().with_resource(_opened(file, wanted))
    report = Report(file.name, slug, dry_run, source.encoding.name, rows=source.rows)
    if source.encoding.damaged:
        report.note([Problem("characters-replaced", "", refuses=False)])
    what = plan(store_id, file.name, Options(set_stock=set_stock, locale=locale), trial=dry_run)
    folder = None
    if images_path is not None and not dry_run:
        folder = Folder(images_path, Storage(current_app.config["MEDIA_FOLDER"]))
    run_id = None if dry_run else _begin(store_id, file.name)
    with click.progressbar(length=source.rows, label=file.name) as bar:
        for item in chain(source.groups(), source.again()):
            product_id = _import_one(item, source, what, report, run_id)
            if folder is not None and product_id is not None and not item.again:
                _take_pictures(folder, product_id, report)
            bar.update(0 if item.again else item.read)
    if run_id is not None:
        with transaction():
            runs.finish(run_id)
    report.seconds = time.perf_counter() - started
    _show(report)
    if report_path is not None:
        try:
            report.write(report_path)
        except OSError as error:
            raise click.ClickException(
                f"The report could not be written to {report_path}: {error.strerror}."
            ) from error
        click.echo(f"Report: {report_path}")


@contextmanager
def _opened(file: Path, wanted: str | None) -> Iterator[ProductFile]:
    try:
        with opened(file, wanted) as source:
            yield source
    except FileRefused as error:
        raise click.ClickException(sentence(error.reason, error.params)) from error


def _begin(store_id: int, name: str) -> int:
    with transaction():
        run = runs.begin(store_id, name, actor="command line")
        click.echo(f"Run: {run.public_id}")
        return run.id


def _import_one(
    item: Group, source: ProductFile, what: Plan, report: Report, run_id: int | None
) -> int | None:
    """Import one product; its id, None when it was refused. Without a run it is only tried."""
    try:
        done = bring_in(item, source, what, run_id=run_id)
    except Busy:
        raise click.ClickException(
            "The database is busy. What was imported stays; run the command again to go on."
        ) from None
    except Conflict:
        raise click.ClickException("The run is being undone: the import ends here.") from None
    report.note(done.problems)
    if done.later:
        source.later(item, done.outcome or "")
    if done.outcome is None:
        if not done.later:
            report.refuse(item.read)
        return None
    report.count(done.outcome, item.was)
    report.stock_set += 0 if item.was else done.counted
    return done.product_id


def _take_pictures(folder: Folder, product_id: int, report: Report) -> None:
    problems: list[Problem] = []
    made = folder.make(product_id, problems)
    report.note(problems)
    if made:
        with transaction():
            fill(made)
        report.pictures += len(made)


def _show(report: Report) -> None:
    refusals = [problem for problem in report.problems if problem.refuses]
    warnings = [problem for problem in report.problems if not problem.refuses]
    for title, problems in (("Refused", refusals), ("Mended or left out", warnings)):
        if not problems:
            continue
        click.echo(f"{title}:")
        for problem in problems[:SHOWN]:
            where = f"row {problem.row}, " if problem.row else ""
            click.echo(f"  {where}{problem.handle or 'file'}: {problem.sentence()}")
        if len(problems) > SHOWN:
            click.echo(f"  … and {len(problems) - SHOWN} more (all of them with --report).")
    click.echo(report.summary())


@click.command("export")
@with_appcontext
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--store", "slug", required=True, help="The store's slug.")
@click.option(
    "--format",
    "wanted",
    type=click.Choice(WRITTEN),
    default="own",
    show_default=True,
    help="own is complete; the others hold what their shops know.",
)
@click.option("--locale", default="en", show_default=True, help="The language, where there is one.")
def export_file(file: Path, slug: str, wanted: str, locale: str) -> None:
    """Write all goods of a store to a CSV file."""
    store = stores.by_slug(slug)
    if store is None:
        raise click.ClickException(f"There is no store {slug}.")
    asked = Wanted(
        store_id=store.id,
        currency=store.currency,
        format=wanted,
        places=list(stock_export.places(store.id)),
        on_hand=stock_export.on_hand,
        base=current_app.config["PUBLIC_URL"],
        locale=locale,
    )
    try:
        _write(file, asked)
    except OSError as error:
        raise click.ClickException(
            f"The file could not be written to {file}: {error.strerror}."
        ) from error
    click.echo(f"Written: {file}")


def _write(file: Path, asked: Wanted) -> None:
    """Write beside the place and move there at the end: nobody finds half a file."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".export-")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as target:
            target.writelines(lines(asked))
        temporary.chmod(0o644)  # mkstemp's own mode is for its owner alone
        temporary.replace(file)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
