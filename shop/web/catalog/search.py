"""Looking for something: the results page, and suggestions while one types."""

from dataclasses import dataclass
from typing import Any

from flask import Response, request
from flask_babel import ngettext
from markupsafe import Markup

from shop.catalog import queries as catalog
from shop.catalog.category_queries import matching
from shop.catalog.search import vocabulary
from shop.catalog.search.matching import MOST_COUNTED
from shop.catalog.search.query import Query, understand
from shop.catalog.views import CategoryNode
from shop.jobs import searches
from shop.web.catalog import filters as choices
from shop.web.catalog import listing as lists
from shop.web.catalog.blueprint import bp
from shop.web.catalog.context import store_names, tree
from shop.web.catalog.filters import Filters
from shop.web.catalog.listing import Listing
from shop.web.ui import kept
from shop.web.ui.cards import CardView, card_views
from shop.web.ui.htmx import is_partial, render, trigger
from shop.web.ui.locale import current_lang

PAGE = 16
_LONGEST = 200
_SHORTEST = 2


@bp.get("/search")
@kept.page
def search() -> Response:
    """The goods that match ``?q=``; without words, a way to everything."""
    text = _query()
    asked = understand(text)
    filters = choices.read(request.args, "relevance" if asked else "newest", store_names())
    found = _read(filters, text, asked)
    if is_partial() and "after" in request.args:
        return render("catalog/_more.html", listing=found)
    meant = ""
    if text and "after" not in request.args:
        there = found.of
        kept.again(lambda: searches.note(text, there))
        if not there:
            meant, found = _otherwise(filters, text, asked, found)
    if is_partial():
        response = render("catalog/_filtered.html", status=found.status, listing=found)
        response.headers["HX-Push-Url"] = found.url
        return response
    nodes = tree()
    return render(
        "catalog/search.html",
        status=found.status,
        query=text,
        meant=meant,
        sought=meant or text,
        listing=found,
        near=matching(text, nodes),
        everything=nodes,
    )


def _read(filters: Filters, text: str, asked: Query) -> Listing:
    return lists.read(filters, "catalog.search", {"q": text}, limit=PAGE, search=asked)


def _otherwise(filters: Filters, text: str, asked: Query, nothing: Listing) -> tuple[str, Listing]:
    """When nothing was found: by the sound of Chinese words, else with misspelt words mended.

    Returns what was searched for instead (empty when that found nothing either) and its list.
    """
    spoken = asked.by_sound()
    if spoken is not None:
        found = _read(filters, spoken.text, spoken)
        if found.of:
            return text, found
    mended = vocabulary.corrections(asked)
    if mended:
        meant = asked.with_words(mended)
        found = _read(filters, meant.text, meant)
        if found.of:
            return meant.text, found
    return "", nothing


@dataclass(frozen=True, slots=True)
class Offer:
    """What the box offers for the words typed so far."""

    query: str
    words: list[str]
    categories: list[CategoryNode]
    products: list[CardView]
    count: int

    @property
    def more_than_counted(self) -> bool:
        """Whether ``count`` is only where counting ended."""
        return self.count > MOST_COUNTED


@bp.get("/search/suggestions")
@kept.page
def suggestions() -> Response:
    """The list under the search box, from one Chinese character or two letters on; else what is popular."""
    query = _query()
    if not _enough(query):
        popular = [] if query else tree()[:6]
        offer = Offer("", [], popular, [], 0)
    else:
        found = catalog.suggest(query, current_lang(), tree=tree())
        offer = Offer(query, found.words, found.categories, card_views(found.products), found.count)
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
