"""Who may see an order: its buyer, or whoever holds its signed link. To everyone else it does not exist."""

from typing import Any

from flask import abort, current_app, g, request, url_for

from shop.order import links, queries
from shop.order.views import OrderView
from shop.web.ui.locale import current_lang
from shop.web.ui.visitor import user_id


def key_of(number: str) -> str:
    """The key of an order's link."""
    return links.sign(number, current_app.config["SECRET_KEY"])


def allowed(number: str) -> OrderView:
    """The order, or 404. The key may come in the address or in a form. Times show in its store's zone."""
    view = queries.order_page(number, current_lang())
    key = request.form.get("key") or request.args.get("key") or ""
    mine = view is not None and view.user_id is not None and view.user_id == user_id()
    signed = bool(key) and links.check(number, key, current_app.config["SECRET_KEY"])
    if view is None or not (mine or signed):
        abort(404)
    g.timezone = view.timezone
    return view


def status_url(number: str, **values: Any) -> str:
    """The address of an order's page, signed."""
    return url_for("order.status", number=number, key=key_of(number), **values)
