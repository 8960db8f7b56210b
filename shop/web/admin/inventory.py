"""Stock by location, changed in place, and the ledger of movements."""

from typing import Any

from flask import Response, abort, request, session, url_for
from flask_babel import gettext

from shop.analytics import goods, stock
from shop.core import audit
from shop.core.errors import Conflict, Invalid, NotFound, ShopError
from shop.core.transaction import transaction
from shop.inventory import queries, services, waiting_queries
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.goods_forms import StockForm, ThresholdForm
from shop.web.admin.messages import refuse, say
from shop.web.admin.products import product_row, variant_id_or_404
from shop.web.admin.replies import Once, done, refused, say_refusal
from shop.web.ui.htmx import is_partial, render, toast
from shop.web.ui.locale import current_lang
from shop.web.ui.paging import cursor_id

VIEWS = ("", *stock.VIEWS)
REASON = "admin_stock_reason"
"""Session key: the reason that was chosen last."""


@bp.get("/inventory")
def inventory() -> Response:
    """Variants by locations; a number opens the form that changes it."""
    here = desk()
    view = request.args.get("view", "")
    view = view if view in VIEWS else ""
    q = request.args.get("q", "").strip()[:80]
    if is_partial() and "edit" in request.args:
        return _cell_form()
    after = request.args.get("after", "")
    offset = int(after) if after.isascii() and after.isdigit() and len(after) < 7 else 0
    matrix = stock.matrix(here.store_ids, current_lang(), view=view, q=q, offset=offset)
    shown: dict[str, Any] = {
        "view": view,
        "q": q,
        "matrix": matrix,
        "waiting": _waiting(matrix),
        **_edited(),
    }
    if offset and is_partial():
        return render("admin/inventory/_more.html", **shown)
    return render("admin/inventory/list.html", counts=stock.view_counts(here.store_ids), **shown)


def _waiting(matrix: stock.Matrix) -> dict[int, int]:
    """How many wait for each variant of the page."""
    return waiting_queries.per_variant([row.variant_id for row in matrix.rows])


def _edited() -> dict[str, Any]:
    """Which cell is open: `?edit=<variant>.<location>`, both by public id."""
    variant, _, location = request.args.get("edit", "").partition(".")
    form = StockForm(formdata=None)
    form.reason.data = session.get(REASON, "received")
    return {"edit": (variant, location), "form": form}


def _cell_form() -> Response:
    shown = _edited()
    return _row(variant_id_or_404(shown["edit"][0]), **shown)


def _row(variant_id: int, status: int = 200, **shown: Any) -> Response:
    found = stock.matrix(desk().store_ids, current_lang(), variant_ids=[variant_id])
    if not found.rows:
        abort(404)
    shown.setdefault("edit", ("", ""))
    return render(
        "admin/inventory/_row.html",
        status=status,
        row=found.rows[0],
        matrix=found,
        waiting=_waiting(found),
        view=request.args.get("view", ""),
        q="",
        **shown,
    )


@bp.post("/variants/<variant>/stock")
def variant_stock(variant: str) -> Response:
    """Add, take or count; with a reason, into the ledger."""
    variant_id = variant_id_or_404(variant)
    form = StockForm()
    place = _place_or_404(form.location.data or "")
    if not form.validate_on_submit():
        return _not_booked(variant, variant_id, form, None)
    try:
        location_id, on_hand = _book(variant_id, place, form)
    except (Invalid, Conflict, NotFound) as error:
        return _not_booked(variant, variant_id, form, error)
    session[REASON] = form.reason.data
    said = gettext("%(num)s on hand now.", num=on_hand)
    if is_partial() and form.at.data == "cell":
        return toast(_row(variant_id, saved=location_id), said)
    if is_partial() and form.at.data == "row":
        row = product_row(goods.variant(variant_id).product_id)
        return toast(render("admin/products/_row.html", saved="stock", **row), said)
    return done(said, url_for("admin.inventory"))


def _place_or_404(public_id: str) -> stock.Place | None:
    """The location that was named, or the first; None for a store that has none yet."""
    found = stock.places(desk().store_ids)
    if not public_id:
        return found[0] if found else None
    place = next((one for one in found if one.public_id == public_id), None)
    if place is None:
        abort(404)
    return place


def _book(variant_id: int, place: stock.Place | None, form: StockForm) -> tuple[int, int]:
    here = desk()
    quantity, mode, reason = int(form.quantity.data or 0), form.mode.data, str(form.reason.data)
    with transaction():
        location_id = place.id if place else services.default_location(here.store_id)
        once = Once("stock", form.key.data, [variant_id, location_id, mode, quantity, reason])
        if not once.done_before:
            if mode == "add" and quantity > 0 and reason == "received":
                services.receive(variant_id, location_id, quantity, actor=here.actor, reason=reason)
            elif mode == "add":
                services.adjust(variant_id, location_id, quantity, reason=reason, actor=here.actor)
            else:
                # "free" counts what can be sold; what is promised lies on the shelf besides.
                held = queries.reserved(variant_id, location_id) if mode == "free" else 0
                services.set_on_hand(
                    variant_id, location_id, quantity + held, reason=reason, actor=here.actor
                )
            audit.write(
                "stock.change",
                f"variant {goods.variant(variant_id).sku or variant_id}",
                actor=here.actor,
                user_id=here.user_id,
                store_id=here.store_id,
                mode=mode,
                quantity=quantity,
                reason=reason,
            )
        once.finish()
    on_hand = stock.matrix(here.store_ids, current_lang(), variant_ids=[variant_id])
    cells = on_hand.rows[0].cells if on_hand.rows else {}
    return location_id, cells[location_id].on_hand if location_id in cells else 0


def _not_booked(
    variant: str, variant_id: int, form: StockForm, error: ShopError | None
) -> Response:
    if error is not None:
        refuse(form, error, "reason" if error.params.get("field") == "reason" else "quantity")
    message = " ".join(str(text) for text in (form.quantity.errors or form.reason.errors or ()))
    if is_partial() and form.at.data == "row":
        return render(
            "admin/products/_row.html",
            status=422,
            typed={"stock": request.form.get("quantity", "")},
            problem={"stock": message},
            **product_row(goods.variant(variant_id).product_id),
        )
    edit = (variant, form.location.data or "")
    if is_partial():
        answer = _row(variant_id, 422, edit=edit, form=form)
        return refused(answer, error) if isinstance(error, Conflict) else answer
    if error is not None:
        say_refusal(error)
    here = desk()
    shown = stock.matrix(here.store_ids, current_lang(), variant_ids=[variant_id])
    return render(
        "admin/inventory/list.html",
        status=409 if isinstance(error, Conflict) else 422,
        counts=stock.view_counts(here.store_ids),
        view="",
        q=shown.rows[0].sku if shown.rows else "",
        matrix=shown,
        waiting=_waiting(shown),
        edit=edit,
        form=form,
    )


@bp.post("/variants/<variant>/threshold")
def variant_threshold(variant: str) -> Response:
    """From which quantity on the merchant is told; empty means never."""
    variant_id = variant_id_or_404(variant)
    form = ThresholdForm()
    place = _place_or_404(form.location.data or "")
    if place is None:
        abort(404)
    message = gettext("The alert is saved.")
    if form.validate_on_submit():
        try:
            with transaction():
                services.set_threshold(variant_id, place.id, form.threshold.data)
        except (Invalid, NotFound) as error:
            message = say(error)
    else:
        message = " ".join(str(text) for text in form.threshold.errors)
    if is_partial():
        return toast(_row(variant_id), message)
    return done(message, url_for("admin.inventory"))


@bp.get("/inventory/ledger")
def ledger() -> Response:
    """Every movement, newest first; of one variant with `?variant=`."""
    here = desk()
    variant = request.args.get("variant", "")
    variant_id = variant_id_or_404(variant) if variant else None
    after = request.args.get("after", "")
    before = cursor_id(after)
    limit = 50
    rows = queries.movements(
        here.store_ids, current_lang(), variant_id=variant_id, before=before, limit=limit + 1
    )
    shown: dict[str, Any] = {
        "variant": variant,
        "rows": rows[:limit],
        "next_cursor": rows[limit - 1].id if len(rows) > limit else None,
    }
    if before and is_partial():
        return render("admin/inventory/_movements.html", more=True, **shown)
    agrees = stock.ledger_agrees(variant_id) if variant_id is not None else None
    about = goods.variant(variant_id) if variant_id is not None else None
    return render("admin/inventory/ledger.html", agrees=agrees, about=about, **shown)
