"""``flask orders``: look at orders, cancel them, expire what is due."""

import click
from flask import current_app
from flask.cli import AppGroup

from shop.cli.paper import paper
from shop.core import clock, money
from shop.core.errors import ShopError
from shop.core.transaction import transaction
from shop.jobs import parcels
from shop.jobs.gateways import gateways
from shop.order import lists, queries, receipts, shipping, tracking_queries
from shop.order.carriers.data import CARRIERS
from shop.order.carriers.registry import build_carriers
from shop.payment import flows, settlement
from shop.store import queries as stores

group = AppGroup("orders", help="Look at orders, cancel them, expire what is due.")
group.add_command(paper)


@group.command("list")
@click.option("--store", help="Only this store's (its slug).")
@click.option("--view", type=click.Choice(sorted(lists.VIEWS)), help="Only these.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 500))
def list_orders(store: str | None, view: str | None, limit: int) -> None:
    """The newest orders, one a line."""
    found = lists.of_stores(_store_ids(store), "en", view=view or "", limit=limit)
    for row in found.rows:
        total = f"{money.to_text(row.total_minor, row.currency)} {row.currency}"
        click.echo(
            f"{row.number}  {row.placed_at:%Y-%m-%d %H:%M}  {row.state:<9}  {row.payment_state:<15}  "
            f"{row.shipping_state:<14}  {total:>14}  {row.customer}"
        )
    if not found.rows:
        click.echo("No orders.")


@group.command()
@click.argument("number")
def show(number: str) -> None:
    """Everything of one order."""
    view = queries.order_page(number, "en")
    if view is None:
        raise click.ClickException(f"There is no order {number}.")
    click.echo(f"{view.number}  {view.store_name}  placed {view.placed_at:%Y-%m-%d %H:%M} UTC")
    click.echo(
        f"state {view.state}, payment {view.payment_state}, shipping {view.shipping_state}, "
        f"by {view.method}"
    )
    for line in view.lines:
        total = money.to_text(line.total_minor, view.currency)
        click.echo(
            f"  {line.quantity} x {line.title} {line.options} [{line.sku or '-'}]  {total}  "
            f"shipped {line.shipped}, cancelled {line.cancelled}"
        )
    for adjustment in view.adjustments:
        click.echo(f"  {adjustment.label}: {money.to_text(adjustment.amount_minor, view.currency)}")
    click.echo(f"  delivery {money.to_text(view.delivery_minor, view.currency)}")
    click.echo(f"  total {money.to_text(view.total_minor, view.currency)} {view.currency}")
    for event in view.timeline:
        click.echo(f"  {event.at:%Y-%m-%d %H:%M:%S}  {event.kind:<12} {event.actor}")


@group.command()
@click.argument("number")
@click.option("--reason", required=True, help="Why, for the timeline and the customer.")
def cancel(number: str, reason: str) -> None:
    """Cancel an order of which nothing was shipped; what was paid is refunded."""
    order_id = _order_id(number)
    try:
        with transaction():
            settlement.cancel_order(order_id, reason=reason, actor="operator")
    except ShopError as error:
        raise click.ClickException(f"Not cancelled: {error}.") from error
    click.echo(f"{number} is cancelled.")


@group.command()
@click.option("--limit", default=500, show_default=True, type=click.IntRange(1, 100_000))
def expire(limit: int) -> None:
    """Expire unpaid orders whose time is over, and give back what they held."""
    due = queries.due_for_expiry(limit, clock.now())
    opened = gateways()
    # As the periodic job does: money that is on its way comes first.
    ended = sum(flows.expire(order_id, opened) for order_id in due)
    click.echo(f"{ended} of {len(due)} due orders expired.")


@group.command()
@click.argument("number")
@click.argument("carrier", type=click.Choice(list(CARRIERS), case_sensitive=False))
@click.argument("tracking")
def ship(number: str, carrier: str, tracking: str) -> None:
    """Ship everything that is left of an order in one parcel."""
    order_id = _order_id(number)
    try:
        with transaction():
            shipping.ship(order_id, carrier=carrier, tracking_number=tracking, actor="operator")
    except ShopError as error:
        raise click.ClickException(f"Not shipped: {error}.") from error
    click.echo(f"{number} is on its way.")


@group.command("receive-due")
@click.option("--limit", default=2000, show_default=True, type=click.IntRange(1, 100_000))
def receive_due(limit: int) -> None:
    """Count orders as received whose buyers said nothing in time, as the periodic job does."""
    due = receipts.due(limit)
    done = 0
    for order_id in due:
        with transaction():
            done += receipts.receive_due(order_id)
    click.echo(f"{done} of {len(due)} due orders received.")


@group.command()
@click.argument("number")
def track(number: str) -> None:
    """Ask the carriers about the parcels of an order, or about a tracking number, and tell all they say."""
    found = tracking_queries.numbered(number)
    if not found:
        raise click.ClickException(f"There is no parcel of {number}.")
    asked = build_carriers(current_app.config)
    for shipment_id, carrier, tracking in found:
        click.echo(f"{carrier} {tracking or '-'}")
        if carrier not in asked or not tracking:
            click.echo("  this carrier cannot be asked: see docs/carriers.md")
        elif parcels.ask(asked[carrier], shipment_id, carrier, tracking) is None:
            click.echo("  the carrier does not answer")
        for event in tracking_queries.told(shipment_id):
            words = "  ".join(part for part in (event.kind, event.place, event.text) if part)
            click.echo(f"  {event.at:%Y-%m-%d %H:%M:%S}  {words}")


def _order_id(number: str) -> int:
    order_id = queries.id_of(number)
    if order_id is None:
        raise click.ClickException(f"There is no order {number}.")
    return order_id


def _store_ids(slug: str | None) -> list[int]:
    if slug is None:
        return [store.id for store in stores.all_stores()]
    store = stores.by_slug(slug)
    if store is None:
        raise click.ClickException(f"There is no store {slug}.")
    return [store.id]
