"""``flask catalog``: goods in and out, rebuild what is derived from them, see and make categories."""

from collections.abc import Sequence
from datetime import timedelta

import click
from flask.cli import AppGroup
from sqlalchemy import func, select

from shop.catalog import categories as category_services
from shop.catalog import collection_members, listing, queries
from shop.catalog.facets import derive
from shop.catalog.models import Product
from shop.catalog.search import entries, vocabulary
from shop.catalog.views import CategoryNode
from shop.cli.exchange import export_file, import_file
from shop.cli.runs import show_runs, undo
from shop.core.db import db
from shop.core.errors import ShopError
from shop.core.transaction import transaction
from shop.inventory import product_queries
from shop.jobs.catalog import follow_rules
from shop.jobs.related import relate_all

BATCH = 200

group = AppGroup(
    "catalog", help="Import and export goods, rebuild lists and search, see categories."
)
group.add_command(import_file)
group.add_command(export_file)
group.add_command(undo)
group.add_command(show_runs)


@group.command()
def reindex() -> None:
    """Rebuild the listing rows, facets and search entries of all products, and the words they are found by."""
    with transaction():
        vocabulary.forget()
        listing.recount()
    ids = list(db.session.scalars(select(Product.id).order_by(Product.id)))
    with click.progressbar(length=len(ids), label="Products") as bar:
        for start in range(0, len(ids), BATCH):
            batch = ids[start : start + BATCH]
            with transaction():
                for product_id in batch:
                    listing.refresh_listing(product_id)
                    found = product_id in product_queries.available([product_id])
                    listing.set_available(product_id, found)
                    entries.refresh(product_id)
            bar.update(len(batch))
    with transaction():
        derive.sweep()
        collection_members.all_stale()
    follow_rules()
    click.echo(f"{len(ids)} products indexed.")


@group.command()
@click.option(
    "--days",
    type=click.IntRange(1, 3650),
    default=180,
    show_default=True,
    help="How far back orders count.",
)
def relate(days: int) -> None:
    """Find out of paid orders what is bought together, as the periodic job does."""
    total = db.session.scalar(select(func.count()).select_from(Product)) or 0
    with click.progressbar(length=total, label="Products") as bar:
        changed = relate_all(timedelta(days=days), bar.update)
    click.echo(f"{total} products looked at, {changed} changed.")


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
