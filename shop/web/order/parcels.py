"""What a buyer may do about an order on its way, or not yet on it: wait longer, hurry, send it elsewhere."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from shop.core.errors import Conflict, Invalid
from shop.core.transaction import transaction
from shop.order import asking, receipts, tracking_queries
from shop.order.tracking_queries import Travel
from shop.order.views import OrderView
from shop.web.order import access
from shop.web.ui.addresses import PARTS, AddressForm
from shop.web.ui.errors import register_message, status_of, words
from shop.web.ui.htmx import redirect_after_post, render, toast

for _code, _text in {
    "receipt-not-due": lazy_gettext("This order is not on its way any more."),
    "receipt-extended": lazy_gettext("The time was extended already; that is possible once."),
    "reminder-too-early": lazy_gettext(
        "The shop can be reminded when an order is late, and once a day."
    ),
    "address-too-late": lazy_gettext(
        "The shop is packing this order or has sent it, so its address stays. Write to the shop."
    ),
    "address-other-price": lazy_gettext(
        "Delivery or taxes cost otherwise there. Cancel this order and place it anew."
    ),
    "address-other-country": lazy_gettext(
        "Delivery to another country costs something else. Cancel the order and place it anew."
    ),
}.items():
    register_message(_code, _text)

REASONS = {
    "mind": lazy_gettext("I changed my mind"),
    "mistake": lazy_gettext("I ordered the wrong thing"),
    "address": lazy_gettext("The address is wrong"),
    "slow": lazy_gettext("It takes too long"),
    "cheaper": lazy_gettext("I found it cheaper"),
    "": lazy_gettext("Another reason"),
}
"""Why shoppers cancel; the order keeps ``by-customer-…``, or ``by-customer`` for another reason."""


def add_to(bp: Blueprint) -> None:
    """Register the addresses."""
    for rule, name, view in (
        ("extension", "extend", extend),
        ("reminder", "remind", remind),
    ):
        bp.add_url_rule(f"/orders/<number>/{rule}", name, view, methods=["POST"])
    bp.add_url_rule(
        "/orders/<number>/address", "change_address", change_address, methods=["GET", "POST"]
    )


def reason_given() -> str:
    """The reason of the form, as the order keeps it; what is not in the list is another reason."""
    chosen = request.form.get("reason", "")
    return f"by-customer-{chosen}" if chosen in asking.REASONS else "by-customer"


def context(view: OrderView, travel: Travel) -> dict[str, Any]:
    """What the page of an order shows of its way."""
    return {
        "travel": travel,
        "cancel_reasons": REASONS,
        "can_remind": view.can_cancel
        and view.can_ship
        and asking.is_late(_since(view), travel.reminded_at),
        "can_readdress": view.can_cancel
        and view.physical
        and bool(view.contact.street)
        and travel.packing_at is None,
    }


def extend(number: str) -> Response:
    """Seven days more, once."""
    view = access.allowed(number)
    with transaction():
        receipts.extend(view.id, actor=actor(view))
    return _back(number, _("You have seven days more."))


def remind(number: str) -> Response:
    """The shop is told that it is late."""
    view = access.allowed(number)
    with transaction():
        asking.remind(view.id, actor=actor(view))
    return _back(number, _("The shop was reminded."))


def change_address(number: str) -> Response:
    """Another address while nothing was packed: same country, so that delivery costs the same."""
    view = access.allowed(number)
    kept = {name: getattr(view.contact, name) for name in ("name", "phone", *PARTS)}
    form = AddressForm(data=kept)
    if request.method == "GET" or request.form.get("do") == "update":
        may = context(view, tracking_queries.of_order(view.id))["can_readdress"]
        refusal = None if may else words(Conflict("address-too-late"))
        return _address_page(view, form, refusal=refusal)
    if not (form.validate() & form.check_address()):
        return _address_page(view, form, 422)
    to = asking.Destination(name=form.name.data or "", phone=form.phone.data or "", **form.parts())
    try:
        with transaction():
            asking.change_address(view.id, to, actor=actor(view))
    except (Conflict, Invalid) as error:
        return _address_page(view, form, status_of(error), words(error))
    return _back(number, _("The order goes to the new address."))


def actor(view: OrderView) -> str:
    """Who acts, as the timeline keeps it."""
    return f"u:{view.user_id}" if view.user_id is not None else "guest"


def _since(view: OrderView) -> datetime | None:
    """Since when the shop has been waited for."""
    if view.can_pay:
        return None
    return view.paid_at or view.placed_at


def _address_page(
    view: OrderView, form: AddressForm, status: int = 200, refusal: str | None = None
) -> Response:
    return render(
        "order/address.html",
        block="address_form",
        status=status,
        order=view,
        form=form,
        key=access.key_of(view.number),
        refusal=refusal,
        back=access.status_url(view.number),
        fields_url=url_for("order.change_address", number=view.number),
    )


def _back(number: str, said: str) -> Response:
    return toast(redirect_after_post(access.status_url(number)), said)
