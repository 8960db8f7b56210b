"""``flask doctor``: every ledger against its totals."""

from collections.abc import Callable

import click
from flask.cli import with_appcontext

from shop.campaigns import checks as campaigns
from shop.catalog import collection_members, listing
from shop.catalog.facets import derive as facets
from shop.documents import checks as documents
from shop.inventory import checks as inventory
from shop.membership import checks as membership
from shop.order import checks as order
from shop.payment import checks as payment
from shop.payment import return_checks
from shop.review import checks as review

CHECKS: tuple[tuple[str, Callable[[], list[str]]], ...] = (
    ("categories", listing.differences),
    ("collections by rule", collection_members.differences),
    ("facets", facets.differences),
    ("stock levels and reservations", inventory.differences),
    ("orders, lines and checkouts", order.differences),
    ("payments, allocations and refunds", payment.differences),
    ("invoices and credit notes", documents.differences),
    ("returns and their refunds", return_checks.differences),
    ("coupons and redemptions", campaigns.differences),
    ("membership", membership.differences),
    ("reviews and ratings", review.differences),
)


@click.command("doctor", help="Check every ledger against its totals; exit 1 on a difference.")
@click.option("--quiet", is_flag=True, help="Print differences only.")
@with_appcontext
def group(quiet: bool) -> None:
    """Run every check over the whole database and print the offending ids."""
    found = 0
    for name, check in CHECKS:
        wrong = check()
        found += len(wrong)
        if wrong or not quiet:
            click.echo(
                f"{'✗' if wrong else '✓'} {name}" + (f": {len(wrong)} wrong" if wrong else "")
            )
        for sentence in wrong:
            click.echo(f"    {sentence}")
    if found:
        raise SystemExit(1)
