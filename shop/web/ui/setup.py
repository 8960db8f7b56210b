"""Wiring of the shared web layer."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from flask import Flask, current_app, request, url_for

from shop.web.ui.assets import install_static
from shop.web.ui.caching import init_caching
from shop.web.ui.errors import init_errors
from shop.web.ui.format import init_format
from shop.web.ui.gateways import init_gateways
from shop.web.ui.headers import init_headers
from shop.web.ui.htmx import is_partial
from shop.web.ui.locale import current_lang, init_locale
from shop.web.ui.macros import init_macros
from shop.web.ui.nul import init_nul
from shop.web.ui.return_facts import init_return_facts
from shop.web.ui.taxes import init_taxes
from shop.web.ui.texts import init_texts
from shop.web.ui.theme import current_theme
from shop.web.ui.visitor import page_part


def init_ui(app: Flask) -> None:
    """Assets, headers, languages, filters, macros and error pages for ``app``."""
    install_static(app)
    init_headers(app)
    init_nul(app)
    init_caching(app)
    init_locale(app)
    init_format(app)
    init_texts(app)
    init_macros(app)
    init_gateways(app)
    init_taxes(app)
    init_return_facts(app)
    init_errors(app)
    app.extensions["links"] = lru_cache(maxsize=2048)(_link)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    for function in (link_to, is_partial, current_theme, page_part):
        app.add_template_global(function, function.__name__)


def link_to(endpoint: str, **values: Any) -> str:
    """``url_for`` for the layouts, which name every blueprint: one that is not there gives the front page.

    Only the layouts use it, so that they render in an app that has a part of the blueprints (tests).
    """
    made: Callable[..., str] = current_app.extensions["links"]
    return made(endpoint, current_lang(), request.script_root, tuple(values.items()))


def _link(endpoint: str, _lang: str, _root: str, values: tuple[tuple[str, Any], ...]) -> str:
    """What an address depends on; a page has a score of them, the same for all pages."""
    if endpoint in current_app.view_functions:
        return url_for(endpoint, **dict(values))
    return "/"
