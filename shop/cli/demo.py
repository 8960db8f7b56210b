"""``flask demo``: fill an empty shop with the demo shop."""

import time
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from shop.cli import doctor
from shop.core import money
from shop.demo import load as loading
from shop.demo import people
from shop.demo.replay import figures, goods, reading
from shop.demo.replay.living import Replay

group = AppGroup("demo", help="Fill an empty shop with the demo shop.")


@group.command()
@click.option("--if-empty", is_flag=True, help="Do nothing when there is a store already.")
@click.option(
    "--seed", default=loading.SEED, show_default=True, help="The same seed makes the same shop."
)
def load(if_empty: bool, seed: int) -> None:
    """Two stores, their goods, customers, orders in every state, and reviews."""
    if current_app.config["ENVIRONMENT"] == "production":
        raise click.ClickException("The demo shop has known passwords: not in production.")
    if not loading.is_empty():
        if if_empty:
            return
        raise click.ClickException("There is a store already; the demo goes into an empty shop.")
    loading.load(
        Path(current_app.config["MEDIA_FOLDER"]),
        Path(current_app.config["FILES_FOLDER"]),
        lambda label, length: click.progressbar(length=length, label=label, show_pos=True),
        seed,
    )


@group.command("sign-ins")
def sign_ins() -> None:
    """Whom to sign in as."""
    for person in people.SIGN_INS:
        click.echo(f"{person.role:<9} {person.username:<9} {people.PASSWORD}")


@group.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--limit", type=click.IntRange(1), help="Only so many lines of the file.")
def replay(file: Path, limit: int | None) -> None:
    """Live the sales of FILE (UCI "Online Retail", CSV or gzip) as orders of a store of their own.

    What was lived before is left alone, so that a replay that was stopped goes on. Exit 1 when the shop's
    sales per month are not those of the file, or the doctor finds something.
    """
    try:
        book = reading.read(file, limit)
    except reading.Unreadable as error:
        raise click.ClickException(f"{file.name} cannot be read: {error}.") from error
    if not book.invoices:
        raise click.ClickException(f"{file.name} has no line that can be sold.")
    store_id = goods.open_store()
    codes = len({line.code for invoice in book.invoices for line in invoice.lines})
    with click.progressbar(length=codes, label="Goods   ") as bar:
        variants = goods.stock_book(store_id, book, book.invoices[0].at, bar.update)
    player = Replay(store_id, variants)
    total = sum(
        len(invoice.lines) for invoice in book.invoices if invoice.number not in player.done
    )
    began = time.monotonic()
    with click.progressbar(length=total, label="Invoices", show_pos=True) as bar:
        player.live(book.invoices, bar.update)
    seconds = max(time.monotonic() - began, 0.001)
    told = player.told
    click.echo(
        f"{told.lines} lines as {told.orders} orders and {told.credits} credits in {seconds:.0f} s: "
        f"{told.lines / seconds:.0f} lines/s."
    )
    for why, lines in (book.refused + told.refused).most_common():
        click.echo(f"  {lines:>7} refused: {why}")
    _compare(store_id, book)


def _compare(store_id: int, book: reading.Book) -> None:
    said, kept = figures.of_file(book.invoices), figures.of_shop(store_id)
    click.echo("Month          the file      this shop")
    for month in sorted({*said, *kept}):
        mark = "" if said[month] == kept[month] else "  DIFFERENT"
        click.echo(f"{month}  {_pounds(said[month])}  {_pounds(kept[month])}{mark}")
    wrong = [sentence for _, check in doctor.CHECKS for sentence in check()]
    for sentence in wrong[:20]:
        click.echo(sentence)
    click.echo(f"doctor: {len(wrong)} differences")
    if wrong or said != kept:
        raise SystemExit(1)


def _pounds(minor: int) -> str:
    return f"{money.to_text(minor, goods.CURRENCY):>13}"
