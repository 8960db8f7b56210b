"""Collections: all of them, and the goods of one."""

from flask import Response, request, url_for
from flask_babel import gettext as _

from shop.catalog import collection_queries as reading
from shop.web.catalog import filters as choices
from shop.web.catalog import listing as lists
from shop.web.catalog import moved
from shop.web.catalog.blueprint import bp
from shop.web.catalog.context import store_names
from shop.web.catalog.lists import Head, answer, crumbs
from shop.web.ui import kept
from shop.web.ui.htmx import render
from shop.web.ui.locale import current_lang


@bp.get("/collections")
@kept.page
def collections() -> Response:
    """The collections that hold something, each with a picture."""
    title = _("Collections")
    return render(
        "catalog/collections.html",
        title=title,
        crumbs_way=crumbs((title, "")),
        collections=reading.collections(current_lang(), lists.sizes("collections")),
    )


@bp.get("/collections/<slug>")
@kept.page
def collection(slug: str) -> Response:
    """The goods of a collection: picked ones in the shop's own order, others by what sells."""
    found = reading.collection(slug, current_lang())
    if found is None:
        moved.collection(slug)
    filters = choices.read(request.args, "hand" if found.by_hand else "sales", store_names())
    head = Head(
        found.title,
        crumbs((_("Collections"), url_for("catalog.collections")), (found.title, "")),
        text=found.text,
        image=found.image,
    )
    shown = lists.read(filters, "catalog.collection", {"slug": slug}, collection_id=found.id)
    return answer(head, shown)
