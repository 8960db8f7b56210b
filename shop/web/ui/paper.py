"""A PDF as an answer: to be kept by its reader, never by anything on the way."""

from flask import Response

from shop.web.ui.caching import PRIVATE


def attachment(data: bytes, name: str) -> Response:
    """The file as a download called ``name``, which is plain ASCII."""
    answer = Response(data, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = PRIVATE
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
