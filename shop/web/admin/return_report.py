"""The report of returns: which goods come back, how often, why, and what that gave back."""

from zoneinfo import ZoneInfo

from flask import Response, current_app, request
from flask_babel import gettext as _

from shop.analytics import returned
from shop.analytics.periods import last_days
from shop.analytics.returned import SORTS, ReturnReport
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.stock_files import as_file, plain
from shop.web.ui.htmx import render
from shop.web.ui.locale import current_lang
from shop.web.ui.return_reasons import REASONS

DAYS = (30, 90, 365)
SHOWN = 100


@bp.get("/reports/returns")
def report_returns() -> Response:
    """Returns of the orders of some days; all products stand in the file. Unknown wishes fall back."""
    days, sort = _days(), request.args.get("sort", "")
    sort = sort if sort in SORTS else "back"
    found = _report(days)
    rows = returned.sorted_by(found.rows, sort)
    return render(
        "admin/returns/report.html",
        report=found,
        rows=rows[:SHOWN],
        more=max(0, len(rows) - SHOWN),
        days=days,
        ranges=DAYS,
        sort=sort,
        reasons=REASONS,
        sample=current_app.config["RETURN_RATE_SAMPLE"],
    )


@bp.get("/reports/returns.csv")
def report_returns_file() -> Response:
    """Every product of the report."""
    days, currency = _days(), desk().currency
    head = [
        _("Product"),
        _("Units sent"),
        _("Came back"),
        _("Return rate, percent"),
        *(str(words) for words in REASONS.values()),
        _("Refunded"),
        _("Currency"),
    ]
    rows = [
        [
            row.title,
            row.sent,
            row.back,
            f"{row.rate:.1f}",
            *(row.reasons.get(reason, 0) for reason in REASONS),
            plain(row.refunded_minor, currency),
            currency,
        ]
        for row in _report(days).rows
    ]
    return as_file(f"{desk().store.slug}-returns-{days}-days.csv", head, rows)


def _days() -> int:
    asked = request.args.get("days", "")
    return int(asked) if asked in {str(one) for one in DAYS} else DAYS[1]


def _report(days: int) -> ReturnReport:
    here = desk()
    period = last_days(days, ZoneInfo(here.store.timezone))
    return returned.report(here.store_ids, period, current_lang())
