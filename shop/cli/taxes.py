"""``flask stores tax``: what a store taxes, in words and figures."""

import click

from shop.core.percent import percent
from shop.store import queries, tax_queries


@click.command("tax")
@click.argument("slug")
def tax(slug: str) -> None:
    """Show how store SLUG stands to tax: its prices, its rounding, its rates."""
    store = queries.by_slug(slug)
    if store is None:
        raise click.ClickException(f"There is no store {slug}.")
    kept = tax_queries.settings(store.id)
    rates = tax_queries.rates(store.id)
    if not rates:
        click.echo(f"Store {slug} has no rates: it charges and shows no tax.")
        return
    click.echo(f"Prices {'include' if kept.prices_include_tax else 'exclude'} tax.")
    click.echo(
        f"Tax is rounded {'for each line' if kept.rounding == 'line' else 'once per order'}."
    )
    home = " ".join(part for part in (kept.country, kept.region) if part)
    click.echo(f"Until an address is known: {home or 'no tax is reckoned'}.")
    for rate in rates:
        place = " ".join(part for part in (rate.country, rate.region) if part)
        delivery = (
            ", delivery too" if rate.applies_to_delivery and rate.tax_class == "standard" else ""
        )
        click.echo(
            f"{place:<20} {rate.tax_class:<14} {percent(rate.rate):>8}  {rate.name}{delivery}"
        )
