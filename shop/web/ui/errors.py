"""When something goes wrong: the right status, a sentence in the visitor's language, nothing lost.

Rules refuse with a code (``shop.core.errors``); here codes become sentences. htmx gets the sentence as an
event for the alert banner and swaps nothing, so what was typed stays; a browser gets a page in both
languages. The pages for 500 and 503 are made without the database.
"""

import secrets
from typing import Any

import structlog
from flask import Flask, Response, current_app, make_response, render_template, request
from flask_babel import force_locale
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from shop.core.errors import Busy, Conflict, Forbidden, Invalid, NotFound, RateLimited, ShopError
from shop.web.ui.htmx import VARY, is_htmx, problem
from shop.web.ui.locale import TAGS, current_lang, other_lang
from shop.web.ui.messages import (
    EXPIRED_FORM,
    MESSAGES,
    PAGES,
    ErrorPage,
    register_message,
    sentence,
)

__all__ = ["MESSAGES", "init_errors", "register_message", "words"]

log = structlog.get_logger(__name__)

_STATUS: tuple[tuple[type[ShopError], int], ...] = (
    (NotFound, 404),
    (Forbidden, 403),
    (Conflict, 409),
    (Invalid, 422),
    (RateLimited, 429),
    (Busy, 503),
)
_WITHOUT_DATABASE = {500, 503}


def words(error: ShopError) -> str:
    """The sentence for a rule's refusal, in the language of the request."""
    kind = next((kind.code for kind, _ in _STATUS if isinstance(error, kind)), ShopError.code)
    return sentence(error.reason, kind, error.params)


def status_of(error: ShopError) -> int:
    """The HTTP status for a rule's refusal."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 400)


def error_response(
    status: int,
    text: str | None = None,
    reference: str | None = None,
    page: ErrorPage | None = None,
) -> Response:
    """The answer for ``status``: an event for htmx, else a page in both languages.

    ``text`` replaces the page's own sentence when the cause is known better; ``page`` replaces both.
    """
    page = page or PAGES.get(status, PAGES[500] if status >= 500 else PAGES[400])
    if is_htmx():
        response = problem(make_response("", status), text or str(page.text))
        response.vary.update(VARY)
    else:
        response = make_response(_render(status, page, text, reference), status)
    response.headers["Cache-Control"] = "no-store"
    return response


def init_errors(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(ShopError, _on_rule)
    app.register_error_handler(CSRFError, _on_csrf)
    app.register_error_handler(HTTPException, _on_http)
    app.register_error_handler(Exception, _on_crash)


def _on_rule(error: ShopError) -> Response:
    status = status_of(error)
    response = error_response(status, words(error) if status != 404 else None)
    if isinstance(error, RateLimited) and error.params.get("retry_after"):
        response.headers["Retry-After"] = str(int(error.params["retry_after"]))
    if isinstance(error, Busy):
        response.headers["Retry-After"] = "2"
    return response


def _on_csrf(_error: CSRFError) -> Response:
    return error_response(400, page=EXPIRED_FORM)


def _on_http(error: HTTPException) -> Response | HTTPException:
    status = error.code or 500
    if status < 400:
        return error
    response = error_response(status)
    for name, value in error.get_headers():
        if name.lower() in {"allow", "retry-after", "www-authenticate"}:
            response.headers[name] = value
    return response


def _on_crash(error: Exception) -> Response:
    if current_app.config.get("PROPAGATE_EXCEPTIONS") or current_app.testing or current_app.debug:
        raise error
    reference = secrets.token_hex(4).upper()
    log.exception("unhandled", reference=reference, path=request.path, method=request.method)
    return error_response(500, reference=reference)


def _render(status: int, page: ErrorPage, text: str | None, reference: str | None) -> str:
    with force_locale(other_lang()):
        other = {"title": str(page.title), "text": str(page.text)}
    context: dict[str, Any] = {
        "status": status,
        "title": str(page.title),
        "text": text or str(page.text),
        "other": other,
        "other_tag": TAGS[other_lang()],
        "reference": reference,
        "lang": current_lang(),
    }
    if status not in _WITHOUT_DATABASE:
        try:
            return render_template("errors/page.html", **context)
        except (
            Exception
        ):  # the layout reads categories and cart; without them the plain page still helps
            log.exception("error page", status=status)
    plain = current_app.jinja_env.get_template("errors/plain.html")
    return plain.render(**context)
