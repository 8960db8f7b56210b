"""Pages of words: delivery, returns, contact, about, privacy."""

from dataclasses import dataclass

from flask import Response, abort, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from markupsafe import Markup

from shop.core import settings
from shop.core.i18n import pick
from shop.web.catalog.blueprint import bp
from shop.web.ui import kept
from shop.web.ui.deliveries import home_rate
from shop.web.ui.htmx import render
from shop.web.ui.locale import current_lang
from shop.web.ui.return_facts import windows
from shop.web.ui.visitor import houses


@dataclass(frozen=True, slots=True)
class TextPage:
    """A page's title and body, cleaned when it was written."""

    slug: str
    title: str
    body: Markup


# The layouts link to these, so they are there even before somebody has written them.
_TITLES = {
    "delivery": lazy_gettext("How we deliver"),
    "returns": lazy_gettext("How to return"),
    "contact": lazy_gettext("Write to us"),
    "about": lazy_gettext("How we choose"),
    "privacy": lazy_gettext("Privacy"),
}


@bp.get("/help/<slug>")
@kept.page
def page(slug: str) -> Response:
    """A page of words that an operator wrote; without one, what the stores' own settings say."""
    kept = settings.get(f"page:{slug}") if len(slug) <= 60 and slug.isprintable() else {}
    if not kept and slug not in _TITLES:
        abort(404)
    lang = current_lang()
    title = pick(kept.get("title"), lang) or str(_TITLES.get(slug, slug))
    body = Markup(pick(kept.get("body"), lang))  # noqa: S704 - went through nh3 when it was written
    found = houses() if slug == "returns" or not body else []
    return render(
        "catalog/page.html",
        page=TextPage(slug, title, body),
        houses=found,
        rates={} if body else {house.id: home_rate(house.id) for house in found},
        windows=windows(found),
        crumbs_way=[(url_for("catalog.home"), _("Home")), ("", title)],
    )
