"""The coupons centre: what can be claimed, what is one's own, what is over."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _

from shop.campaigns import queries, services
from shop.campaigns.data import CouponView
from shop.core import clock
from shop.core.errors import NotFound
from shop.core.transaction import transaction
from shop.store import queries as stores
from shop.store.data import StoreName
from shop.web.campaigns import messages
from shop.web.ui.caching import make_private
from shop.web.ui.guards import login_required, safe_path
from shop.web.ui.htmx import is_htmx, redirect_after_post, render, toast
from shop.web.ui.locale import LANG_PREFIX, current_lang
from shop.web.ui.nul import refuse_nul
from shop.web.ui.visitor import user_id

bp = Blueprint("campaigns", __name__, url_prefix=LANG_PREFIX)
make_private(bp)
refuse_nul(bp)
messages.register()

TABS = ("available", "mine", "over")


@dataclass(frozen=True, slots=True)
class Centre:
    """The coupons of a reader by tab; a guest has only what is available."""

    available: list[CouponView]
    mine: list[CouponView]
    over: list[CouponView]

    def of(self, tab: str) -> list[CouponView]:
        """The coupons under a tab."""
        found: list[CouponView] = getattr(self, tab)
        return found


@bp.get("/coupons")
def coupons() -> Response:
    """Tickets to claim; for those signed in also their own, and those used or over (``?tab=``)."""
    uid = user_id()
    centre = _centre(uid)
    tab = request.args.get("tab", "")
    if tab not in TABS or uid is None:
        tab = "available"
    return render(
        "campaigns/coupons.html" if uid is not None else "campaigns/coupons_guest.html",
        centre=centre,
        tab=tab,
        coupons=centre.of(tab),
        shops=_shops(),
    )


@bp.post("/coupons/<coupon>/claim")
@login_required
def claim(coupon: str) -> Response:
    """Put a coupon among one's own; the ticket then offers to use it."""
    coupon_id = queries.listed_coupon_id(coupon)
    uid = user_id()
    if coupon_id is None or uid is None:
        raise NotFound("coupon-unknown")
    with transaction():
        services.claim(coupon_id, uid)
    said = _("The coupon is yours.")
    if "next" in request.form:  # claimed elsewhere: back to where it was
        mine_url = url_for("campaigns.coupons", tab="mine")
        return toast(redirect_after_post(safe_path(request.form["next"], mine_url)), said)
    if not is_htmx():
        return toast(redirect_after_post(url_for("campaigns.coupons", tab="mine")), said)
    mine = queries.coupons_of(uid, clock.now(), current_lang())
    claimed = next(row for row in mine if row.id == coupon_id)
    heading = "h2" if request.form.get("heading") == "h2" else "h3"
    context: dict[str, Any] = {"coupon": claimed, "shops": _shops(), "heading": heading}
    return toast(render("campaigns/_ticket.html", **context), said)


def _centre(uid: int | None) -> Centre:
    now, lang = clock.now(), current_lang()
    listed = queries.listed_coupons(None, uid, now, lang)
    mine = queries.coupons_of(uid, now, lang) if uid is not None else []
    own = {coupon.id for coupon in mine}
    return Centre(
        available=[row for row in listed if row.usable and row.id not in own],
        mine=[row for row in mine if row.usable],
        over=[row for row in mine if not row.usable],
    )


def _shops() -> dict[int, StoreName]:
    """The stores by id when there are several; none is named when there is but one."""
    found = stores.all_names(current_lang())
    return {store.id: store for store in found} if len(found) > 1 else {}
