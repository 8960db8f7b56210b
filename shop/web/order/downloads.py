"""Fetching what was bought: a counted press, then a signed address for a quarter of an hour."""

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    make_response,
    request,
    send_file,
    url_for,
)

from shop.catalog.media import Storage
from shop.core.errors import NotFound
from shop.core.transaction import transaction
from shop.order import downloads, links, queries
from shop.web.order import access
from shop.web.ui.htmx import redirect_after_post


def add_to(bp: Blueprint) -> None:
    """Register the addresses."""
    bp.add_url_rule("/orders/<number>/downloads/<line>", "download", download, methods=["POST"])
    bp.add_url_rule("/downloads/<token>", "fetch", fetch)


def download(number: str, line: str) -> Response:
    """Count one download of a file of a paid line, and lead to it."""
    view = access.allowed(number)
    file = request.form.get("file", "")[:16]
    try:
        with transaction():
            downloads.take(view.id, line, file)
    except NotFound:
        abort(404)
    token = links.sign_download(line, file, current_app.config["SECRET_KEY"])
    return redirect_after_post(url_for("order.fetch", token=token))


def fetch(token: str) -> Response:
    """The file as an attachment, in parts if asked for; closed at once by a refund."""
    read = links.read_download(token, current_app.config["SECRET_KEY"])
    order = queries.of_line(read[0]) if read is not None else None
    if read is None or order is None:
        abort(404)
    try:
        name = downloads.stored_name(order[0], *read)
        path = Storage(current_app.config["FILES_FOLDER"]).path(name)
    except NotFound:
        abort(404)
    answer = make_response(
        send_file(path, as_attachment=True, download_name=path.name, conditional=True)
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
