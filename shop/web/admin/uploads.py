"""Bringing in a file: upload it, look at what it would change, apply it."""

import tempfile
from collections.abc import Iterator
from typing import IO, Any

from flask import Response, abort, current_app, request, send_file, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge

from shop.catalog import queries as catalog
from shop.catalog.imports.problems import FileRefused
from shop.catalog.runs import queries as runs
from shop.catalog.runs import refused as refused_rows
from shop.catalog.runs import upload_queries as queries
from shop.catalog.runs import uploads
from shop.catalog.runs.keeping import Kept, plain_name
from shop.catalog.runs.states import UploadState
from shop.catalog.runs.upload_models import ImportUpload
from shop.core import audit, idempotency
from shop.core.errors import Conflict
from shop.core.transaction import transaction
from shop.jobs import uploads as jobs
from shop.jobs.importing import opened_at_desk
from shop.web.admin import upload_words as words
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk, open_desk
from shop.web.admin.messages import say
from shop.web.admin.replies import Once, refused, went_to
from shop.web.admin.upload_form import UploadForm
from shop.web.ui.errors import error_response
from shop.web.ui.htmx import is_partial, redirect_after_post, render
from shop.web.ui.locale import current_lang

_UPLOAD = "admin.products_import_upload"
_FIELDS = 64 * 1024
_DRAINED = 256 * 1024 * 1024


@bp.url_value_preprocessor
def widen(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Staff may send larger files here than anywhere else: known before the form is read, which the check
    of its token does first of all."""
    if endpoint == _UPLOAD and request.method == "POST" and current_user.is_authenticated:
        request.max_content_length = current_app.config["IMPORT_MAX_BYTES"] + _FIELDS


@bp.errorhandler(413)
def too_large(_error: RequestEntityTooLarge) -> Response:
    """The form again, saying how large a file may be. Nothing of the file was kept."""
    if request.endpoint != _UPLOAD or not current_user.is_authenticated:
        return error_response(413)
    _drain()
    away = open_desk()
    return away or _form(UploadForm(formdata=None), 413, _size_words())


def _drain() -> None:
    """Let the browser finish sending, piece by piece into nothing: else it shows a broken connection
    instead of the answer."""
    left = min(request.content_length or 0, _DRAINED)
    stream = request.environ["wsgi.input"]
    while left > 0:
        piece = stream.read(min(left, 1 << 16))
        if not piece:
            return
        left -= len(piece)


def _size_words() -> str:
    most = current_app.config["IMPORT_MAX_BYTES"] // (1024 * 1024)
    return gettext(
        "The file is too large: up to %(num)s MB can be brought in at once. Split it, or use the import "
        "command.",
        num=most,
    )


@bp.get("/products/imports/new")
def products_import_new() -> Response:
    """The form to bring in a file."""
    return _form(UploadForm(formdata=None))


@bp.post("/products/imports/new")
def products_import_upload() -> Response:
    """Keep the file and let a job look at it; what cannot be a file of goods is refused at once."""
    form = UploadForm()
    valid = form.validate()
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        form.file.errors = [*form.file.errors, gettext("Choose a file first.")]
    if not valid or form.file.errors or sent is None:
        return _form(form, 422)
    kept = Kept(current_app.config["IMPORTS_FOLDER"])
    stored, size = kept.take(sent.stream, sent.filename or "")
    try:
        if size > current_app.config["IMPORT_MAX_BYTES"]:
            return _form(form, 413, _size_words())
        with opened_at_desk(kept.path(stored), glance=True):
            pass
        public_id, is_new = _taken(form, sent, stored, size)
        if is_new:
            stored = ""
    except FileRefused as error:
        form.file.errors = [words.problem(error.reason, error.params)]
        return _form(form, 422)
    except Conflict as error:
        form.form_errors.append(say(error))
        return refused(_form(form, 409), error)
    finally:
        if stored:
            kept.forget(stored)
    return redirect_after_post(url_for("admin.products_import", upload=public_id))


def _taken(form: UploadForm, sent: FileStorage, stored: str, size: int) -> tuple[str, bool]:
    """Public id of the upload, and whether it is new: a form that is sent twice is one upload."""
    here, options = desk(), form.options()
    name, scope, key = plain_name(sent.filename or ""), "import-upload", str(form.key.data)
    with transaction():
        before = idempotency.begin(scope, key, [here.store_id, name, size, options.as_json()])
        if before is not None:
            return before, False
        made = uploads.take(
            here.store_id, name=name, kept=stored, size=size, options=options, actor=here.actor
        )
        jobs.ask_check(made.id)
        _audit("import.upload", made.public_id, name=name)
        idempotency.finish(scope, key, made.public_id)
        return made.public_id, True


@bp.get("/products/imports/files/<upload>")
def products_import(upload: str) -> Response:
    """How far the file is; once it was looked at, what it would change, or what it changed."""
    found = _or_404(upload)
    after = request.args.get("after", "")
    if after and is_partial():
        return render("admin/exchange/_more.html", **_findings(found))
    return render("admin/exchange/import.html", "import_state", **_shown(found))


@bp.post("/products/imports/files/<upload>/cancellation")
def products_import_cancel(upload: str) -> Response:
    """Nothing is to come of the file."""
    found = _or_404(upload)
    upload_id = found.id
    if found.state == UploadState.APPLYING:
        return _conflict(upload, Conflict("import-applying"))
    try:
        with transaction():
            uploads.move(upload_id, UploadState.CANCELLED)
            _audit("import.cancel", upload)
    except Conflict as error:
        return _conflict(upload, error)
    return went_to(
        gettext("Cancelled. Nothing was changed."), url_for("admin.products_import", upload=upload)
    )


@bp.post("/products/imports/files/<upload>/application")
def products_import_apply(upload: str) -> Response:
    """Apply what was looked at; a job does it."""
    here, upload_id = desk(), _or_404(upload).id
    try:
        with transaction():
            once = Once("import-apply", request.form.get("key", ""), upload)
            if not once.done_before:
                jobs.ask_apply(upload_id, actor=here.actor)
                _audit("import.apply", upload)
                once.finish()
    except Conflict as error:
        return _conflict(upload, error)
    return redirect_after_post(url_for("admin.products_import", upload=upload))


@bp.get("/products/imports/files/<upload>/refused.csv")
def products_import_refused(upload: str) -> Response:
    """The refused rows as they came, each with why."""
    found = _or_404(upload)
    told = {
        row.position: " ".join(text for refuses, _, text in words.problems(row.problems) if refuses)
        for row in queries.refusals(found.id)
    }
    return send_file(
        _written(found.kept, told),
        mimetype="text/csv",
        as_attachment=True,
        download_name=f"refused-{upload}.csv",
        max_age=0,
    )


def _written(kept: str, told: dict[int, str]) -> IO[bytes]:
    target = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it when it is sent
    try:
        for piece in refused_rows.as_csv(_refused(kept, told)):
            target.write(piece.encode("utf-8"))
    except BaseException:
        target.close()
        raise
    target.seek(0)
    return target


def _refused(kept: str, told: dict[int, str]) -> Iterator[list[str]]:
    path = Kept(current_app.config["IMPORTS_FOLDER"]).path(kept)
    if not path.is_file():
        abort(404)
    with opened_at_desk(path) as source:
        yield from refused_rows.rows(source, told, gettext("Why it was refused"))


def _form(form: UploadForm, status: int = 200, problem: str = "") -> Response:
    if problem:
        form.file.errors = [problem]
    return render(
        "admin/exchange/upload.html",
        status=status,
        form=form,
        most=current_app.config["IMPORT_MAX_BYTES"] // (1024 * 1024),
    )


def _or_404(upload: str) -> ImportUpload:
    found = queries.by_public_id(upload, desk().store_id)
    if found is None:
        abort(404)
    return found


def _conflict(upload: str, error: Conflict) -> Response:
    answer = render("admin/exchange/import.html", problem=say(error), **_shown(_or_404(upload)))
    return refused(answer, error)


def _shown(found: ImportUpload) -> dict[str, Any]:
    run = queries.run_of(found)
    names = _category_names()
    shown: dict[str, Any] = {"run": run, "left": [], "categories": names}
    if run is not None and run.undone_at is not None:
        shown["left"] = runs.left([run.id])[run.id]
    return shown | _findings(found, names)


def _findings(found: ImportUpload, names: dict[int, str] | None = None) -> dict[str, Any]:
    here = desk()
    view, q = request.args.get("view", ""), request.args.get("q", "").strip()[:80]
    view = view if view in queries.VERDICTS else ""
    after = request.args.get("after", "")
    page = queries.PreviewPage([], None)
    if found.state not in ("uploaded", "checking"):
        page = queries.findings(
            found.id,
            verdict=view,
            q=q,
            after=int(after) if after.isascii() and after.isdigit() and len(after) < 10 else None,
        )
    names = _category_names() if names is None else names
    return {
        "upload": found,
        "view": view,
        "q": q,
        "after": page.after,
        "rows": [
            (
                row,
                words.changes(row.changes, here.currency, names),
                words.problems(row.problems),
            )
            for row in page.rows
        ],
        "failure": words.problem(found.code, found.params) if found.code else "",
        "format": words.FORMATS.get(found.format, ""),
    }


def _category_names() -> dict[int, str]:
    return {node.id: node.name for node in catalog.walk(catalog.categories(current_lang()))}


def _audit(action: str, upload: str, **detail: Any) -> None:
    here = desk()
    audit.write(
        action,
        f"import {upload}",
        actor=here.actor,
        user_id=here.user_id,
        store_id=here.store_id,
        **detail,
    )
