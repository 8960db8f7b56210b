"""Purchase orders: drafted by scanner or by hand, ordered, received in parts."""

from typing import Any

from flask import Response, abort, request, url_for
from flask_babel import gettext

from shop.analytics import stock
from shop.catalog import queries as catalog
from shop.core import clock
from shop.core.errors import Conflict, Invalid, ShopError
from shop.core.money import parse
from shop.core.transaction import transaction
from shop.inventory import purchase_queries, purchases
from shop.inventory.purchase_queries import PurchaseView
from shop.inventory.states import EXPECTED
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk, note
from shop.web.admin.messages import say
from shop.web.admin.replies import Once, refused, say_refusal, went_to
from shop.web.admin.scanning import scan_into, typed_units
from shop.web.admin.stock_files import as_file, plain
from shop.web.admin.stock_forms import ArrivalForm, PurchaseForm, ScanForm, places_of, units
from shop.web.ui.format import local
from shop.web.ui.forms import choices
from shop.web.ui.htmx import is_partial, render
from shop.web.ui.locale import current_lang
from shop.web.ui.paging import cursor_id

VIEWS: dict[str, tuple[str, ...]] = {
    "": (),
    "draft": ("draft",),
    "expected": tuple(EXPECTED),
    "overdue": tuple(EXPECTED),
    "ended": ("received", "cancelled"),
}
_PAGE = 50


@bp.get("/inventory/purchases")
def purchase_list() -> Response:
    """Purchase orders, newest first."""
    view = request.args.get("view", "")
    view = view if view in VIEWS else ""
    before = cursor_id(request.args.get("after"))
    today = local(clock.now()).date()
    rows = purchase_queries.purchases(
        desk().store_ids,
        states=VIEWS[view],
        due_before=today if view == "overdue" else None,
        before=before,
        limit=_PAGE + 1,
    )
    shown: dict[str, Any] = {
        "view": view,
        "rows": rows[:_PAGE],
        "today": today,
        "next_cursor": rows[_PAGE - 1].id if len(rows) > _PAGE else None,
    }
    if before and is_partial():
        return render("admin/inventory/_purchases.html", more=True, **shown)
    overdue = purchase_queries.overdue_count(desk().store_ids, today)
    return render("admin/inventory/purchases.html", overdue=overdue, **shown)


@bp.route("/inventory/purchases/new", methods=["GET", "POST"])
def purchase_new() -> Response:
    """From whom and to where; the goods are named on the next page."""
    here = desk()
    places = stock.places(here.store_ids)
    suppliers = purchase_queries.suppliers(here.store_ids)
    form = PurchaseForm()
    form.location.choices = places_of(places)
    form.supplier.choices = choices((one.public_id, one.name) for one in suppliers)
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate():
            ids = {place.public_id: place.id for place in places}
            with transaction():
                made = purchases.draft(
                    here.store_id,
                    str(form.supplier.data),
                    ids[str(form.location.data)],
                    reference=form.reference.data or "",
                    expected_on=form.expected_on.data,
                    actor=here.actor,
                )
            said = gettext("Now scan what is to be ordered.")
            return went_to(said, url_for("admin.purchase", purchase=made))
    return render(
        "admin/inventory/purchase_new.html",
        block="main",
        status=status,
        form=form,
        ready=bool(places and suppliers),
    )


@bp.get("/inventory/purchases/<purchase>")
def purchase(purchase: str) -> Response:
    """One purchase order: what is on it, what has come."""
    return _page(_or_404(purchase))


@bp.get("/inventory/purchases/<purchase>/file.csv")
def purchase_file(purchase: str) -> Response:
    """The order as a file for the supplier."""
    found = _or_404(purchase)
    about = catalog.variants_for_cart([line.variant_id for line in found.lines], current_lang())
    rows = [
        [
            about[line.variant_id].sku,
            about[line.variant_id].title,
            about[line.variant_id].options_text,
            line.quantity,
            plain(line.unit_cost_minor, desk().currency),
            plain(line.total_minor, desk().currency),
            line.received,
        ]
        for line in found.lines
    ]
    head = ["SKU", "Product", "Variant", "Quantity", "Unit cost", "Total", "Received"]
    return as_file(f"purchase-{found.public_id}.csv", head, rows)


@bp.post("/inventory/purchases/<purchase>/scans")
def purchase_scan(purchase: str) -> Response:
    """One unit more of what was scanned."""
    found = _or_404(purchase)
    wrong = scan_into(
        "purchase-scan",
        found.id,
        lambda variant_id: purchases.add(desk().store_id, purchase, variant_id),
        lambda form, status: _page(found, status, scan=form),
    )
    if wrong is not None:
        return wrong
    return _after(purchase, gettext("Added."))


@bp.post("/inventory/purchases/<purchase>/lines")
def purchase_lines(purchase: str) -> Response:
    """Quantities and costs of a draft as they were typed; 0 takes a line out."""
    found = _or_404(purchase)
    try:
        with transaction():
            for line in found.lines:
                typed = typed_units("quantity", line.public_id)
                cost = parse(request.form.get(f"cost-{line.public_id}", "") or "0", desk().currency)
                if (typed, cost) != (line.quantity, line.unit_cost_minor):
                    purchases.set_line(desk().store_id, purchase, line.variant_id, typed, cost)
    except (Invalid, Conflict) as error:
        return refused(_page(_or_404(purchase), problem=say(error), typed=True), error)
    return _after(purchase, gettext("Quantities saved."))


@bp.post("/inventory/purchases/<purchase>/order")
def purchase_order(purchase: str) -> Response:
    """It goes to the supplier."""
    found = _or_404(purchase)
    try:
        with transaction():
            purchases.order(desk().store_id, purchase)
            _note("purchase.order", found)
    except Conflict as error:
        return _refused(purchase, error)
    return _after(purchase, gettext("It counts as ordered now."))


@bp.post("/inventory/purchases/<purchase>/receipt")
def purchase_receive(purchase: str) -> Response:
    """What came."""
    found = _or_404(purchase)
    form = ArrivalForm()
    arrived = {line.variant_id: units("received", line.public_id) for line in found.lines}
    came = {vid: many for vid, many in arrived.items() if many is not None}
    try:
        if len(came) != len(arrived):
            raise Invalid("quantity-unreadable")
        with transaction():
            once = Once("purchase-receive", str(form.key.data), [found.id, sorted(came.items())])
            if not once.done_before:
                purchases.receive_goods(desk().store_id, purchase, came, actor=desk().actor)
                _note("purchase.receive", found)
            once.finish()
    except (Invalid, Conflict) as error:
        return refused(_page(_or_404(purchase), problem=say(error), typed=True), error)
    return _after(purchase, gettext("Booked. What a unit costs on average was brought up to date."))


@bp.post("/inventory/purchases/<purchase>/end")
def purchase_end(purchase: str) -> Response:
    """Nothing more will come."""
    found = _or_404(purchase)
    try:
        with transaction():
            purchases.end(desk().store_id, purchase)
            _note("purchase.end", found)
    except Conflict as error:
        return _refused(purchase, error)
    return went_to(gettext("The purchase order has ended."), url_for("admin.purchase_list"))


def _after(public_id: str, said: str) -> Response:
    """The page again, by itself for htmx, which keeps the scanner's field in focus."""
    if is_partial():
        return _page(_or_404(public_id))
    return went_to(said, url_for("admin.purchase", purchase=public_id))


def _refused(public_id: str, error: ShopError) -> Response:
    say_refusal(error)
    return refused(_page(_or_404(public_id), problem=say(error)), error)


def _or_404(public_id: str) -> PurchaseView:
    found = purchase_queries.purchase(desk().store_ids, public_id)
    if found is None:
        abort(404)
    return found


def _page(
    found: PurchaseView,
    status: int = 200,
    *,
    scan: ScanForm | None = None,
    problem: str = "",
    typed: bool = False,
) -> Response:
    currency = desk().currency
    return render(
        "admin/inventory/purchase.html",
        block="main",
        status=status,
        purchase=found,
        today=local(clock.now()).date(),
        about=catalog.variants_for_cart([line.variant_id for line in found.lines], current_lang()),
        costs={line.variant_id: plain(line.unit_cost_minor, currency) for line in found.lines},
        scan=scan or ScanForm(formdata=None),
        arrival=ArrivalForm(formdata=None),
        problem=problem,
        typed=request.form if typed else {},
    )


def _note(action: str, found: PurchaseView) -> None:
    note(action, f"purchase {found.public_id}")
