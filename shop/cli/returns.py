"""``flask returns``: look at returns, decide them, take the goods in."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask.cli import AppGroup

from shop.core import money
from shop.core.errors import ShopError
from shop.core.transaction import transaction
from shop.jobs.return_figures import figure_all
from shop.order import return_queries, returns
from shop.order.return_states import ReturnState
from shop.payment import return_exchanges, return_refunds
from shop.store import queries as stores

group = AppGroup("returns", help="Look at returns, decide them, take the goods in.")


@group.command("list")
@click.option("--store", help="Only this store's (its slug).")
@click.option("--state", type=click.Choice([str(state) for state in ReturnState]))
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 500))
def list_returns(store: str | None, state: str | None, limit: int) -> None:
    """The newest returns, one a line."""
    found = stores.by_slug(store) if store else None
    if store and found is None:
        raise click.ClickException(f"There is no store {store}.")
    ids = [found.id] if found else [each.id for each in stores.all_stores()]
    rows = return_queries.listed(ids, state, limit)
    for row in rows:
        amount = f"{money.to_text(row.amount_minor, row.currency)} {row.currency}"
        click.echo(
            f"{row.public_id}  {row.created_at:%Y-%m-%d %H:%M}  {row.state:<10}  {row.number}  {amount}"
        )
    if not rows:
        click.echo("No returns.")


@group.command()
@click.argument("return_id")
def show(return_id: str) -> None:
    """Everything of one return."""
    view = return_queries.one(return_id, "en")
    if view is None:
        raise click.ClickException(f"There is no return {return_id}.")
    click.echo(f"{view.public_id}  {view.state}  of order {view.number}, for {view.outcome}")
    for line in view.lines:
        said = f": {line.note}" if line.note else ""
        click.echo(f"  {line.public_id}  {line.quantity} x {line.title}  {line.reason}{said}")
    click.echo(f"  worth {money.to_text(view.amount_minor, view.currency)} {view.currency}")
    for label, text in (
        ("says", view.text),
        ("send to", view.instructions),
        ("refused", view.refusal),
        ("parcel", f"{view.carrier} {view.tracking_number}".strip()),
        ("sent again", f"{view.back_carrier} {view.back_number}".strip()),
        ("replaced by order", view.replacement),
    ):
        if text:
            click.echo(f"  {label}: {text}")


@group.command()
@click.argument("return_id")
@click.option("--instructions", required=True, help="Where and how to send it, for the customer.")
def approve(return_id: str, instructions: str) -> None:
    """Agree to a return."""
    with _told(), transaction():
        returns.approve(return_id, instructions=instructions, actor="operator")
    click.echo(f"{return_id} is approved.")


@group.command()
@click.argument("return_id")
@click.option("--reason", required=True, help="Why, for the customer.")
def refuse(return_id: str, reason: str) -> None:
    """Refuse a return."""
    with _told(), transaction():
        returns.refuse(return_id, reason=reason, actor="operator")
    click.echo(f"{return_id} is refused.")


@group.command()
@click.argument("return_id")
@click.option("--restock", multiple=True, metavar="LINE", help="A line that can be sold again.")
@click.option("--delivery", is_flag=True, help="Give back the delivery, too.")
def receive(return_id: str, restock: tuple[str, ...], delivery: bool) -> None:
    """The goods are here: refund them. Lines not named with --restock are written off."""
    with _told(), transaction():
        number = return_refunds.receive(
            return_id, restock=restock, include_delivery=delivery, actor="operator"
        )
    click.echo(f"{return_id} is received; refund {number}.")


@group.command()
def figures() -> None:
    """Work out anew what product pages say of returns, as the periodic job does."""
    click.echo(f"{figure_all()} products changed.")


@group.command()
@click.argument("return_id")
@click.option("--restock", multiple=True, metavar="LINE", help="A line that can be sold again.")
def exchange(return_id: str, restock: tuple[str, ...]) -> None:
    """The goods are here: send what was wanted instead, as an order that costs nothing."""
    with _told(), transaction():
        number = return_exchanges.exchange(return_id, restock=restock, actor="operator")
    click.echo(f"{return_id} is exchanged; order {number}.")


@group.command()
@click.argument("return_id")
@click.option("--carrier", required=True, help="Code of the carrier, such as SF.")
@click.option("--tracking", required=True, help="Number of the parcel.")
def repair(return_id: str, carrier: str, tracking: str) -> None:
    """The goods are mended and on their way back to the customer."""
    with _told(), transaction():
        returns.repair(return_id, carrier=carrier, tracking_number=tracking, actor="operator")
    click.echo(f"{return_id} is repaired.")


@group.command()
@click.argument("return_id")
def pay(return_id: str) -> None:
    """Give back the money of a return that wants nothing else; goods stay where they are."""
    with _told(), transaction():
        number = return_refunds.give_back(return_id, actor="operator")
    click.echo(f"{return_id} is paid; refund {number}.")


@contextmanager
def _told() -> Iterator[None]:
    """What the rules refuse, as a sentence."""
    try:
        yield
    except ShopError as error:
        raise click.ClickException(f"Nothing was changed: {error}.") from error
