"""The report of the stock: value, cover, turnover, what does not move."""

from flask import Response, request

from shop.analytics import stock_report
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.stock_files import as_file, plain
from shop.web.ui.htmx import render
from shop.web.ui.locale import current_lang

DAYS = (30, 90, 365)
_SHOWN = 100


@bp.get("/reports/stock")
def report_stock() -> Response:
    """Figures over some days; all variants stand in the file."""
    found = _report()
    dead = request.args.get("view") == "dead"
    rows = found.dead if dead else found.rows
    return render(
        "admin/inventory/report.html",
        report=found,
        rows=rows[:_SHOWN],
        more=max(0, len(rows) - _SHOWN),
        ranges=DAYS,
        view="dead" if dead else "",
    )


@bp.get("/reports/stock.csv")
def report_stock_file() -> Response:
    """Every variant of the report."""
    found = _report()
    currency = desk().currency
    rows = [
        [
            row.sku,
            row.title,
            row.options,
            row.on_hand,
            "" if row.value_minor is None else plain(row.value_minor, currency),
            row.sold,
            "" if row.days is None else row.days,
            "yes" if row.dead else "no",
        ]
        for row in found.rows
    ]
    head = [
        "SKU",
        "Product",
        "Variant",
        "On hand",
        "Value at cost",
        f"Sold in {found.days} days",
        "Days of cover",
        "Dead stock",
    ]
    return as_file(f"{desk().store.slug}-stock-{found.days}-days.csv", head, rows)


def _report() -> stock_report.StockReport:
    asked = request.args.get("days", "")
    days = int(asked) if asked in {str(one) for one in DAYS} else DAYS[1]
    return stock_report.report(desk().store_ids, current_lang(), days=days)
