"""Transfers between locations: drafted by scanner or by hand, sent, received in parts."""

from typing import Any

from flask import Response, abort, request, url_for
from flask_babel import gettext

from shop.analytics import stock
from shop.catalog import queries as catalog
from shop.core.errors import Conflict, Invalid, ShopError
from shop.core.transaction import transaction
from shop.inventory import flow_queries, transfers
from shop.inventory.flow_queries import TransferView
from shop.inventory.transfers import Arrived
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk, note
from shop.web.admin.messages import refuse
from shop.web.admin.replies import Once, refused, say_refusal, went_to
from shop.web.admin.scanning import scan_into, typed_units
from shop.web.admin.stock_forms import ArrivalForm, ScanForm, TransferForm, places_of, units
from shop.web.ui.htmx import is_partial, render
from shop.web.ui.locale import current_lang
from shop.web.ui.paging import cursor_id

VIEWS = ("", "draft", "sent", "done", "cancelled")
_PAGE = 50


@bp.get("/inventory/transfers")
def transfer_list() -> Response:
    """Transfers, newest first."""
    view = request.args.get("view", "")
    view = view if view in VIEWS else ""
    before = cursor_id(request.args.get("after"))
    rows = flow_queries.transfers(desk().store_ids, state=view, before=before, limit=_PAGE + 1)
    shown: dict[str, Any] = {
        "view": view,
        "rows": rows[:_PAGE],
        "next_cursor": rows[_PAGE - 1].id if len(rows) > _PAGE else None,
    }
    if before and is_partial():
        return render("admin/inventory/_transfers.html", more=True, **shown)
    return render("admin/inventory/transfers.html", places=stock.places(desk().store_ids), **shown)


@bp.route("/inventory/transfers/new", methods=["GET", "POST"])
def transfer_new() -> Response:
    """From where to where; the goods are named on the next page."""
    here = desk()
    places = stock.places(here.store_ids)
    form = TransferForm()
    form.source.choices = form.target.choices = places_of(places)
    if request.method == "GET":
        if len(places) > 1:
            form.source.data, form.target.data = places[0].public_id, places[1].public_id
        return _new_page(form, places)
    if not form.validate():
        return _new_page(form, places, 422)
    ids = {place.public_id: place.id for place in places}
    try:
        with transaction():
            made = transfers.draft(
                here.store_id,
                ids[str(form.source.data)],
                ids[str(form.target.data)],
                note=form.note.data or "",
                actor=here.actor,
            )
    except Invalid as error:
        refuse(form, error)
        return _new_page(form, places, 422)
    return went_to(gettext("Now scan what goes along."), url_for("admin.transfer", transfer=made))


def _new_page(form: TransferForm, places: list[stock.Place], status: int = 200) -> Response:
    return render(
        "admin/inventory/transfer_new.html",
        block="main",
        status=status,
        form=form,
        places=places,
    )


@bp.get("/inventory/transfers/<transfer>")
def transfer(transfer: str) -> Response:
    """One transfer: what is on it, what was received."""
    return _page(_or_404(transfer))


@bp.post("/inventory/transfers/<transfer>/scans")
def transfer_scan(transfer: str) -> Response:
    """One unit more of what was scanned."""
    found = _or_404(transfer)
    wrong = scan_into(
        "transfer-scan",
        found.id,
        lambda variant_id: transfers.add(desk().store_id, transfer, variant_id),
        lambda form, status: _page(found, status, scan=form),
    )
    if wrong is not None:
        return wrong
    return _after(transfer, gettext("Added."))


@bp.post("/inventory/transfers/<transfer>/lines")
def transfer_lines(transfer: str) -> Response:
    """The quantities of a draft as they were typed; 0 takes a line out."""
    found = _or_404(transfer)
    try:
        with transaction():
            for line in found.lines:
                typed = typed_units("quantity", line.public_id)
                if typed != line.quantity:
                    transfers.set_line(desk().store_id, transfer, line.variant_id, typed)
    except (Invalid, Conflict) as error:
        return _refused(transfer, error)
    return _after(transfer, gettext("Quantities saved."))


@bp.post("/inventory/transfers/<transfer>/dispatch")
def transfer_send(transfer: str) -> Response:
    """The goods leave."""
    found = _or_404(transfer)
    try:
        with transaction():
            transfers.send(desk().store_id, transfer, actor=desk().actor)
            _note("transfer.send", found)
    except Conflict as error:
        return _refused(transfer, error)
    return _after(transfer, gettext("The goods are on their way."))


@bp.post("/inventory/transfers/<transfer>/receipt")
def transfer_receive(transfer: str) -> Response:
    """What came, and what will not."""
    found = _or_404(transfer)
    form = ArrivalForm()
    if not form.validate_on_submit():
        return _page(found, 422, arrival=form)
    typed = {
        line.variant_id: (units("received", line.public_id), units("lost", line.public_id))
        for line in found.lines
        if line.open
    }
    try:
        if any(number is None for pair in typed.values() for number in pair):
            raise Invalid("quantity-unreadable")
        came = {vid: Arrived(got or 0, lost or 0) for vid, (got, lost) in typed.items()}
        with transaction():
            content = [found.id, [[vid, *pair] for vid, pair in sorted(typed.items())]]
            once = Once("transfer-receive", form.key.data, content)
            if not once.done_before:
                transfers.receive(
                    desk().store_id,
                    transfer,
                    came,
                    reason=str(form.reason.data),
                    actor=desk().actor,
                )
                _note("transfer.receive", found)
            once.finish()
    except (Invalid, Conflict) as error:
        refuse(form, error, "at")
        return refused(_page(_or_404(transfer), arrival=form), error)
    return _after(transfer, gettext("Booked."))


@bp.post("/inventory/transfers/<transfer>/cancellation")
def transfer_cancel(transfer: str) -> Response:
    """A draft is given up."""
    found = _or_404(transfer)
    try:
        with transaction():
            transfers.cancel(desk().store_id, transfer)
            _note("transfer.cancel", found)
    except Conflict as error:
        return _refused(transfer, error)
    return went_to(gettext("The transfer is cancelled."), url_for("admin.transfer_list"))


def _after(public_id: str, said: str) -> Response:
    """The page again, by itself for htmx, which keeps the scanner's field in focus."""
    if is_partial():
        return _page(_or_404(public_id))
    return went_to(said, url_for("admin.transfer", transfer=public_id))


def _refused(public_id: str, error: ShopError) -> Response:
    say_refusal(error)
    return refused(_page(_or_404(public_id)), error)


def _or_404(public_id: str) -> TransferView:
    found = flow_queries.transfer(desk().store_ids, public_id)
    if found is None:
        abort(404)
    return found


def _page(
    found: TransferView,
    status: int = 200,
    *,
    scan: ScanForm | None = None,
    arrival: ArrivalForm | None = None,
) -> Response:
    return render(
        "admin/inventory/transfer.html",
        block="main",
        status=status,
        transfer=found,
        about=catalog.variants_for_cart([line.variant_id for line in found.lines], current_lang()),
        scan=scan or ScanForm(formdata=None),
        arrival=arrival or ArrivalForm(formdata=None),
        typed=request.form if arrival else {},
    )


def _note(action: str, found: TransferView) -> None:
    note(action, f"transfer {found.public_id}")
