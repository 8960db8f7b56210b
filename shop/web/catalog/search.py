"""Looking for something: the results page, and suggestions while one types."""

from dataclasses import dataclass
from typing import Any

from flask import Response, request
from flask_babel import ngettext
from markupsafe import Markup

from shop.catalog import queries as catalog
from shop.catalog.category_queries import matching
from shop.catalog.folding import terms
from shop.catalog.views import CategoryNode
from shop.web.catalog import filters as choices
from shop.web.catalog import listing as lists
from shop.web.catalog.blueprint import bp
from shop.web.catalog.context import tree
from shop.web.ui.cards import CardView, card_views
from shop.web.ui.htmx import is_partial, render, trigger
from shop.web.ui.locale import current_lang

PAGE = 16
_LONGEST = 200
_SHORTEST = 2


@bp.get("/search")
def search() -> Response:
    """The goods that match ``?q=``; without words, a way to everything."""
    query = _query()
    filters = choices.read(request.args, "relevance" if terms(query) else "newest")
    found = lists.read(filters, "catalog.search", {"q": query}, limit=PAGE, search=query)
    if is_partial() and "after" in request.args:
        return render("catalog/_more.html", listing=found)
    nodes = tree()
    return render(
        "catalog/search.html",
        block="results",
        query=query,
        listing=found,
        near=matching(query, nodes),
        everything=nodes,
    )


@dataclass(frozen=True, slots=True)
class Offer:
    """What the box offers for the words typed so far."""

    query: str
    categories: list[CategoryNode]
    products: list[CardView]
    count: int


@bp.get("/search/suggestions")
def suggestions() -> Response:
    """The list under the search box, from one Chinese character or two letters on; else what is popular."""
    query = _query()
    if not _enough(query):
        popular = [] if query else tree()[:6]
        offer = Offer("", popular, [], 0)
    else:
        found = catalog.suggest(query, current_lang())
        offer = Offer(query, found.categories, card_views(found.products), found.count)
    response = render("catalog/_suggestions.html", offer=offer, marked=_marker(query))
    if not offer.query:
        return response
    said = ngettext("%(num)s result", "%(num)s results", offer.count)
    return trigger(response, "announce", {"text": said})


def _query() -> str:
    return request.args.get("q", "").strip()[:_LONGEST]


def _enough(query: str) -> bool:
    return len(query) >= _SHORTEST or any("\u3400" <= char <= "\u9fff" for char in query)


def _marker(query: str) -> Any:
    """A function that shows where the typed words stand in a text."""

    def marked(text: str) -> Markup:
        at = text.casefold().find(query.casefold()) if query else -1
        # Folding may change lengths (ß); then nothing is marked rather than the wrong letters.
        if at < 0 or len(text.casefold()) != len(text):
            return Markup("{}").format(text)
        end = at + len(query)
        return Markup("{}<mark>{}</mark>{}").format(text[:at], text[at:end], text[end:])

    return marked
