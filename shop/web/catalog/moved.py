"""Old addresses: lead on to where the thing is now, or say that it is gone and what there is instead."""

from typing import NoReturn

from flask import abort, make_response, redirect, request, url_for

from shop.catalog import queries as catalog
from shop.catalog import renamed
from shop.core import renames
from shop.core.errors import NotFound
from shop.store import queries as stores
from shop.web.catalog.context import tree
from shop.web.ui.cards import card_views
from shop.web.ui.errors import error_response
from shop.web.ui.htmx import is_htmx, render
from shop.web.ui.locale import current_lang

SUCCESSORS = 8


def product(slug: str) -> NoReturn:
    """End a request for goods that are not on sale: 301, 410 or 404."""
    found = renamed.product(slug)
    if isinstance(found, renamed.Gone):
        _gone(found)
    _lead(found)


def category(slug: str) -> NoReturn:
    """End a request for a category that is not there: 301 or 404."""
    _lead(renamed.category(slug))


def collection(slug: str) -> NoReturn:
    """End a request for a collection that is not there: 301 or 404."""
    _lead(renamed.collection(slug))


def brand(slug: str) -> NoReturn:
    """End a request for a brand that is not there: 301 or 404."""
    _lead(renamed.brand(slug))


def store(slug: str) -> NoReturn:
    """End a request for a store that is not there: 301 or 404."""
    owner_id = renames.owner_id("store", slug)
    try:
        _lead(stores.get(owner_id).slug if owner_id is not None else None)
    except NotFound:
        abort(404)


def _lead(slug: str | None) -> NoReturn:
    """301 to the same page of ``slug`` in the same language, with the query as it came."""
    if slug is None or request.endpoint is None:
        abort(404)
    target = url_for(request.endpoint, slug=slug)
    if request.query_string:
        target += "?" + request.query_string.decode("ascii", "ignore")
    # A form keeps its method and its fields under 308; browsers turn them into a GET under 301.
    abort(redirect(target, 301 if request.method in {"GET", "HEAD"} else 308))


def _gone(found: renamed.Gone) -> NoReturn:
    if is_htmx():
        abort(error_response(410))
    lang = current_lang()
    nodes = {node.id: node for node in catalog.walk(tree())}
    home = nodes.get(found.category_id or 0)
    cards = catalog.listing(
        locale=lang, category_id=home.id if home else None, sort="sales", limit=SUCCESSORS
    )
    page = render("catalog/gone.html", status=410, items=card_views(cards.items), category=home)
    page.headers["Cache-Control"] = "no-store"
    abort(make_response(page))
