"""How the cashier's pages are drawn: language, one strict CSP per page, no script at all."""

from typing import Any
from urllib.parse import urlsplit

from flask import Response, make_response, render_template, request

from shop.sandbox.alipay.desk import current_desk
from shop.sandbox.alipay.wire import Refusal
from shop.sandbox.alipay.words import WORDS


def chosen_language() -> str:
    """``?lang`` if it names one of ours, else the browser's preference."""
    wish = request.args.get("lang", "")
    if wish in WORDS:
        return wish
    return request.accept_languages.best_match(list(WORDS)) or "en"


def draw(template: str, *, status: int = 200, return_url: str = "", **context: Any) -> Response:
    """Render a page whose forms may lead back to ``return_url`` and nowhere else.

    Browsers apply ``form-action`` to the redirect that follows a form too, so the merchant's origin
    has to stand in it.
    """
    language = chosen_language()
    text = render_template(
        template,
        t=WORDS[language],
        lang=language,
        merchant=current_desk().settings.merchant,
        **context,
    )
    response = make_response(text, status)
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self' {_origin(return_url)}".rstrip()
    )
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Vary"] = "Accept-Language"
    return response


def problem_page(error: Refusal) -> Response:
    """A refused page request, with its code for the developer who sent it."""
    return draw(
        "problem.html",
        status=400,
        code=error.sub_code,
        reason="problem_business" if error.code == "40004" else "problem_signature",
    )


def _origin(url: str) -> str:
    """Scheme, host and port of a checked address, and only if they cannot break the header."""
    parts = urlsplit(url)
    plain = parts.netloc.rpartition("@")[2]
    if parts.scheme not in ("http", "https") or any(mark in plain for mark in " ;,'\""):
        return ""
    return f"{parts.scheme}://{plain}"
