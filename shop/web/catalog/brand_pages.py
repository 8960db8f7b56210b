"""Brands: the index from A to Z, and the goods of one."""

from itertools import groupby

from flask import Response, request, url_for
from flask_babel import gettext as _

from shop.catalog import brand_queries as reading
from shop.web.catalog import filters as choices
from shop.web.catalog import listing as lists
from shop.web.catalog import moved
from shop.web.catalog.blueprint import bp
from shop.web.catalog.context import store_names
from shop.web.catalog.lists import Head, answer, crumbs
from shop.web.ui import kept
from shop.web.ui.htmx import render
from shop.web.ui.locale import current_lang


@bp.get("/brands")
@kept.page
def brands() -> Response:
    """Every brand with goods on sale, under its first letter or sound."""
    title = _("Brands")
    found = reading.brands(current_lang(), lists.sizes("brands"))
    return render(
        "catalog/brands.html",
        title=title,
        crumbs_way=crumbs((title, "")),
        letters=[(letter, list(group)) for letter, group in groupby(found, lambda one: one.letter)],
        total=len(found),
    )


@bp.get("/b/<slug>")
@kept.page
def brand(slug: str) -> Response:
    """The goods of a brand, and what is said of it."""
    found = reading.brand(slug, current_lang())
    if found is None:
        moved.brand(slug)
    filters = choices.read(request.args, "sales", store_names())
    head = Head(
        found.name,
        crumbs((_("Brands"), url_for("catalog.brands")), (found.name, "")),
        text=found.text,
        image=found.image,
    )
    shown = lists.read(filters, "catalog.brand", {"slug": slug}, brand_id=found.id)
    return answer(head, shown)
