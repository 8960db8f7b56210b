"""``flask stores delivery``: how stores deliver, and what an order placed now would be promised."""

import click

from shop.campaigns.engine.delivery import rate
from shop.campaigns.engine.values import Line
from shop.cart.delivery import rule_of
from shop.core import clock, money
from shop.core.i18n import pick
from shop.store import delivery_queries, queries
from shop.store.delivery import Method, Plan
from shop.store.places import Destination

_ONE = [Line(0, 0, 0, None, "physical", 0, 1)]
_WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@click.command()
@click.argument("slug", required=False)
@click.option("--to", help="Country, COUNTRY:PROVINCE or COUNTRY:PROVINCE:POSTCODE of an address.")
def delivery(slug: str | None, to: str | None) -> None:
    """Show how a store (all without SLUG) delivers, and what it offers to an address."""
    found = [store for store in queries.all_stores() if slug in {None, store.slug}]
    if not found:
        raise click.ClickException(
            f"There is no store {slug}." if slug else "There are no stores yet."
        )
    place = _place(to) if to else None
    plans = delivery_queries.plans([store.id for store in found])
    for store in found:
        plan = plans[store.id]
        click.echo(f"{store.slug} ({store.currency})")
        _week(plan)
        for zone in plan.zones:
            places = [
                ":".join(filter(None, (r.country, r.province, r.postcode))) for r in zone.regions
            ]
            covers = ", ".join(places + (["everywhere else"] if zone.rest else []))
            click.echo(f"  zone {zone.name}: {covers}")
            for method in zone.methods:
                click.echo(f"    {_line(method, store.currency)}")
        for method in plan.pickups:
            click.echo(f"  pick-up {_line(method, store.currency)}")
        _offers(plan, place or plan.home, store.currency)


def _place(text: str) -> Destination:
    parts = [part.strip() for part in text.split(":")]
    if len(parts) > 3 or len(parts[0]) != 2:
        raise click.ClickException("Write --to CN, --to CN:上海市 or --to CN:上海市:200050.")
    return Destination(parts[0].upper(), *parts[1:])


def _week(plan: Plan) -> None:
    calendar = plan.calendar
    days = " ".join(name for day, name in enumerate(_WEEK) if day in calendar.working_days)
    until = "midnight"
    if calendar.cutoff_minute < 1440:
        until = f"{calendar.cutoff_minute // 60:02d}:{calendar.cutoff_minute % 60:02d}"
    click.echo(
        f"  works {days}, orders count until {until} ({plan.timezone}), "
        f"packs in {calendar.handling_days} days, {len(calendar.holidays)} holidays"
    )


def _line(method: Method, currency: str) -> str:
    price = money.to_text(method.price_minor, currency)
    steps = "".join(
        f", from {start} {money.to_text(cost, currency)}" for start, cost in method.tiers
    )
    off = "" if method.active else " (not offered)"
    return f"{pick(method.names, 'en')} [{method.kind}] {price}{steps}{off}"


def _offers(plan: Plan, place: Destination, currency: str) -> None:
    where = ":".join(filter(None, (place.country, place.province, place.postcode)))
    offered = plan.methods(place)
    if not offered:
        click.echo(f"  Nothing is delivered to {where}.")
    for method in offered:
        promised = plan.promise(method, clock.now())
        name = pick(method.names, "en") or "Standard delivery"
        cost = money.to_text(rate(rule_of(method), 0, _ONE), currency)
        when = f"leaves by {promised.ship_by}"
        if promised.first is not None:
            when = f"arrives {promised.first} to {promised.last}"
        click.echo(f"  An order placed now for {where}: {name} {when}, costs {cost}.")
