"""NUL in an address or a form: nobody types it, and PostgreSQL does not take it."""

from collections.abc import Iterable

from flask import Blueprint, Flask, abort, request
from werkzeug.datastructures import MultiDict


def init_nul(app: Flask) -> None:
    """Answer 404 to a path of ``app`` with NUL in it, and 400 to a query."""

    @app.before_request
    def check() -> None:
        if "\0" in request.path:
            abort(404)
        if _has_nul(request.args):
            abort(400)


def refuse_nul(blueprint: Blueprint) -> None:
    """Answer 400 to a form with NUL in it: for blueprints that read fields past their form classes."""

    @blueprint.before_request
    def check() -> None:
        if request.method == "POST" and _has_nul(request.form):
            abort(400)


def _has_nul(fields: MultiDict[str, str]) -> bool:
    values: Iterable[list[str]] = fields.listvalues()
    return any("\0" in value for several in values for value in several)
