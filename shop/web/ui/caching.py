"""What browsers may keep, and the visitor's token in a page that others could share.

Templates carry a placeholder where the CSRF token goes. The ETag is made of the bytes before it is
filled, together with the session's own token, so a page that did not change answers 304, and a new
session never gets a page with the old session's token.
"""

import hashlib
import hmac
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, ParamSpec

from flask import Blueprint, Flask, Response, current_app, g, make_response, request, session
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

PRIVATE = "private, no-store"

P = ParamSpec("P")


def csrf_placeholder() -> str:
    """Stands for the visitor's token until the answer leaves; unguessable, so no text can contain it."""
    return _placeholder(str(current_app.secret_key))


@lru_cache(maxsize=8)
def _placeholder(secret: str) -> str:
    made = hmac.new(secret.encode(), b"csrf placeholder", hashlib.sha256)
    return "csrf-" + made.hexdigest()[:40]


def digest(body: bytes) -> bytes:
    """What an ETag is made of."""
    return hashlib.sha256(body).digest()


def csrf_field() -> Markup:
    """The hidden field that every POST form carries."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(csrf_placeholder())


def private(view: Callable[P, Any]) -> Callable[P, Response]:
    """A view whose answer no cache may keep: account, checkout, admin."""

    @wraps(view)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> Response:
        response = make_response(current_app.ensure_sync(view)(*args, **kwargs))
        response.headers["Cache-Control"] = PRIVATE
        return response

    return wrapped


def make_private(blueprint: Blueprint) -> None:
    """Every answer of ``blueprint`` is private and not kept."""

    def mark(response: Response) -> Response:
        response.headers["Cache-Control"] = PRIVATE
        return response

    blueprint.after_request(mark)


def finish(response: Response) -> Response:
    """Last step of an HTML answer: validator, conditional answer, token."""
    if response.mimetype != "text/html" or response.is_streamed or response.direct_passthrough:
        return response
    response.headers.setdefault("Cache-Control", "private, no-cache")
    body = response.get_data()
    placeholder = csrf_placeholder().encode()
    has_token = placeholder in body
    token = generate_csrf() if has_token else ""
    if has_token:
        response.set_data(body.replace(placeholder, token.encode()))
    keep = "no-store" not in response.headers["Cache-Control"]
    if keep and request.method in {"GET", "HEAD"} and response.status_code == 200:
        owner = str(session.get("csrf_token", "")) if has_token else ""
        own = g.get("body_digest") or digest(body)
        seen = hashlib.sha256(own + owner.encode()).hexdigest()[:32]
        response.set_etag(seen, weak=True)
        if "If-None-Match" in request.headers:
            response.make_conditional(request)
    return response


def init_caching(app: Flask) -> None:
    """Wire the placeholder into templates and the last step into answers."""
    app.add_template_global(csrf_field, "csrf_field")
    app.add_template_global(csrf_placeholder, "csrf_placeholder")
    app.after_request(finish)
