"""Whole page or fragment, and what an answer tells htmx besides its markup.

One rule decides the shape: htmx asks for a part of a page (``HX-Request-Type: partial``) and is not
restoring history. Everything else gets the whole page. (htmx 4 sends these headers; htmx-flask
knows htmx 2's, so only its ``bool(request.htmx)`` is used.)
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from flask import Response, current_app, flash, make_response, redirect, render_template, request
from htmx_flask import request as htmx_request
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

VARY = ("HX-Request", "HX-Request-Type", "HX-History-Restore-Request")


class Undo(NamedTuple):
    """How a toast takes back what was done: a POST to ``url`` with ``fields``."""

    url: str
    fields: Mapping[str, str] = {}


def is_htmx() -> bool:
    """Whether htmx sent the request, for a part of a page or for the whole."""
    return bool(htmx_request.htmx)


def is_partial() -> bool:
    """Whether the answer is to be a fragment."""
    return (
        is_htmx()
        and request.headers.get("HX-Request-Type") == "partial"
        and request.headers.get("HX-History-Restore-Request") != "true"
    )


def render(template: str, block: str | None = None, status: int = 200, **context: Any) -> Response:
    """The page, or ``block`` of it alone when htmx asks for a part.

    A fragment that two pages share is a file of its own (``_lines.html``): include it from the pages,
    and answer a partial request with ``render("cart/_lines.html", …)``.
    """
    if block is not None and is_partial():
        body: str = render_block(template, block, **context)
    else:
        body = render_template(template, **context)
    response = make_response(body, status)
    response.vary.update(VARY)
    return response


def render_block(template: str, block: str, **context: Any) -> Markup:
    """One block of a template, with the context processors applied. Raises ``KeyError`` for no such block."""
    current_app.update_template_context(context)
    found = current_app.jinja_env.get_template(template)
    html = "".join(found.blocks[block](found.new_context(context)))
    return Markup(html)  # noqa: S704 - a template escapes by itself


def with_parts(response: Response, *parts: str) -> Response:
    """Append out-of-band elements (each carries ``id`` and ``hx-swap-oob``) to a fragment."""
    if is_htmx():
        response.set_data(response.get_data(as_text=True) + "".join(parts))
    return response


def out_of_band(element_id: str, content: Markup, how: str = "innerHTML") -> Markup:
    """Wrap ``content`` so that htmx puts it into the element ``element_id``, wherever that is.

    ``content`` that is not ``Markup`` is escaped.
    """
    return Markup('<template hx type="partial" hx-target="#{}" hx-swap="{}">{}</template>').format(
        element_id, how, content
    )


def redirect_after_post(url: str) -> Response:
    """303 to ``url``; htmx, which follows a 303 by itself and would swap the page in, gets HX-Redirect."""
    if is_htmx():
        response = make_response("", 200)
        response.headers["HX-Redirect"] = url
        response.vary.update(VARY)
        return response
    answer: BaseResponse = redirect(url, 303)
    return make_response(answer)


def trigger(response: Response, event: str, detail: Mapping[str, Any]) -> Response:
    """Let htmx fire ``event`` with ``detail`` once the answer is in its place."""
    events = json.loads(response.headers.get("HX-Trigger", "{}"))
    events[event] = dict(detail)
    response.headers["HX-Trigger"] = json.dumps(events, ensure_ascii=True)  # headers carry Latin-1
    return response


def toast(response: Response, message: str, undo: Undo | None = None) -> Response:
    """Say that something was done; with ``undo``, offer to take it back.

    The words travel with a fragment as an event, and over a redirect in the session.
    """
    detail: dict[str, Any] = {"text": str(message)}
    if undo is not None:
        detail["undo"] = {"url": undo.url, "fields": dict(undo.fields)}
    leaves = "HX-Redirect" in response.headers or "HX-Refresh" in response.headers
    if is_htmx() and not leaves:
        return trigger(response, "toast", detail)
    flash(detail, "toast")  # type: ignore[arg-type]  # the session serialises JSON; the layout reads it back
    return response


def problem(response: Response, message: str) -> Response:
    """Show ``message`` in the alert banner and leave the page, with all that was typed, as it is."""
    response.headers["HX-Reswap"] = "none"
    return trigger(response, "problem", {"text": str(message)})


def open_dialog(response: Response, element_id: str) -> Response:
    """Open the dialog ``element_id``, which the fragment has just brought or filled."""
    return trigger(response, "dialog", {"open": element_id})
