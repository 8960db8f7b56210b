"""Accounts: the door, mailed links, details, devices, addresses, orders."""

from typing import Any

from flask import Blueprint, Response, request
from flask_login import current_user

from shop.account import queries
from shop.campaigns import queries as offers
from shop.core import clock
from shop.core.i18n import pick
from shop.membership import queries as membership
from shop.order import lists
from shop.store import queries as stores
from shop.web.account import balance, book, door, mails, messages, profile, purchases, unsubscribe
from shop.web.ui import purchases as wording
from shop.web.ui.addresses import address_html, masked_phone
from shop.web.ui.caching import make_private
from shop.web.ui.guards import login_required
from shop.web.ui.htmx import is_partial, render
from shop.web.ui.locale import LANG_PREFIX, current_lang

bp = Blueprint("account", __name__, url_prefix=LANG_PREFIX)
make_private(bp)
messages.register()
bp.context_processor(wording.context)
for topic in (door, mails, profile, book, purchases, balance, unsubscribe):
    topic.add_to(bp)


@bp.context_processor
def person() -> dict[str, Any]:
    """Who the account's pages are about."""
    shared: dict[str, Any] = {"address_html": address_html, "masked_phone": masked_phone}
    if not current_user.is_authenticated or is_partial() or request.method == "POST":
        return shared
    return shared | {"account_name": current_user.name, "account_note": _levels()}


@bp.get("/account")
@login_required
def home() -> Response:
    """What waits, what came last, coupons to use, and where parcels go."""
    uid = current_user.user_id
    coupons = offers.coupons_of(uid, clock.now(), current_lang())
    latest = lists.of_user(uid, current_lang(), limit=3)
    return render(
        "account/home.html",
        counts=lists.tab_counts(uid),
        rows=latest.rows,
        stores=stores.names({row.store_id for row in latest.rows}, current_lang()),
        coupons=[row for row in coupons if row.usable],
        address=next(iter(queries.addresses(uid)), None),
        confirmed=current_user.confirmed,
    )


def _levels() -> str:
    """The person's member levels: the level alone where there is one store."""
    names = stores.all_names(current_lang())
    found = membership.discounts(current_user.user_id, [store.id for store in names])
    lang = current_lang()
    said = [(store.name, pick(found[store.id].names, lang)) for store in names if store.id in found]
    if len(names) == 1:
        return "".join(level for _store, level in said)
    apart = "，" if lang == "zh" else ", "
    return apart.join(f"{store} {level}" for store, level in said)
