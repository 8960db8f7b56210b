"""Paper for parcels and books: slips, labels, pick lists, invoices; and how a store writes them."""

from typing import Any

from flask import Response, abort, request, url_for
from flask_babel import gettext, ngettext

from shop.core import audit, clock
from shop.core.db import db
from shop.core.errors import ShopError
from shop.core.transaction import transaction
from shop.documents import press, queries, sample, services, settings
from shop.documents.queries import Slip
from shop.order import queries as orders
from shop.store import queries as stores
from shop.store import services as store_services
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.messages import say
from shop.web.admin.paper_forms import DocumentsForm
from shop.web.admin.replies import went_to
from shop.web.ui.format import local
from shop.web.ui.htmx import render
from shop.web.ui.locale import current_lang
from shop.web.ui.paper import attachment


@bp.get("/orders/<number>/slip.pdf")
def order_slip(number: str) -> Response:
    """The packing slip of one order."""
    return _printed("slip", _going(_slips([number])), number)


@bp.get("/orders/<number>/label.pdf")
def order_label(number: str) -> Response:
    """The address label of one order, on the paper of ``paper`` or else the store's."""
    paper = request.args.get("paper") or _settings().label_paper
    return _printed("label-a4" if paper == "a4" else "label", _going(_slips([number])), number)


@bp.get("/orders/<number>/invoice.pdf")
def order_bill(number: str) -> Response:
    """The invoice of an order as it was issued, or the credit note called ``paper``."""
    order_id = _order_or_404(number)
    found = queries.bills_of(order_id, request.args.get("paper") or None)
    if not found:
        abort(404)
    db.session.rollback()  # what was read is plain: nothing is held while it is drawn
    return attachment(press.bills(found), f"{found[0].series}-{number}.pdf")


@bp.post("/orders/<number>/invoice")
def order_issue(number: str) -> Response:
    """Issue the invoice now, and the credit notes that belong to it."""
    order_id = _order_or_404(number)
    page = url_for("admin.order", number=number)
    try:
        with transaction():
            label = services.issue(order_id, actor=desk().actor).label
    except ShopError as error:
        return went_to(say(error), page)
    return went_to(gettext("Invoice %(number)s is issued.", number=label), page)


@bp.post("/orders/papers")
def orders_papers() -> Response:
    """One file for all ticked orders: slips, labels, or what to take from the shelves for them."""
    numbers = list(dict.fromkeys(request.form.getlist("order")))
    kind = request.form.get("kind", "")
    back = url_for("admin.orders", view=request.form.get("view") or None)
    if kind == "label":
        kind = "label-a4" if _settings().label_paper == "a4" else "label"
    if kind not in press.PARCELS:
        abort(404)
    if not numbers:
        return went_to(gettext("Tick some orders first."), back)
    if len(numbers) > queries.MOST:
        said = ngettext(
            "At most %(num)s order fits into one file. Tick fewer.",
            "At most %(num)s orders fit into one file. Tick fewer.",
            queries.MOST,
        )
        return went_to(said, back)
    slips = _slips(numbers)
    if len(slips) < len(numbers):
        abort(404)
    going = _going(slips)
    if not going:
        return went_to(gettext("Nothing in these orders goes into a parcel."), back)
    return _printed(kind, going, f"{len(going)}-orders")


@bp.route("/settings/documents", methods=["GET", "POST"])
def documents() -> Response:
    """Who sells, how numbers are written, what stands at the foot; with what it looks like."""
    if request.method == "GET":
        form = DocumentsForm(formdata=None, obj=_settings())
        return _page(form)
    form = DocumentsForm()
    if not form.validate():
        return _page(form, 422)
    here = desk()
    with transaction():
        store_services.update(here.store_id, settings=form.chosen().kept())
        audit.write(
            "settings.documents",
            f"store {here.store.slug}"[:120],
            actor=here.actor,
            user_id=here.user_id,
            store_id=here.store_id,
        )
    return went_to(gettext("Settings saved."), url_for("admin.documents"))


@bp.get("/settings/documents/sample.pdf")
def documents_sample() -> Response:
    """An invoice that was never issued, to see what the settings do."""
    store = stores.get(desk().store_id)
    number = queries.next_number(store.id, "invoice")
    bill = sample.bill(store, current_lang(), number, clock.now())
    db.session.rollback()  # as above
    return attachment(press.bills([bill]), "sample-invoice.pdf")


def _page(form: DocumentsForm, status: int = 200) -> Response:
    here = desk()
    chosen = form.chosen()
    now = local(clock.now())
    shown: dict[str, Any] = {
        name: chosen.label(name, queries.next_number(here.store_id, name), now)
        for name in ("invoice", "credit")
    }
    return render(
        "admin/house/documents.html",
        block="main",
        status=status,
        form=form,
        chosen=chosen,
        numbers=shown,
    )


def _settings() -> settings.DocumentSettings:
    return settings.of(stores.get(desk().store_id).settings)


def _order_or_404(number: str) -> int:
    found = orders.id_of(number, desk().store_ids)
    if found is None:
        abort(404)
    return found


def _slips(numbers: list[str]) -> list[Slip]:
    return queries.slips(numbers, desk().store_ids)


def _going(slips: list[Slip]) -> list[Slip]:
    """Those of which something goes into a parcel."""
    return [slip for slip in slips if slip.lines]


def _printed(kind: str, slips: list[Slip], name: str) -> Response:
    if not slips:
        abort(404)
    locale = current_lang()
    if kind == "pick":
        # Whoever walks reads their own language, whatever the buyers read.
        slips = queries.slips([slip.number for slip in slips], desk().store_ids, locale)
    db.session.rollback()  # what was read is plain: nothing is held while it is drawn
    return attachment(press.parcels(kind, slips, locale), f"{kind}-{name}.pdf")
