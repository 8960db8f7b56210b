"""``flask catalog``: import goods, rebuild what is derived from them, see and make categories."""

import time
from collections.abc import Sequence
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy import select

from shop.catalog import categories as category_services
from shop.catalog import listing, queries, search
from shop.catalog.imports.drafts import Context, draft
from shop.catalog.imports.problems import FileRefused, Problem, sentence
from shop.catalog.imports.reader import Group, ProductFile
from shop.catalog.imports.report import Report
from shop.catalog.imports.saving import Outcome, context, save
from shop.catalog.models import Product
from shop.catalog.views import CategoryNode
from shop.core.db import db
from shop.core.errors import Busy, ShopError
from shop.core.transaction import transaction
from shop.inventory import queries as stock_queries
from shop.inventory import services as stock
from shop.store import queries as stores

SHOWN = 20
BATCH = 200

group = AppGroup("catalog", help="Import goods, rebuild lists and search, see categories.")


class _DryRun(Exception):
    """Ends the transaction of a product that is only tried."""


@group.command("import")
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
def import_file(
    file: Path, slug: str, dry_run: bool, report_path: Path | None, set_stock: bool, locale: str
) -> None:
    """Import a Shopify product CSV (classic or 2025 headings) into a store.

    Each product is imported whole or not at all. Running it again changes nothing that is the same.
    """
    store = stores.by_slug(slug)
    if store is None:
        raise click.ClickException(f"There is no store {slug}.")
    store_id = store.id
    started = time.perf_counter()
    try:
        source = ProductFile(file)
    except FileRefused as error:
        raise click.ClickException(sentence(error.reason, error.params)) from error
    report = Report(file.name, slug, dry_run, source.encoding.name, rows=source.rows)
    if source.encoding.damaged:
        report.note([Problem("characters-replaced", "", refuses=False)])
    reading = context(store_id, locale)
    with click.progressbar(length=source.rows, label=file.name) as bar:
        for item in source.groups():
            _import_one(item, source, reading, report, dry_run=dry_run, set_stock=set_stock)
            bar.update(item.read)
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


def _import_one(
    item: Group,
    source: ProductFile,
    reading: Context,
    report: Report,
    *,
    dry_run: bool,
    set_stock: bool,
) -> None:
    found, problems = draft(item, source.headings, reading)
    report.note(problems)
    if found is None:
        report.refuse(item.read)
        return
    counted = 0

    def on_stock(variant_id: int, units: int, new: bool) -> None:
        nonlocal counted
        if units or not new:
            stock.set_on_hand(
                variant_id,
                stock.default_location(reading.store_id),
                units,
                reason=f"Import of {report.file}",
                actor="import",
            )
            counted += 1

    try:
        with transaction():
            saved = save(found, set_stock=set_stock, on_stock=on_stock)
            if saved.outcome is not Outcome.UNCHANGED:
                # A variant may have gone, or another come that is not counted.
                listing.set_available(
                    saved.product_id, stock_queries.product_available(saved.product_id)
                )
            if dry_run:
                raise _DryRun
    except _DryRun:
        pass
    except Busy:
        raise click.ClickException(
            "The database is busy. What was imported stays; run the command again to go on."
        ) from None
    except ShopError as error:
        report.note([Problem(error.reason, item.handle, params=error.params)])
        report.refuse(item.read)
        return
    report.outcomes[saved.outcome] += 1
    report.stock_set += counted


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


@group.command()
def reindex() -> None:
    """Rebuild the listing rows and search documents of all products."""
    ids = list(db.session.scalars(select(Product.id).order_by(Product.id)))
    with click.progressbar(length=len(ids), label="Products") as bar:
        for start in range(0, len(ids), BATCH):
            batch = ids[start : start + BATCH]
            with transaction():
                for product_id in batch:
                    listing.refresh_listing(product_id)
                    search.refresh_documents(product_id)
                    listing.set_available(product_id, stock_queries.product_available(product_id))
            bar.update(len(batch))
    click.echo(f"{len(ids)} products indexed.")


@group.command()
@click.option("--locale", default="en", show_default=True, help="The language of the names.")
def categories(locale: str) -> None:
    """Show the category tree with the number of published products."""
    tree = queries.categories(locale)
    _show_tree(tree, 0)
    if not tree:
        click.echo("There are no categories yet. Make one: flask catalog add-category SLUG …")


def _show_tree(nodes: Sequence[CategoryNode], depth: int) -> None:
    for node in nodes:
        click.echo(
            f"{'  ' * depth}{node.slug:<{max(1, 30 - 2 * depth)}} {node.name} ({node.count})"
        )
        _show_tree(node.children, depth + 1)


@group.command("add-category")
@click.argument("slug")
@click.option("--name-en", default="", help="Its English name.")
@click.option("--name-zh", default="", help="Its Chinese name.")
@click.option("--parent", help="The slug of the category above it.")
def add_category(slug: str, name_en: str, name_zh: str, parent: str | None) -> None:
    """Make a category."""
    parent_id = queries.category_id(parent) if parent else None
    if parent and parent_id is None:
        raise click.ClickException(f"There is no category {parent}.")
    try:
        with transaction():
            category_services.create_category(
                slug, {"en": name_en, "zh": name_zh}, parent_id=parent_id
            )
    except ShopError as error:
        raise click.ClickException(_WORDS.get(error.reason, str(error))) from error
    click.echo(f"Category {slug} made.")


@group.command("rename-category")
@click.argument("slug")
@click.argument("new")
def rename_category(slug: str, new: str) -> None:
    """Move category SLUG to the address NEW; links to the old one lead on."""
    category_id = queries.category_id(slug)
    if category_id is None:
        raise click.ClickException(f"There is no category {slug}.")
    try:
        with transaction():
            category_services.change_slug(category_id, new)
    except ShopError as error:
        raise click.ClickException(_WORDS.get(error.reason, str(error))) from error
    click.echo(f"Category {slug} is now {new}.")


_WORDS = {
    "slug-form": "A slug has lower-case letters, figures and single hyphens only.",
    "slug-taken": "There is a category of this slug already.",
    "category-name-missing": "Give the category a name: --name-en, --name-zh or both.",
    "category-too-deep": "The tree is deep enough there; choose a category further up.",
}
