"""``flask stock locations|transfer|count|export|import``: places, goods between them, files of counts and levels."""

import csv
from collections.abc import Iterator
from pathlib import Path

import click

from shop.catalog.imports.values import guarded
from shop.core.db import db
from shop.core.errors import ShopError
from shop.core.transaction import transaction
from shop.inventory import (
    counts,
    flow_queries,
    level_files,
    location_queries,
    stocked,
    transfers,
)
from shop.inventory.location_queries import LocationView
from shop.store import queries as stores


class _OnlyLooking(Exception):
    """Ends a transaction whose changes were only to be seen."""


_STORE = click.option("--store", "slug", required=True, help="The store's slug.")


@click.command("locations")
@_STORE
def list_locations(slug: str) -> None:
    """The places of a store, those taken from first in front."""
    found = location_queries.of_stores([store_id(slug)])
    for place in found:
        marks = ["pick-up"] if place.is_pickup else []
        marks += ["out of use"] if place.archived else []
        click.echo(
            f"{place.name:<24} {place.variants:>6} variants  {place.units:>8} units  "
            f"{place.reserved:>6} reserved  {' '.join(marks)}".rstrip()
        )
    click.echo(f"{len(found)} locations.")


@click.command("transfer")
@click.argument("sku")
@click.argument("quantity", type=click.IntRange(1, 10_000_000))
@_STORE
@click.option("--from", "source", required=True, help="Where they lie: the name of a location.")
@click.option("--to", "target", required=True, help="Where they go: the name of a location.")
@click.option("--arrived", is_flag=True, help="They are there already: receive them at once.")
def transfer_stock(
    sku: str, quantity: int, slug: str, source: str, target: str, arrived: bool
) -> None:
    """Send QUANTITY units of SKU from one location to another."""
    of_store = store_id(slug)
    places = _places(of_store)
    try:
        with transaction():
            variant_id = stocked.by_code(of_store, sku)
            made = transfers.draft(
                of_store,
                _place(places, source).id,
                _place(places, target).id,
                note="",
                actor="operator",
            )
            transfers.set_line(of_store, made, variant_id, quantity)
            transfers.send(of_store, made, actor="operator")
            if arrived:
                came = {variant_id: transfers.Arrived(quantity)}
                transfers.receive(of_store, made, came, reason="", actor="operator")
    except ShopError as error:
        raise click.ClickException(f"Not sent: {error}.") from error
    how = "moved" if arrived else "on their way"
    click.echo(f"{sku}: {quantity} {how} from {source} to {target} (transfer {made}).")


@click.command("count")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_STORE
@click.option("--location", required=True, help="Where was counted: the name of a location.")
@click.option("--dry-run", is_flag=True, help="Show the differences and change nothing.")
def count_stock(file: Path, slug: str, location: str, dry_run: bool) -> None:
    """Apply what was counted: FILE has the columns ``code`` (barcode or SKU) and ``counted``.

    A code without a number counts one; a code that comes again adds up. All of the file counts or nothing.
    """
    of_store = store_id(slug)
    place = _place(_places(of_store), location)
    found: dict[int, int] = {}
    for line, code, units in _rows(file):
        try:
            variant_id = stocked.by_code(of_store, code)
        except ShopError as error:
            raise click.ClickException(f"{file.name}, line {line}: {error}.") from error
        found[variant_id] = found.get(variant_id, 0) + units
    db.session.rollback()
    try:
        with transaction():
            made = counts.begin(of_store, place.id, actor="operator")
            for variant_id, units in sorted(found.items()):
                counts.set_counted(of_store, made, variant_id, units)
            if not dry_run:
                counts.apply(of_store, made, actor="operator")
            seen = flow_queries.count([of_store], made)
            lines = seen.lines if seen else []
            for one in sorted(lines, key=lambda row: row.variant_id):
                if one.difference:
                    click.echo(
                        f"{stocked.sku(one.variant_id) or '-':<24} expected {one.expected:>6}  "
                        f"counted {one.counted:>6}  {one.difference:+d}"
                    )
            if dry_run:
                raise _OnlyLooking
    except _OnlyLooking:
        pass
    except ShopError as error:
        raise click.ClickException(f"Not counted: {error}.") from error
    differ = sum(1 for one in lines if one.difference)
    said = "would be booked" if dry_run else "booked"
    click.echo(f"{len(lines)} variants counted, {differ} differences {said}.")


@click.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@_STORE
def export_levels(file: Path, slug: str) -> None:
    """Write what lies where into FILE: SKU, location, on hand, threshold, back-order limit."""
    lines = list(level_files.rows(store_id(slug)))
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows(
            [guarded(cell) if isinstance(cell, str) else cell for cell in line] for line in lines
        )
    click.echo(f"{len(lines) - 1} levels written to {file}.")


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_STORE
@click.option("--dry-run", is_flag=True, help="Show the differences and change nothing.")
def import_levels(file: Path, slug: str, dry_run: bool) -> None:
    """Bring what lies where to what FILE says, whole or not at all."""
    of_store = store_id(slug)
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    found = level_files.compare(of_store, lines)
    for problem in found.problems:
        click.echo(f"{file.name}, line {problem.line}: {problem.code} {problem.text!r}")
    if found.problems:
        raise click.ClickException("Nothing was changed.")
    for one in found.changes:
        click.echo(f"{one.sku:<24} {one.location:<14} {_figures(one.old)} -> {_figures(one.new)}")
    if not dry_run:
        try:
            with transaction():
                level_files.apply(level_files.compare(of_store, lines), actor="operator")
        except ShopError as error:
            raise click.ClickException(f"Not imported: {error}.") from error
    said = "would change" if dry_run else "changed"
    click.echo(f"{found.rows} lines read, {len(found.changes)} levels {said}.")


def _figures(level: level_files.Figures) -> str:
    alert = "never" if level.threshold is None else level.threshold
    return f"on hand {level.on_hand}, alert {alert}, back-order {level.limit}"


def _rows(file: Path) -> Iterator[tuple[int, str, int]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream)
        for number, row in enumerate(reader, 1):
            cells = [cell.strip() for cell in row]
            if not any(cells) or (number == 1 and cells[0].lower() in {"code", "sku", "barcode"}):
                continue
            typed = cells[1] if len(cells) > 1 and cells[1] else "1"
            if not (typed.isascii() and typed.isdigit() and len(typed) < 9):
                raise click.ClickException(f"{file.name}, line {number}: {typed!r} is no number.")
            yield number, cells[0], int(typed)


def store_id(slug: str) -> int:
    """The store of a slug, or the command ends."""
    store = stores.by_slug(slug)
    if store is None:
        raise click.ClickException(f"There is no store {slug}.")
    return store.id


def _places(of_store: int) -> list[LocationView]:
    return [one for one in location_queries.of_stores([of_store]) if not one.archived]


def _place(places: list[LocationView], name: str) -> LocationView:
    found = next((one for one in places if one.name == name), None)
    if found is None:
        known = ", ".join(one.name for one in places)
        raise click.ClickException(f"There is no location {name}. There are: {known}.")
    return found
