"""``flask stock``: see levels, adjust them, verify the ledger."""

import click
from flask.cli import AppGroup
from sqlalchemy import select

from shop.catalog.models import Product, Variant
from shop.cli.stock_flows import (
    count_stock,
    export_levels,
    import_levels,
    list_locations,
    transfer_stock,
)
from shop.cli.stock_flows import store_id as store_of
from shop.core.db import db
from shop.core.errors import ShopError
from shop.core.transaction import transaction
from shop.inventory import checks, queries, services

group = AppGroup("stock", help="See stock levels, adjust, move and count them, verify the ledger.")
group.add_command(list_locations)
group.add_command(transfer_stock)
group.add_command(count_stock)
group.add_command(export_levels)
group.add_command(import_levels)


@group.command()
@click.option("--store", "slug", required=True, help="The store's slug.")
@click.option("--low", is_flag=True, help="Only what is at or below its threshold.")
def levels(slug: str, low: bool) -> None:
    """What lies where."""
    store_id = store_of(slug)
    rows = queries.levels([store_id], "en", low_only=low, limit=100_000)
    for row in rows:
        click.echo(
            f"{row.sku or '-':<24} {row.location:<14} on hand {row.on_hand:>5}  reserved "
            f"{row.reserved:>4}  available {row.available:>5}{'  LOW' if row.low else ''}  {row.title}"
        )
    click.echo(f"{len(rows)} levels.")


@group.command()
@click.argument("sku")
@click.argument("delta", type=int)
@click.option("--store", "slug", required=True, help="The store's slug.")
@click.option("--reason", required=True, help="Why, for the ledger.")
def adjust(sku: str, delta: int, slug: str, reason: str) -> None:
    """Change what is on hand of SKU by DELTA (put -- before a negative number)."""
    store_id = store_of(slug)
    found = list(
        db.session.scalars(
            select(Variant.id)
            .join(Product, Product.id == Variant.product_id)
            .where(Product.store_id == store_id, Variant.sku == sku, Variant.archived_at.is_(None))
        )
    )
    if len(found) != 1:
        raise click.ClickException(
            f"{slug} has no variant with SKU {sku}."
            if not found
            else f"{slug} has {len(found)} variants with SKU {sku}; change it in the admin."
        )
    try:
        with transaction():
            location_id = services.default_location(store_id)
            services.adjust(found[0], location_id, delta, reason=reason, actor="operator")
    except ShopError as error:
        raise click.ClickException(f"Not adjusted: {error}.") from error
    left = queries.availability(found)[found[0]]
    click.echo(f"{sku}: {left} available.")


@group.command()
def verify() -> None:
    """Every level against its ledger; exit 1 and the offending ids on a difference."""
    wrong = checks.differences()
    for sentence in wrong:
        click.echo(sentence)
    if wrong:
        raise SystemExit(1)
    click.echo("Every level equals its ledger.")
