"""Merchandise out: the goods of the store as a file, all or those of the list."""

import tempfile
from datetime import datetime
from typing import IO
from zoneinfo import ZoneInfo

from flask import Response, abort, current_app, request, send_file, url_for
from flask_babel import gettext

from shop.analytics import goods
from shop.catalog import bulk
from shop.catalog.exports.files import FORMATS, Wanted, lines
from shop.core import clock
from shop.inventory import exports as stock
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.replies import went_to
from shop.web.ui.htmx import render
from shop.web.ui.locale import current_lang

MOST = 1_000_000
"""Ids of products that are held at once; more goods than any store has."""


@bp.get("/products/export")
def products_export() -> Response:
    """The formats in which goods can be had: all, or those of the list's view and search."""
    return _page(_of_list())


@bp.get("/products/export/file")
def products_export_file() -> Response:
    """All goods, or those of the list, in one format."""
    return _file(request.args.get("format", "own"), _of_list())


@bp.post("/products/export")
def products_export_selected() -> Response:
    """The formats for the ticked products; with ``format`` their file."""
    named = request.form.getlist("product") + request.form.get("products", "").split()
    named = list(dict.fromkeys(named))[: bulk.MOST]
    if not named:
        return went_to(gettext("Tick some products first."), url_for("admin.products"))
    found = goods.product_ids(named, desk().store_ids)
    if len(found) < len(named):
        abort(404)
    if "format" in request.form:
        return _file(request.form["format"], found, named)
    return _page(found, named)


def _of_list() -> list[int] | None:
    """The products that the list shows; None for all, those archived with them."""
    view, q = request.args.get("view", ""), _search()
    if view not in goods.VIEWS and not q:
        return None
    return goods.matching(desk().store_ids, view=view, q=q, limit=MOST)


def _search() -> str:
    return request.args.get("q", "").strip()[:80]


def _page(
    ids: list[int] | None, named: list[str] | None = None, problem: str = "", status: int = 200
) -> Response:
    return render(
        "admin/exchange/export.html",
        status=status,
        count=None if ids is None else len(ids),
        named=named,
        view=request.args.get("view", ""),
        q=_search(),
        problem=problem,
    )


def _file(wanted: str, ids: list[int] | None, named: list[str] | None = None) -> Response:
    if wanted not in FORMATS:
        return _page(ids, named, gettext("Choose one of the formats below."), 422)
    here = desk()
    asked = Wanted(
        store_id=here.store_id,
        currency=here.currency,
        format=wanted,
        places=list(stock.places(here.store_id)),
        on_hand=stock.on_hand,
        base=current_app.config["PUBLIC_URL"],
        locale=current_lang(),
        product_ids=ids,
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
