"""Lists of goods: categories, what is new, what sells best, one store's."""

from dataclasses import dataclass, field

from flask import Response, request, url_for
from flask_babel import gettext as _

from shop.catalog import queries as catalog
from shop.catalog.views import CategoryNode, ImageView
from shop.store import queries as stores
from shop.store.data import StoreView
from shop.web.catalog import filters as choices
from shop.web.catalog import listing as lists
from shop.web.catalog import moved
from shop.web.catalog.blueprint import bp
from shop.web.catalog.context import store_names, tree
from shop.web.catalog.listing import Listing
from shop.web.ui import kept
from shop.web.ui.htmx import is_partial, render
from shop.web.ui.locale import current_lang

EVERYTHING = "all"


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above a list. ``store``: whose page it is; ``image``: what is shown beside its words."""

    title: str
    crumbs: list[tuple[str, str]]
    children: list[CategoryNode] = field(default_factory=list)
    text: str = ""
    store: StoreView | None = None
    image: ImageView | None = None
    active: str = ""


@bp.get("/c/<slug>")
@kept.page
def category(slug: str) -> Response:
    """The goods of a category and of those below it; ``all`` is everything."""
    filters = choices.read(request.args, "sales", store_names())
    if slug == EVERYTHING:
        head = Head(_("Everything"), crumbs((_("Everything"), "")), tree())
        return answer(head, lists.read(filters, "catalog.category", {"slug": slug}))
    found = catalog.category(slug, current_lang(), tree())
    if found is None:
        moved.category(slug)
    way = [(node.name, url_for("catalog.category", slug=node.slug)) for node in found.path]
    head = Head(
        found.node.name,
        crumbs(*way),
        [child for child in found.node.children if child.count],
        active=found.path[0].slug,
    )
    shown = lists.read(filters, "catalog.category", {"slug": slug}, category_id=found.node.id)
    return answer(head, shown)


@bp.get("/new")
@kept.page
def new_arrivals() -> Response:
    """Everything, what came last first."""
    filters = choices.read(request.args, "newest", store_names())
    title = _("New in the shop")
    return answer(
        Head(title, crumbs((title, ""))),
        lists.read(filters, "catalog.new_arrivals", {}),
    )


@bp.get("/best-sellers")
@kept.page
def best_sellers() -> Response:
    """Everything, what is bought most first."""
    filters = choices.read(request.args, "sales", store_names())
    title = _("Best sellers")
    return answer(
        Head(title, crumbs((title, "")), text=_("What people come back for.")),
        lists.read(filters, "catalog.best_sellers", {}),
    )


@bp.get("/s/<slug>")
@kept.page
def store(slug: str) -> Response:
    """A store: who it is and what it sells."""
    found = stores.view(slug, current_lang())
    if found is None:
        moved.store(slug)
    filters = choices.read(request.args, "newest")
    head = Head(found.name, crumbs((found.name, "")), text=found.about, store=found)
    shown = lists.read(filters, "catalog.store", {"slug": slug}, store_id=found.id)
    return answer(head, shown)


def crumbs(*way: tuple[str, str]) -> list[tuple[str, str]]:
    """The way to a list from the front page. ``way``: (name, address)."""
    return [(url_for("catalog.home"), _("Home")), *((href, name) for name, href in way)]


def answer(head: Head, shown: Listing) -> Response:
    """The page; for htmx the next cards, or the results under other filters."""
    if not is_partial():
        return render("catalog/list.html", status=shown.status, head=head, listing=shown)
    if "after" in request.args:
        return render("catalog/_more.html", listing=shown)
    response = render("catalog/_filtered.html", status=shown.status, listing=shown)
    response.headers["HX-Push-Url"] = shown.url
    return response
