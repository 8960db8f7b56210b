"""The list of orders and one order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Response, abort, request, url_for
from flask_babel import gettext

from shop.analytics import orders as beside
from shop.core.errors import ShopError
from shop.core.lookups import together
from shop.core.transaction import transaction
from shop.documents import queries as documents
from shop.order import (
    list_rows,
    lists,
    promises,
    queries,
    return_queries,
    shorts,
    timeline,
    tracking_queries,
)
from shop.order.money import GOING
from shop.order.views import OrderRow, OrderView
from shop.payment import queries as money
from shop.payment import transfer_views
from shop.web.admin import carriers
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.handover_form import HandOverForm
from shop.web.admin.order_forms import (
    CancelForm,
    CashForm,
    LinesForm,
    NoteForm,
    RefundForm,
    ShipForm,
)
from shop.web.admin.replies import Once, done
from shop.web.admin.shell import work
from shop.web.ui.htmx import is_partial, redirect_after_post, render
from shop.web.ui.locale import current_lang

VIEWS = (
    "",
    "open",
    "to-ship",
    "late",
    "unpaid",
    "shipped",
    "problem",
    "cancel-asked",
    "refunded",
    "cancelled",
)


@bp.get("/orders")
def orders() -> Response:
    """Orders, newest first, in saved views; `q` searches number, phone, name, tracking and SKU."""
    here = desk()
    view = request.args.get("view", "")
    view = view if view in VIEWS else ""
    q = request.args.get("q", "").strip()[:80]
    after = request.args.get("after")
    page = lists.of_stores(here.store_ids, current_lang(), view=view, q=q, after=after)
    if q and not after and len(page.rows) == 1 and page.rows[0].number == q.upper():
        return _straight_to(page.rows[0])
    shown: dict[str, Any] = {
        "view": view,
        "q": q,
        "after": after,
        "page": page,
        "late": beside.late([row.id for row in page.rows]),
        "carrier": carriers.remembered(),
    }
    if after and is_partial():
        return render("admin/orders/_more.html", **shown)
    together(*work().asked)
    return render("admin/orders/list.html", counts=work().orders.found, **shown)


def _straight_to(row: OrderRow) -> Response:
    return redirect_after_post(url_for("admin.order", number=row.number))


def row_of(order_id: int) -> dict[str, Any]:
    """What the template of one row of the list needs."""
    (row,) = list_rows.rows_of([order_id], current_lang())
    return {"row": row, "late": beside.late([order_id]), "carrier": carriers.remembered()}


def order_id_or_404(number: str) -> int:
    """The id of an order of this store."""
    found = queries.id_of(number, desk().store_ids)
    if found is None:
        abort(404)
    return found


def order_or_404(number: str) -> OrderView:
    """An order of this store, whole."""
    found = queries.order_page(number, current_lang(), store_ids=desk().store_ids)
    if found is None:
        abort(404)
    return found


@dataclass
class Forms:
    """The forms of an order's page; those that were sent come with what was typed."""

    ship: ShipForm = field(default_factory=lambda: ShipForm(formdata=None))
    cancel: CancelForm = field(default_factory=lambda: CancelForm(formdata=None))
    lines: LinesForm = field(default_factory=lambda: LinesForm(formdata=None))
    cash: CashForm = field(default_factory=lambda: CashForm(formdata=None))
    note: NoteForm = field(default_factory=lambda: NoteForm(formdata=None))
    refund: RefundForm | None = None
    quote: Any = None
    pickup: HandOverForm = field(default_factory=lambda: HandOverForm(formdata=None))
    typed: Mapping[str, str] = field(default_factory=dict)


def order_page(
    number: str,
    forms: Forms | None = None,
    status: int = 200,
    error: ShopError | None = None,
    found: OrderView | None = None,
) -> Response:
    """The page of an order, or its content for htmx. ``found``: the order, when it was read already."""
    here = desk()
    found = found or order_or_404(number)
    given = forms or Forms()
    if forms is None or not given.ship.is_submitted():
        given.ship.carrier.data = carriers.remembered()
    if given.cash.amount.data is None and not given.cash.amount.raw_data:
        given.cash.amount.data = found.due_minor
    view = request.args.get("view", "")
    waits = [line.id for line in found.lines if line.to_ship > 0]
    travel = tracking_queries.of_order.later(found.id)
    paid, papers = money.of_order.later(found.id), documents.papers_of.later(found.id)
    places, customer = beside.places.later(found.id), beside.customer.later(here.store_ids, found)
    around = beside.neighbours.later(here.store_ids, view, found.id, found.placed_at)
    promised, standing = promises.of_lines.later(waits), shorts.standing.later(waits)
    late = beside.late.later([found.id])
    transfer = transfer_views.of_checkout.later(found.checkout_id)
    together(travel, paid, papers, places, customer, around, promised, standing, late, transfer)
    return render(
        "admin/orders/order.html",
        block="main",
        status=status,
        order=found,
        travel=travel.found,
        money=paid.found,
        papers=papers.found,
        may_bill=any(event.kind == GOING for event in found.timeline),
        places=places.found,
        customer=customer.found,
        beside=around.found,
        late=found.id in late.found,
        transfer=transfer.found,
        view=view if view in VIEWS else "",
        promised=promised.found,
        standing=standing.found,
        returns=return_queries.of_order(found.id, current_lang())
        if any(e.kind == "return_requested" for e in found.timeline)
        else [],
        forms=given,
        error=error,
    )


@bp.get("/orders/<number>")
def order(number: str) -> Response:
    """One order: ship panel in place, money, timeline, customer."""
    return order_page(number)


@bp.post("/orders/<number>/notes")
def note(number: str) -> Response:
    """A note for colleagues, in the timeline."""
    order_id = order_id_or_404(number)
    form = NoteForm()
    if not form.validate_on_submit():
        return order_page(number, Forms(note=form), 422)
    with transaction():
        once = Once("order-note", form.key.data, [order_id, form.text.data])
        if not once.done_before:
            timeline.note(order_id, "note", actor=desk().actor, text=form.text.data)
        once.finish()
    return done(gettext("Note added."), url_for("admin.order", number=number))
