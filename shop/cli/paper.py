"""``flask orders paper``: slips, labels, pick lists and invoices as PDF files."""

from pathlib import Path

import click

from shop.core.db import db
from shop.core.errors import ShopError
from shop.core.transaction import transaction
from shop.documents import press, queries, services
from shop.order import queries as orders
from shop.store import queries as stores


@click.command()
@click.argument("numbers", nargs=-1, required=True)
@click.option(
    "--kind",
    type=click.Choice([*press.PARCELS, "invoice"]),
    default="slip",
    show_default=True,
    help="What to draw. An invoice that was not issued yet is issued.",
)
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="The PDF file to write.",
)
@click.option("--locale", default="en", show_default=True, help="Language of a pick list.")
def paper(numbers: tuple[str, ...], kind: str, out: Path, locale: str) -> None:
    """Draw papers of some orders, at most 200 of them, into one PDF."""
    if len(numbers) > queries.MOST:
        raise click.ClickException(f"At most {queries.MOST} orders fit into one file.")
    ids = {number: orders.id_of(number) for number in numbers}
    for number, order_id in ids.items():
        if order_id is None:
            raise click.ClickException(f"There is no order {number}.")
    data = _invoices(ids) if kind == "invoice" else _parcels(numbers, kind, locale)
    out.write_bytes(data)
    click.echo(f"{out}: {len(data)} bytes")


def _invoices(ids: dict[str, int | None]) -> bytes:
    found = []
    for number, order_id in ids.items():
        if order_id is None:
            continue
        try:
            with transaction():
                services.issue(order_id, actor="operator")
        except ShopError as error:
            raise click.ClickException(f"No invoice of {number}: {error}.") from error
        found += queries.bills_of(order_id)
    db.session.rollback()  # nothing is held while it is drawn
    return press.bills(found)


def _parcels(numbers: tuple[str, ...], kind: str, locale: str) -> bytes:
    everywhere = [store.id for store in stores.all_stores()]
    slips = queries.slips(numbers, everywhere, locale if kind == "pick" else None)
    going = [slip for slip in slips if slip.lines]
    db.session.rollback()  # nothing is held while it is drawn
    if not going:
        raise click.ClickException("Nothing in these orders goes into a parcel.")
    return press.parcels(kind, going, locale)
