"""Merchandise out: the goods of the store as a file."""

import tempfile
from datetime import datetime
from typing import IO
from zoneinfo import ZoneInfo

from flask import Response, current_app, request, send_file
from flask_babel import gettext

from shop.catalog.exports.files import FORMATS, Wanted, lines
from shop.core import clock
from shop.inventory import exports as stock
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.ui.htmx import render
from shop.web.ui.locale import current_lang


@bp.get("/products/export")
def products_export() -> Response:
    """The formats in which all goods can be had."""
    return render("admin/exchange/export.html")


@bp.get("/products/export/file")
def products_export_file() -> Response:
    """All goods in one format."""
    wanted = request.args.get("format", "own")
    if wanted not in FORMATS:
        problem = gettext("Choose one of the formats below.")
        return render("admin/exchange/export.html", status=422, problem=problem)
    here = desk()
    asked = Wanted(
        store_id=here.store_id,
        currency=here.currency,
        format=wanted,
        places=list(stock.places(here.store_id)),
        on_hand=stock.on_hand,
        base=current_app.config["PUBLIC_URL"],
        locale=current_lang(),
    )
    return send_file(
        _written(asked),
        mimetype="text/csv",
        as_attachment=True,
        download_name=f"{here.store.slug}-{wanted}-{_today(here.store.timezone):%Y-%m-%d}.csv",
        max_age=0,
    )


def _written(asked: Wanted) -> IO[bytes]:
    """The file on disk, gone when it is closed: it may be larger than memory, and a fault on the way
    must be an error page, never half a file that looks whole."""
    target = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it when it is sent
    try:
        for piece in lines(asked):
            target.write(piece.encode("utf-8"))
    except BaseException:
        target.close()
        raise
    target.seek(0)
    return target


def _today(timezone: str) -> datetime:
    return clock.now().astimezone(ZoneInfo(timezone))
