"""Who is here: the signed-in identity, the guest's cart, and what every page of the shop shows of both."""

from typing import Any

from flask import Flask, Response, current_app, g, has_request_context, request
from flask_login import current_user
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from shop.cart import queries as carts
from shop.cart import wishlist_queries as wishlist
from shop.cart.owner import Owner
from shop.cart.wishlist_queries import OfVisitor
from shop.catalog import queries as catalog
from shop.catalog.views import CategoryNode
from shop.core import ids
from shop.store import queries as stores
from shop.store.data import StoreName, StoreView
from shop.web.ui import kept
from shop.web.ui.htmx import is_partial
from shop.web.ui.locale import current_lang, lang_url, other_lang
from shop.web.ui.theme import current_theme

_DAYS = 90


def cookie_name() -> str:
    """The guest's cookie; bound to the host under https."""
    return "__Host-cart" if current_app.config["SESSION_COOKIE_SECURE"] else "cart"


def user_id() -> int | None:
    """The signed-in user's id."""
    return current_user.user_id if current_user and current_user.is_authenticated else None


def owner() -> Owner:
    """Whose cart this request is about; a guest without a cookie owns none yet."""
    uid = user_id()
    return Owner(user_id=uid) if uid is not None else Owner(token=guest_token())


def guest_token() -> str | None:
    """The token of a guest's cart from the cookie, if it has the form of one of ours."""
    fresh: str | None = g.get("guest_token")
    token = fresh or request.cookies.get(cookie_name())
    return token if token and 16 <= len(token) <= 64 else None


def owner_for_writing() -> Owner:
    """As ``owner``; a guest without a token gets one, which the answer's cookie will carry."""
    found = owner()
    if found.user_id is None and found.token is None:
        g.guest_token = ids.token()
        return Owner(token=g.guest_token)
    return found


def forget_guest(response: Response) -> Response:
    """After the guest's cart has joined a user's."""
    response.delete_cookie(
        cookie_name(),
        path="/",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return response


def _remember_guest(response: Response) -> Response:
    token = g.get("guest_token")
    if token:
        response.set_cookie(
            cookie_name(),
            token,
            max_age=_DAYS * 86400,
            path="/",
            httponly=True,
            samesite="Lax",
            secure=current_app.config["SESSION_COOKIE_SECURE"],
        )
    return response


def shop_context(product: OfVisitor | None = None) -> dict[str, Any]:
    """What the shop's layout shows, read once per request; nothing for fragments and for the admin.

    A product's page asks first, with what it has read of its visitor: the cart's count is among that.
    """
    if not has_request_context() or is_partial() or request.blueprint in {"admin", "dev", None}:
        return {}
    if "shop_context" not in g:
        g.shop_context = {
            "nav_categories": categories(),
            "nav_stores": several_stores(),
        }
        g.shop_context["cart_count"] = carts.count(owner()) if product is None else product.things
    context: dict[str, Any] = g.shop_context
    return context


def categories() -> list[CategoryNode]:
    """The tree of categories with their counts; kept."""
    lang = current_lang()
    return kept.value(("categories", lang), lambda: catalog.categories(lang))


def houses() -> list[StoreView]:
    """Every store with its texts and rates; kept."""
    lang = current_lang()
    return kept.value(("stores", lang), lambda: stores.all_views(lang))


def saved_slugs() -> frozenset[str]:
    """The slugs of what the visitor has saved, for the hearts of cards: read once, when the first is drawn."""
    if not has_request_context():
        return frozenset()
    if "saved_slugs" not in g:
        g.saved_slugs = wishlist.saved_slugs(owner())
    found: frozenset[str] = g.saved_slugs
    return found


def several_stores() -> list[StoreName]:
    """The stores by name; none when there is but one, for then no page mentions stores."""
    found = houses()
    if len(found) < 2:
        return []
    return [StoreName(house.id, house.slug, house.name, house.mark) for house in found]


# Stand for what is put into a part afterwards; no text holds such signs.
_THERE, _COUNT, _QUERY = "\x02there\x03", "\x02count\x03", "\x02query\x03"


@pass_context
def page_part(
    context: Context, template: str, *, active: str = "", count: int = 0, query: str = ""
) -> Markup:
    """The head or the foot of a page, drawn once and kept: the same for all visitors of a language and a
    theme, but for the address in the other language, the cart's count and what is searched for.

    Such a part sees the categories and the stores, ``active`` (the category to mark) and whether there is
    something in the cart, and nothing else of the request. Where a page knows of no categories (it may be
    made without the database), it is drawn without.
    """
    shown = {name: context[name] for name in ("nav_categories", "nav_stores") if name in context}

    def draw() -> str:
        found = current_app.jinja_env.get_template(template)
        return found.render(
            shown,
            active=active,
            any=bool(count),
            there=_THERE,
            count=_COUNT,
            query=_QUERY,
        )

    own = (current_lang(), current_theme(), request.script_root, active, bool(count))
    drawn = kept.value((template, *own), draw) if shown else draw()
    drawn = drawn.replace(_THERE, str(escape(lang_url(other_lang()))))
    drawn = drawn.replace(_COUNT, str(count)).replace(_QUERY, str(escape(query)))
    return Markup(drawn)  # noqa: S704 - a template escapes by itself


def init_visitor(app: Flask) -> None:
    """Give every page of the shop its visitor's context, and guests their cookie."""
    app.context_processor(shop_context)
    app.add_template_global(saved_slugs, "saved_slugs")
    app.after_request(_remember_guest)
