"""Stock by location as a file: out, and in again with a look at the differences first."""

from flask import Response, request, url_for
from flask_babel import gettext, lazy_gettext, ngettext

from shop.core import audit
from shop.core.errors import Conflict
from shop.core.transaction import transaction
from shop.inventory import level_files
from shop.inventory.level_files import Comparison
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.messages import say
from shop.web.admin.replies import refused, went_to
from shop.web.admin.stock_files import as_file
from shop.web.ui.htmx import render

MOST_BYTES = 300_000
_SHOWN = 200
PROBLEMS = {
    "sku-unknown": lazy_gettext("no counted goods here have this SKU"),
    "sku-twice": lazy_gettext("several variants have this SKU"),
    "place-unknown": lazy_gettext("there is no such location"),
    "number-unreadable": lazy_gettext("this is no number that can be"),
    "limit-without-day": lazy_gettext("say first until when back-orders leave"),
    "line-twice": lazy_gettext("this stands in the file already"),
}


@bp.get("/inventory/levels.csv")
def stock_file() -> Response:
    """Every level of the store."""
    head, *lines = level_files.rows(desk().store_id)
    return as_file(f"{desk().store.slug}-stock.csv", [str(cell) for cell in head], lines)


@bp.route("/inventory/file", methods=["GET", "POST"])
def stock_import() -> Response:
    """Choose a file; look at what it would change; apply it, unless something changed meanwhile."""
    if request.method == "GET":
        return _page(None, "")
    text, problem = _text()
    if problem:
        return _page(None, "", problem, 422)
    found = level_files.compare(desk().store_id, text.splitlines())
    if not request.form.get("seal"):
        return _page(found, text)
    here = desk()
    try:
        with transaction():
            found = level_files.compare(here.store_id, text.splitlines())
            if found.seal != request.form["seal"] or found.problems:
                raise Conflict("file-changed")
            level_files.apply(found, actor=here.actor)
            audit.write(
                "stock.import",
                f"store {here.store.slug}",
                actor=here.actor,
                user_id=here.user_id,
                store_id=here.store_id,
                changes=len(found.changes),
            )
    except Conflict as error:
        found = level_files.compare(here.store_id, text.splitlines())
        return refused(_page(found, text, say(error)), error)
    many = len(found.changes)
    said = ngettext("%(num)s level changed.", "%(num)s levels changed.", many)
    return went_to(said, url_for("admin.inventory"))


def _text() -> tuple[str, str]:
    """What was sent, as text; else why it cannot be."""
    file = request.files.get("file")
    if file is not None and file.filename:
        data = file.stream.read(MOST_BYTES + 1)
    else:
        data = request.form.get("text", "").encode()
    if not data.strip():
        return "", gettext("Choose a file first.")
    if len(data) > MOST_BYTES:
        return "", gettext("This file is too large for this page. Divide it.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "", gettext("This is no text file in UTF-8.")
    return ("", gettext("This is no text file in UTF-8.")) if "\0" in text else (text, "")


def _page(found: Comparison | None, text: str, problem: str = "", status: int = 200) -> Response:
    return render(
        "admin/inventory/file.html",
        status=status,
        found=found,
        text=text,
        problem=problem,
        shown=_SHOWN,
        words=PROBLEMS,
    )
