"""Two languages: which one a request is in, its addresses, its zone.

Pages live under ``/en`` and ``/zh``; the prefix decides. Addresses without one (``/``, a provider's
call, an unknown path) take the cookie, then Accept-Language, then English. ``url_for`` adds the
prefix by itself, so views and templates never mention it.
"""

from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale
from flask import Flask, Response, current_app, g, has_request_context, request, url_for
from flask_babel import get_locale
from werkzeug.routing import BuildError

LANGUAGES = ("en", "zh")
LANG_PREFIX = "/<any(en, zh):lang>"
"""``url_prefix`` of every blueprint whose pages exist in both languages."""

NAMES = {"en": "English", "zh": "中文"}
TAGS = {"en": "en", "zh": "zh-Hans"}
COOKIE = "lang"
_YEAR = 365 * 24 * 3600
_ENGLISH = Locale("en")


def current_lang() -> str:
    """The language of this request (English outside of one)."""
    try:
        known: str = g._get_current_object().lang
    except (RuntimeError, AttributeError):  # no context, or nobody asked yet
        return _lang()
    return known


def _lang() -> str:
    if not has_request_context():
        return "en"
    if "lang" not in g:
        first = request.path.split("/", 2)[1] if request.path.startswith("/") else ""
        g.lang = first if first in LANGUAGES else preferred_lang()
    lang: str = g.lang
    return lang


def present_locale() -> Locale:
    """The locale in which texts are written now: the page's, or the one forced meanwhile (a mail's).

    As Flask-Babel's own function, which goes through six proxies to find it; a page asks a hundred times.
    """
    try:
        known = g._get_current_object()._flask_babel.babel_locale
    except (RuntimeError, AttributeError):
        known = None
    return known or get_locale() or _ENGLISH


def preferred_lang() -> str:
    """What the visitor chose before, or what the browser asks for."""
    chosen = request.cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return chosen
    return request.accept_languages.best_match(LANGUAGES, default="en") or "en"


def other_lang(lang: str | None = None) -> str:
    """The language of the two that ``lang`` (this request's by default) is not."""
    return "en" if (lang or current_lang()) == "zh" else "zh"


def current_zone() -> ZoneInfo:
    """The zone in which times are shown: ``g.timezone`` (a store's), else the configuration's."""
    name = g.get("timezone") or current_app.config.get("TIMEZONE") or "Asia/Shanghai"
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def lang_url(lang: str, absolute: bool = False) -> str:
    """This page in another language, filters and all; the front page where there is no such page."""
    query = (
        f"?{urlencode(list(request.args.items(multi=True)))}"
        if request.args and not absolute
        else ""
    )
    rule = request.url_rule
    if rule is not None and request.endpoint is not None and "lang" in rule.arguments:
        methods = rule.methods or set()
        if "GET" in methods:
            values = {**(request.view_args or {}), "lang": lang}
            try:
                return url_for(request.endpoint, _external=absolute, **values) + query
            except BuildError:
                pass
    return f"{request.host_url.rstrip('/')}/{lang}/" if absolute else f"/{lang}/"


def alternates() -> list[tuple[str, str]]:
    """``hreflang`` and absolute address of this page in each language; nothing on error pages.

    ``x-default`` is for everybody else: the door of the shop, which asks the browser, or English.
    """
    if request.url_rule is None or "lang" not in request.url_rule.arguments:
        return []
    found = [(lang, lang_url(lang, absolute=True)) for lang in LANGUAGES]
    door = request.endpoint == "catalog.home"
    return [*found, ("x-default", request.host_url if door else found[0][1])]


def remember(response: Response, lang: str) -> Response:
    """Keep the visitor's choice for ``/`` and for addresses without a language."""
    response.set_cookie(
        COOKIE,
        lang,
        max_age=_YEAR,
        samesite="Lax",
        secure=request.is_secure,
        httponly=True,
        path="/",
    )
    return response


def remember_if_new(response: Response) -> Response:
    """Reading a page in a language other than the one that would be guessed is a choice."""
    rule = request.url_rule
    page = request.method == "GET" and response.mimetype == "text/html"
    if (
        page
        and rule is not None
        and "lang" in rule.arguments
        and preferred_lang() != current_lang()
    ):
        remember(response, current_lang())
    return response


def init_locale(app: Flask) -> None:
    """Take the language out of addresses, put it into those that are built, offer it to templates."""

    @app.url_value_preprocessor
    def take_lang(endpoint: str | None, values: dict[str, Any] | None) -> None:
        lang = values.pop("lang", None) if values else None
        if lang is not None:
            g.lang = lang

    @app.url_defaults
    def add_lang(endpoint: str, values: dict[str, Any]) -> None:
        if "lang" not in values and app.url_map.is_endpoint_expecting(endpoint, "lang"):
            values["lang"] = current_lang()

    app.after_request(remember_if_new)
    for function in (current_lang, other_lang, lang_url, alternates):
        app.add_template_global(function, function.__name__)
    app.add_template_global(NAMES, "lang_names")  # type: ignore[arg-type]  # Jinja takes any value
    app.add_template_global(TAGS, "lang_tags")  # type: ignore[arg-type]  # Jinja takes any value
