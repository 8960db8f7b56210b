"""A shopper's orders, by what they wait for."""

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from shop.order import lists
from shop.store import queries as stores
from shop.web.ui.guards import login_required
from shop.web.ui.htmx import is_partial, render
from shop.web.ui.locale import current_lang

PAGE = 10


def add_to(bp: Blueprint) -> None:
    """Register the address."""
    bp.add_url_rule("/account/orders", "orders", orders)


@login_required
def orders() -> Response:
    """One tab of the orders, searched if asked; htmx gets the next ones alone."""
    tab = request.args.get("tab", "")
    tab = tab if tab in lists.TABS else ""
    q = request.args.get("q", "").strip()[:80]
    after = request.args.get("after")
    found = lists.of_user(
        current_user.user_id, current_lang(), tab=tab, q=q, after=after, limit=PAGE
    )
    names = stores.names({row.store_id for row in found.rows}, current_lang())
    more = None
    if found.next_cursor:
        more = url_for("account.orders", tab=tab or None, q=q or None, after=found.next_cursor)
    if after and is_partial():
        return render("account/_more_orders.html", rows=found.rows, stores=names, more=more)
    return render(
        "account/orders.html",
        account_section="orders",
        rows=found.rows,
        stores=names,
        more=more,
        tab=tab,
        q=q,
        later=bool(after),
        tabs_list=_tabs(tab, lists.tab_counts(current_user.user_id)),
    )


def _tabs(tab: str, counts: dict[str, int]) -> list[tuple[str, str, bool, int]]:
    words = (
        ("", _("All")),
        ("to-pay", _("To pay")),
        ("to-ship", _("To ship")),
        ("to-receive", _("To receive")),
        ("to-review", _("To review")),
        ("refunds", _("Refunds, returns")),
    )
    return [
        (
            url_for("account.orders", tab=name or None),
            text,
            name == tab,
            0 if name in {"", "refunds"} else counts.get(name, 0),
        )
        for name, text in words
    ]
