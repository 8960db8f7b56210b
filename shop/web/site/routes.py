"""The door of the shop and the addresses that belong to no domain."""

from flask import Response, abort, make_response, redirect, request, url_for
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response as BaseResponse

from shop.core.db import db
from shop.web.site import feeds, sitemaps
from shop.web.site.blueprint import bp
from shop.web.ui.assets import asset
from shop.web.ui.guards import here, is_safe_path
from shop.web.ui.locale import LANGUAGES, preferred_lang, remember
from shop.web.ui.setup import link_to
from shop.web.ui.theme import THEMES

__all__ = ["bp", "feeds", "sitemaps"]

_YEAR = 365 * 24 * 3600
_CLOSED_TO_ROBOTS = (
    "account",
    "cart",
    "checkout",
    "orders",
    "pay",
    "find-order",
    "sign-in",
    "register",
    "search",
)


@bp.get("/")
def root() -> BaseResponse:
    """Send the visitor to the front page in the language chosen before, or asked for by the browser."""
    answer = redirect(link_to("catalog.home", lang=preferred_lang()), 302)
    answer.headers["Cache-Control"] = "private, no-store"
    answer.vary.update(("Cookie", "Accept-Language"))
    return answer


@bp.get("/healthz")
def healthz() -> tuple[str, int, dict[str, str]]:
    """200 when the shop can serve, which takes its database; 503 otherwise. (Orders are taken without Redis.)"""
    headers = {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"}
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return "database unavailable\n", 503, headers
    return "ok\n", 200, headers


@bp.get("/robots.txt")
def robots() -> Response:
    """What crawlers leave alone: what is personal, and searches without end."""
    lines = ["User-agent: *"]
    lines += [f"Disallow: /{lang}/{path}" for lang in LANGUAGES for path in _CLOSED_TO_ROBOTS]
    lines += ["Disallow: /admin"]
    lines += ["", f"Sitemap: {url_for('site.sitemap_index', _external=True)}", ""]
    answer = make_response("\n".join(lines))
    answer.mimetype = "text/plain"
    answer.headers["Cache-Control"] = "public, max-age=86400"
    return answer


@bp.get("/favicon.ico")
def favicon() -> BaseResponse:
    """Browsers that ask by habit get the mark."""
    answer = redirect(asset("img/favicon.svg"), 302)
    answer.headers["Cache-Control"] = "public, max-age=86400"
    return answer


@bp.post("/language")
def language() -> Response:
    """Remember a language and go on in it: to ``next``, a path of this shop, or to the front page."""
    lang = request.form.get("lang", "")
    if lang not in LANGUAGES:
        abort(400)
    target = request.form.get("next")
    path = target if target and is_safe_path(target) else url_for("site.root")
    return remember(make_response(redirect(path, 303)), lang)


@bp.post("/theme")
def theme() -> Response:
    """Remember a theme and return to the page. With scripts on, the page changes by itself first."""
    chosen = request.form.get("theme", "")
    if chosen not in THEMES:
        abort(400)
    answer = make_response(redirect(here() or url_for("site.root"), 303))
    # Read by static/js/app.js, hence not HttpOnly.
    answer.set_cookie(
        "theme", chosen, max_age=_YEAR, samesite="Lax", secure=request.is_secure, path="/"
    )
    return answer
