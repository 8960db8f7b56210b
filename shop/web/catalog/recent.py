"""What a visitor looked at lately: a part of pages, brought in when it comes into view."""

from flask import Response, request, url_for
from flask_babel import gettext as _

from shop.catalog import related_queries
from shop.web.catalog.blueprint import bp
from shop.web.ui import trail
from shop.web.ui.caching import private
from shop.web.ui.cards import card_views
from shop.web.ui.htmx import is_htmx, redirect_after_post, render, toast
from shop.web.ui.locale import current_lang

SHOWN = 6


@bp.get("/recent")
@private
def recent() -> Response:
    """The last products looked at, the newest first; as a part of a page fewer, without the product of
    that page (``?but=``, its address), and nothing where there is nothing."""
    seen = related_queries.cards_named(trail.viewed(), current_lang())
    items = card_views(card for _name, card in seen if card.slug != request.args.get("but"))
    return render("catalog/recent.html", block="recent", items=items, shown=SHOWN)


@bp.post("/recent/removal")
@private
def forget_recent() -> Response:
    """Remember nothing of what was looked at."""
    trail.forget_viewed()
    if is_htmx():
        return toast(Response(""), _("Forgotten."))
    return toast(redirect_after_post(url_for("catalog.recent")), _("Forgotten."))
