"""NUL in an address or a form: nobody types it, and PostgreSQL does not take it."""

from flask import Blueprint, abort, request


def refuse_nul(blueprint: Blueprint) -> None:
    """Answer 404 to an address of ``blueprint`` with NUL in it, and 400 to a query or form."""

    def check() -> None:
        if "\0" in request.path:
            abort(404)
        if any("\0" in value for value in request.args.values()):
            abort(400)
        if request.method == "POST" and any("\0" in value for value in request.form.values()):
            abort(400)

    blueprint.before_request(check)
