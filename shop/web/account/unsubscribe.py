"""The link at the foot of mails that come unasked or late: shows what it ends; one POST ends it.

The link is its own authority: no sign-in, and no token of a form, since a reader's mail program posts to
it by itself (RFC 8058).
"""

from flask import Blueprint, Response, current_app, make_response, request
from flask_babel import gettext as _

from shop.account import queries as accounts
from shop.account import services
from shop.catalog import queries as catalog
from shop.core.transaction import transaction
from shop.inventory import waiting, waiting_queries
from shop.notifications import leaving
from shop.web.account.mails import keep_address_here
from shop.web.extensions import csrf
from shop.web.ui.htmx import redirect_after_post, render, toast
from shop.web.ui.locale import current_lang


def add_to(bp: Blueprint) -> None:
    """Register the address."""
    bp.add_url_rule("/unsubscribe/<token>", "unsubscribe", unsubscribe, methods=["GET", "POST"])


@csrf.exempt
def unsubscribe(token: str) -> Response:
    """What the mails are about, and a button; pressing it ends them."""
    keep_address_here()
    found = leaving.read(token, current_app.config["SECRET_KEY"])
    if found is None:
        return _ended()
    kind, public_id = found
    if kind == leaving.WAIT:
        return _waits(public_id)
    return _wishlist(public_id)


def _waits(public_id: str) -> Response:
    variants = waiting_queries.waited_for_beside(public_id)
    if variants is None:
        return _ended()
    if request.method == "POST":
        with transaction():
            waiting.withdraw_all(public_id)
        return _done(_("You no longer wait for anything. We do not write about it."))
    about = catalog.variants_for_cart(variants, current_lang())
    return render(
        "account/unsubscribe.html",
        kind=leaving.WAIT,
        items=[about[variant_id] for variant_id in variants if variant_id in about],
    )


def _wishlist(public_id: str) -> Response:
    wanted = accounts.wants_wishlist_mails(public_id)
    if wanted is None:
        return _ended()
    if request.method == "POST":
        with transaction():
            services.set_wishlist_mails(public_id, wanted=False)
        return _done(_("We no longer write about your wishlist."))
    return render("account/unsubscribe.html", kind=leaving.WISHLIST, wanted=wanted)


def _done(said: str) -> Response:
    """Back to the page, which says how it stands; a mail program reads nothing but the status."""
    if request.form.get("List-Unsubscribe") == "One-Click":
        return make_response("", 200)
    return toast(redirect_after_post(request.path), said)


def _ended() -> Response:
    return render("account/link_ended.html", status=410, kind="mails", text="")
