"""``flask doctor``: every ledger against its totals."""

from collections.abc import Callable

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import IntegrityError

from shop.campaigns import checks as campaigns
from shop.catalog import collection_members, listing
from shop.catalog.facets import derive as facets
from shop.core import audit
from shop.core.repairs import Repair
from shop.core.transaction import transaction
from shop.documents import checks as documents
from shop.inventory import checks as inventory
from shop.inventory import repairs as inventory_repairs
from shop.membership import checks as membership
from shop.order import checks as order
from shop.payment import checks as payment
from shop.payment import repairs as payment_repairs
from shop.payment import return_checks
from shop.payment.accounts import checks as payment_accounts
from shop.review import checks as review

CHECKS: tuple[tuple[str, Callable[[], list[str]]], ...] = (
    ("categories", listing.differences),
    ("collections by rule", collection_members.differences),
    ("facets", facets.differences),
    ("stock levels and reservations", inventory.differences),
    ("orders, lines and checkouts", order.differences),
    ("payments, allocations and refunds", payment.differences),
    ("payment accounts", lambda: payment_accounts.differences(current_app.config)),
    ("invoices and credit notes", documents.differences),
    ("returns and their refunds", return_checks.differences),
    ("coupons and redemptions", campaigns.differences),
    ("membership", membership.differences),
    ("reviews and ratings", review.differences),
)


REPAIRS: tuple[Callable[[], list[Repair]], ...] = (
    inventory_repairs.repairs,
    payment_repairs.repairs,
    membership.repairs,  # after what was spent: levels follow from it
    campaigns.repairs,
    review.repairs,
)


@click.command("doctor", help="Check every ledger against its totals; exit 1 on a difference.")
@click.option("--quiet", is_flag=True, help="Print differences only.")
@click.option("--repair", is_flag=True, help="Say which counters would be set to their ledgers.")
@click.option("--yes", is_flag=True, help="With --repair: set them.")
@with_appcontext
def group(quiet: bool, repair: bool, yes: bool) -> None:
    """Run every check over the whole database and print the offending ids.

    Ledgers are the truth: --repair sets the counters beside them, and nothing else. What no ledger
    decides stays, and keeps the exit status at 1.
    """
    if yes and not repair:
        raise click.UsageError("--yes goes with --repair.")
    if repair:
        _repair(yes)
    if _check(quiet):
        raise SystemExit(1)


def _repair(yes: bool) -> None:
    done = 0
    for find in REPAIRS:
        for one in find():
            if yes:
                try:
                    with transaction():
                        set_ = one.apply()
                        audit.write("doctor.repair", one.sentence[:120], actor="operator")
                except IntegrityError:
                    click.echo(f"    not set, the database forbids it: {one.sentence}")
                    continue
                done += set_
                click.echo(f"    {'set' if set_ else 'moved meanwhile'}: {one.sentence}")
            else:
                done += 1
                click.echo(f"    would set {one.sentence}")
    click.echo(f"{done} counters {'set' if yes else 'would be set; --yes sets them'}.")


def _check(quiet: bool) -> int:
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
    return found
