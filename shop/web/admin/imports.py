"""What imports did, and taking them back."""

from flask import Response, abort, request, url_for
from flask_babel import gettext

from shop.catalog.runs import queries, upload_queries
from shop.catalog.runs.models import ImportRow
from shop.core import audit
from shop.core.errors import Conflict
from shop.core.transaction import transaction
from shop.jobs import imports
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.messages import say
from shop.web.admin.replies import refused, went_to
from shop.web.admin.upload_words import problem as sentence
from shop.web.ui.htmx import render

SHOWN = 50
WAITING = 10


@bp.get("/products/imports")
def products_imports() -> Response:
    """The newest imports of the store."""
    return _page()


@bp.post("/products/imports/<run>/undo")
def products_import_undo(run: str) -> Response:
    """Take an import back; a job does it."""
    here = desk()
    found = queries.by_public_id(run, here.store_id)
    if found is None:
        abort(404)
    run_id, overwrite = found.id, "overwrite" in request.form
    try:
        with transaction():
            imports.ask(run_id, overwrite=overwrite)
            audit.write(
                "import.undo",
                f"import {run}",
                actor=here.actor,
                user_id=here.user_id,
                store_id=here.store_id,
                overwrite=overwrite,
            )
    except Conflict as error:
        return refused(_page(say(error)), error)
    return went_to(
        gettext("The import is being undone. Reload the page to see how far it is."),
        url_for("admin.products_imports"),
    )


def _page(problem: str = "") -> Response:
    runs = queries.runs(desk().store_id, SHOWN)
    ids = [run.id for run in runs]
    return render(
        "admin/exchange/imports.html",
        runs=runs,
        became=queries.became(ids),
        left=queries.left(ids),
        refused={
            run_id: [(row.row, row.handle, _sentence(row)) for row in rows]
            for run_id, rows in queries.refused(ids).items()
        },
        waiting=upload_queries.waiting(desk().store_id, WAITING),
        files=upload_queries.of_runs(ids),
        problem=problem,
    )


def _sentence(row: ImportRow) -> str:
    """Rows of before the parameters were kept have their English sentence."""
    return row.sentence if row.params is None else sentence(row.code, row.params)
