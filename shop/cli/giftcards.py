"""``flask giftcards``: issue gift cards, look at them, end them."""

from datetime import datetime

import click
from flask import current_app
from flask.cli import AppGroup

from shop.core import audit, clock, ids, money
from shop.core.errors import IllegalTransition, ShopError
from shop.core.transaction import transaction
from shop.payment import card_queries, cards
from shop.payment.card_queries import CardRow
from shop.store import queries as stores
from shop.store.models import Store

group = AppGroup("giftcards", help="Issue gift cards, look at them, end them.")


@group.command()
@click.argument("store")
@click.argument("amount")
@click.argument("recipient")
@click.option("--message", default="", help="Stands in the mail.")
@click.option("--locale", default="en", type=click.Choice(["en", "zh"]), show_default=True)
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), help="The moment it ends, in UTC.")
def issue(
    store: str, amount: str, recipient: str, message: str, locale: str, expires: datetime | None
) -> None:
    """Issue a card of AMOUNT (such as 88.80) and mail its code to RECIPIENT."""
    found = _store(store)
    ends = expires.replace(tzinfo=clock.now().tzinfo) if expires is not None else None
    try:
        with transaction():
            made = cards.issue(
                found.id,
                money.parse(amount, found.currency),
                found.currency,
                recipient=recipient,
                message=message,
                locale=locale,
                expires_at=ends,
                actor="operator",
                reason="",
                key=ids.token(),
                secret=str(current_app.config["SECRET_KEY"]),
            )
            audit.write("gift_card.issue", f"gift card {made}", actor="operator", store_id=found.id)
    except ShopError as error:
        raise click.ClickException(f"Not issued: {error}.") from error
    click.echo(f"Card {made} is issued; its code is mailed to {recipient}.")


@group.command("list")
@click.option("--store", help="Only this store's (its slug).")
@click.option("--search", default="", help="Last four characters, or a part of a mail or a name.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 500))
def list_cards(store: str | None, search: str, limit: int) -> None:
    """The newest cards and balances, one a line."""
    rows = card_queries.listed(_ids(store), q=search, limit=limit).rows
    for row in rows:
        click.echo(_line(row))
    if not rows:
        click.echo("No gift cards.")


@group.command()
@click.argument("card")
def show(card: str) -> None:
    """A card by its id, or by the last four characters of its code, with all that moved on it."""
    for row in _found(card):
        click.echo(_line(row))
        for entry in card_queries.entries([row.id]).get(row.id, []):
            moved = money.to_text(entry.amount_minor, row.currency)
            left = money.to_text(entry.balance_minor, row.currency)
            about = entry.number or entry.reason
            click.echo(
                f"  {entry.at:%Y-%m-%d %H:%M:%S}  {entry.kind:<9} {moved:>10}  left {left:>10}  "
                f"{entry.actor} {about}".rstrip()
            )


@group.command()
@click.argument("card")
@click.option("--reason", required=True, help="Why, for the ledger.")
def void(card: str, reason: str) -> None:
    """End a card (its id); what is on it is lost to its holder."""
    found = [row for row in _found(card) if row.public_id == card]
    if not found:
        raise click.ClickException("Name the card by its id: `flask giftcards show` tells it.")
    try:
        with transaction():
            cards.void(card, store_id=found[0].store_id, reason=reason, actor="operator")
            audit.write(
                "gift_card.void",
                f"gift card {card}",
                actor="operator",
                store_id=found[0].store_id,
                reason=reason,
            )
    except IllegalTransition as error:
        raise click.ClickException("This card is over already.") from error
    except ShopError as error:
        raise click.ClickException(f"Not ended: {error}.") from error
    click.echo(f"Card {card} is void.")


def _found(text: str) -> list[CardRow]:
    known = card_queries.one(text, _ids(None))
    rows = [known] if known else card_queries.listed(_ids(None), q=text).rows
    if not rows:
        raise click.ClickException(f"There is no gift card {text}.")
    return rows


def _line(row: CardRow) -> str:
    name = f"balance of {row.member}" if row.member_id else f"...{row.last_four or '----'}"
    left = f"{money.to_text(row.balance_minor, row.currency)} {row.currency}"
    return f"{row.public_id}  {name:<24}  {row.standing:<8}  {left:>14}  {row.recipient}".rstrip()


def _store(slug: str) -> Store:
    found = stores.by_slug(slug)
    if found is None:
        raise click.ClickException(f"There is no store {slug}.")
    return found


def _ids(slug: str | None) -> list[int]:
    return [store.id for store in stores.all_stores()] if slug is None else [_store(slug).id]
