"""``flask payments``: compare the books with the bills of payment providers, book bank transfers."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from shop.core import clock, ids, money
from shop.core.db import db
from shop.core.errors import ShopError
from shop.core.transaction import transaction
from shop.jobs import reconcile_flow
from shop.jobs.gateways import gateways
from shop.jobs.reconcile_flow import READERS, Report
from shop.payment import reconcile_queries, transfer_money, transfer_views
from shop.payment.bills.base import BEIJING

group = AppGroup("payments", help="Compare the books with the bills of payment providers.")

KINDS = {
    "missing_here": "missing here",
    "missing_there": "missing there",
    "amount": "another amount",
    "fee": "another fee",
    "refund": "another refund",
}


@group.command()
@click.option(
    "--date",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The Beijing day; yesterday without it.",
)
@click.option("--gateway", help="Only this gateway's bill.")
@click.option(
    "--file",
    "path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Read this bill instead of fetching one.",
)
def reconcile(day: datetime | None, gateway: str | None, path: Path | None) -> None:
    """Match the bill of a day with payments, fees and refunds; exit 1 while differences are open."""
    now = clock.now().astimezone(BEIJING)
    wanted = day.replace(tzinfo=UTC).date() if day else now.date() - timedelta(days=1)
    opened = gateways()
    names = [gateway] if gateway else [n for n, g in opened.items() if g.capabilities.bill]
    if path is not None and len(names) != 1:
        raise click.UsageError("--file needs --gateway to say whose bill it is.")
    if not names:
        raise click.ClickException("No configured gateway has a bill.")
    still = failed = 0
    for name in names:
        click.echo(f"{name}, {wanted}: {'reading ' + str(path) if path else 'fetching the bill'}")
        try:
            rows = READERS[name](path.read_bytes()) if path and name in READERS else None
            if path and rows is None:
                raise click.ClickException(f"There is no reader for bills of {name}.")
            report = reconcile_flow.run(
                name,
                wanted,
                opened,
                rows=rows,
                rates=current_app.config.get("PAYMENT_FEE_RATES"),
            )
        except ShopError as error:
            failed += 1
            click.echo(f"  {_problem(error)}", err=True)
            continue
        still += report.outcome.open
        _say(report)
        _differences(name, wanted)
    if still or failed:
        raise SystemExit(1)


@group.command()
@click.argument("reference")
@click.argument("amount")
@click.option("--bank-reference", required=True, help="The bank's own number of the money.")
def confirm(reference: str, amount: str, bank_reference: str) -> None:
    """Book AMOUNT that came by bank transfer with the payment REFERENCE; each number of the bank once."""
    found = transfer_views.of_reference(reference)
    if found is None:
        raise click.ClickException(f"No transfer has the reference {reference}.")
    try:
        minor = money.parse(amount, found.currency)
        db.session.rollback()  # no read transaction stays open
        with transaction():
            done = transfer_money.book(
                found.reference,
                amount_minor=minor,
                bank_reference=bank_reference,
                actor="command line",
                key=ids.token(),
                hold=current_app.config["BANK_TRANSFER_WAIT"],
            )
    except ShopError as error:
        raise click.ClickException(_not_booked(error, amount, bank_reference)) from error
    numbers = ", ".join(part.number for part in found.parts)
    click.echo(f"{found.reference} ({numbers}): {_text(done.taken_minor, found)} booked.")
    if done.lacking_minor:
        click.echo(f"{_text(done.lacking_minor, found)} is still missing.")
    if done.surplus_minor:
        click.echo(f"{_text(done.surplus_minor, found)} is more than was due and has to go back.")


def _text(minor: int, transfer: transfer_views.TransferView) -> str:
    return f"{money.to_text(minor, transfer.currency)} {transfer.currency}"


def _not_booked(error: ShopError, amount: str, bank_reference: str) -> str:
    """Why money was not booked, as a sentence."""
    match error.reason:
        case "bank-reference-used":
            return f"{bank_reference} was booked already: money is counted once."
        case "bank-reference-missing":
            return "Give the number of the bank with --bank-reference."
        case _:
            return f"{amount} is no amount that can be booked: {error}."


def _say(report: Report) -> None:
    bill, outcome = report.bill, report.outcome
    click.echo(
        f"  {bill.payments} payments of {money.to_text(bill.paid_minor)}, "
        f"{bill.refunds} refunds of {money.to_text(bill.refunded_minor)}, "
        f"fees {money.to_text(bill.fee_minor)} CNY"
    )
    for many, words in (
        (report.found_paid, "found paid after asking again"),
        (report.found_refunded, "refunds on their way were done"),
        (report.imported, "refunds of the provider's console taken over"),
        (outcome.new, "new differences"),
        (outcome.closed, "differences closed by themselves"),
    ):
        if many:
            click.echo(f"  {many} {words}")
    click.echo(f"  {outcome.open} differences open" if outcome.open else "  everything agrees")


def _differences(gateway: str, day: date) -> None:
    for one in reconcile_queries.open_of(gateway, day):
        number = f"{one.no} {one.refund_no}".strip()
        click.echo(
            f"    {KINDS[one.kind]:<15} {number}  here {money.to_text(one.here_minor)}, "
            f"there {money.to_text(one.there_minor)}"
        )


def _problem(error: ShopError) -> str:
    """What went wrong, as a sentence."""
    match error.reason:
        case "bill-unreadable":
            return (
                f"Line {error.params['line']} of the bill cannot be read: {error.params['what']}."
            )
        case "bill-hash":
            return "The bill is not the one that its hash was made of. Fetch it again."
        case "bill-other-day":
            return (
                f"The bill is not of {error.params['day']}: {error.params['no']} is of another day."
            )
        case "bill-too-early":
            return f"The day {error.params['day']} is not over in Beijing yet."
        case "bill-unsupported":
            return (
                f"No gateway {error.params['gateway']} with a bill is configured; bring a --file."
            )
        case _:
            return f"The bill could not be had: {error}."
