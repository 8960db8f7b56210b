"""The report of taxes: a year by month, place and rate; and as a file."""

import csv
import io
from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from flask import Response, request
from flask_babel import gettext

from shop.analytics.taxes import TaxRow, of_year
from shop.core import clock
from shop.core.money import to_text
from shop.core.percent import percent_text
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.ui.htmx import render

EARLIEST = 2000


@bp.get("/reports/tax")
def tax_report() -> Response:
    """What was charged as tax in a year, and what of it went back; ``format=csv`` gives the file."""
    zone = ZoneInfo(desk().store.timezone)
    now = clock.now().astimezone(zone).year
    year = _year(request.args.get("year", ""), now)
    rows = of_year(desk().store_ids, year, zone)
    if request.args.get("format") == "csv":
        return _file(rows, year)
    months = [
        (date(year, month, 1), [row for row in rows if row.month == month])
        for month in dict.fromkeys(row.month for row in rows)
    ]
    return render(
        "admin/taxes/report.html",
        block="main",
        year=year,
        now=now,
        earliest=EARLIEST,
        months=months,
        tax_minor=sum(row.tax_minor for row in rows),
        back_minor=sum(row.back_minor for row in rows),
    )


def _year(text: str, now: int) -> int:
    typed = int(text) if text.isascii() and text.isdecimal() and len(text) == 4 else now
    return min(max(typed, EARLIEST), now)


def _file(rows: Sequence[TaxRow], year: int) -> Response:
    here = desk()
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow(
        [
            gettext("Month"),
            gettext("Country"),
            gettext("Region"),
            gettext("Name"),
            gettext("Rate"),
            gettext("Orders"),
            gettext("Taxed, without tax"),
            gettext("Tax charged"),
            gettext("Tax given back"),
            gettext("Tax due"),
            gettext("Currency"),
        ]
    )
    for row in rows:
        amounts = (row.net_minor, row.tax_minor, row.back_minor, row.due_minor)
        writer.writerow(
            [
                f"{year}-{row.month:02}",
                row.country,
                _plain(row.region),
                _plain(row.name),
                percent_text(row.rate),
                row.orders,
                *(to_text(minor, here.currency) for minor in amounts),
                here.currency,
            ]
        )
    response = Response("\ufeff" + target.getvalue(), mimetype="text/csv")
    response.headers.set(
        "Content-Disposition", "attachment", filename=f"{here.store.slug}-tax-{year}.csv"
    )
    return response


def _plain(cell: str) -> str:
    """A text that no spreadsheet runs."""
    return f"'{cell}" if cell[:1] in set("=+-@\t\r") else cell
