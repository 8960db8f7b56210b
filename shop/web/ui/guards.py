"""Who may see a page, and where sign-in may lead back to."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec
from urllib.parse import urlsplit

from flask import Response, abort, current_app, make_response, redirect, request, url_for
from flask_login import current_user

from shop.web.ui.htmx import VARY, is_htmx

P = ParamSpec("P")
_LONGEST = 2000


def is_safe_path(path: str | None) -> bool:
    """Whether ``path`` is a path of this shop and nothing else.

    Browsers read ``//host``, ``/\\host`` and addresses with tabs or line ends inside as other sites.
    """
    if not path or len(path) > _LONGEST or not path.startswith("/"):
        return False
    if (
        path.startswith("//")
        or "\\" in path
        or any(ord(char) <= 32 or ord(char) == 127 for char in path)
    ):
        return False
    try:
        parts = urlsplit(path)
    except ValueError:
        return False
    return not parts.scheme and not parts.netloc


def safe_path(path: str | None, default: str) -> str:
    """``path`` if sign-in may lead there, else ``default``."""
    return path if path is not None and is_safe_path(path) else default


def here() -> str:
    """The page that the visitor is on, as a path to come back to: never the address of a POST."""
    if request.method in {"GET", "HEAD"} and not is_htmx():
        return request.full_path.rstrip("?")
    came_from = urlsplit(request.headers.get("HX-Current-URL") or request.referrer or "")
    path = came_from.path + (f"?{came_from.query}" if came_from.query else "")
    return path if came_from.netloc == request.host and is_safe_path(path) else ""


def to_sign_in() -> Response:
    """Send the visitor to sign in and back: 303, or 401 with HX-Redirect for htmx."""
    url = url_for("account.sign_in", next=here() or None)
    if is_htmx():
        response = make_response("", 401)
        response.headers["HX-Redirect"] = url
        response.vary.update(VARY)
        return response
    return make_response(redirect(url, 303))


def login_required(view: Callable[P, Any]) -> Callable[P, Any]:
    """A view for people who are signed in."""

    @wraps(view)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> Any:
        if not current_user.is_authenticated:
            return to_sign_in()
        return current_app.ensure_sync(view)(*args, **kwargs)

    return wrapped


def require_operator(view: Callable[P, Any]) -> Callable[P, Any]:
    """A view for operators of the platform; to anyone else it does not exist."""

    @wraps(view)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> Any:
        if not current_user.is_authenticated:
            return to_sign_in()
        if not getattr(current_user, "is_operator", False):
            abort(404)
        return current_app.ensure_sync(view)(*args, **kwargs)

    return wrapped
