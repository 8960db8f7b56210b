"""Papers of an order for its buyer, fetched as PDF: the invoice, issued when asked for; labels of returns."""

from flask import Blueprint, Response, abort, request
from flask_babel import gettext as _

from shop.core.db import db
from shop.core.transaction import transaction
from shop.documents import addresses, press, queries, services
from shop.documents.label_data import Label
from shop.order import return_queries
from shop.order.money import GOING
from shop.order.views import OrderView
from shop.web.order import access
from shop.web.ui.htmx import redirect_after_post, toast
from shop.web.ui.paper import attachment


def add_to(bp: Blueprint) -> None:
    """Register the addresses."""
    bp.add_url_rule("/orders/<number>/invoice", "issue", issue, methods=["POST"])
    bp.add_url_rule("/orders/<number>/invoice.pdf", "invoice", invoice)
    bp.add_url_rule("/orders/<number>/returns/<return_id>/label.pdf", "return_label", return_label)


def may_bill(view: OrderView) -> bool:
    """Whether an invoice can be asked for: a payment set the order going."""
    return any(event.kind == GOING for event in view.timeline)


def issue(number: str) -> Response:
    """Issue the invoice, unless it was before, and come back to where it can be fetched."""
    view = access.allowed(number)
    actor = f"u:{view.user_id}" if view.user_id is not None else "guest"
    with transaction():
        label = services.issue(view.id, actor=actor).label
    answer = redirect_after_post(access.status_url(number))
    return toast(answer, _("Invoice %(number)s is issued.", number=label))


def invoice(number: str) -> Response:
    """The invoice as it was issued, or the credit note called ``paper``."""
    view = access.allowed(number)
    found = queries.bills_of(view.id, request.args.get("paper") or None)
    if not found:
        abort(404)
    db.session.rollback()  # what was read is plain: nothing is held while it is drawn
    return attachment(press.bills(found), f"{found[0].series}-{view.number}.pdf")


def return_label(number: str, return_id: str) -> Response:
    """The label of a return that was approved: to where the shop said, with the order's number as a code."""
    view = access.allowed(number)
    found = return_queries.one(return_id, view.locale)
    if found is None or found.number != view.number or not found.labelled:
        abort(404)
    db.session.rollback()  # what was read is plain: nothing is held while it is drawn
    name, *lines = [row for row in found.instructions.splitlines() if row.strip()]
    sender = " · ".join([view.contact.name, *addresses.lines(view.contact)])
    label = Label(view.locale, sender, name, tuple(lines), "", view.number)
    return attachment(press.label(label), f"return-{view.number}.pdf")
