"""Counting with a scanner: every code that is scanned is one unit more; nothing moves until it is applied."""

from typing import Any

from flask import Response, abort, request, url_for
from flask_babel import gettext, ngettext

from shop.analytics import stock
from shop.catalog import queries as catalog
from shop.core import audit, idempotency
from shop.core.errors import Conflict, Invalid, ShopError
from shop.core.transaction import transaction
from shop.inventory import counts, flow_queries
from shop.inventory.flow_queries import CountView
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.messages import refuse
from shop.web.admin.replies import Once, refused, say_refusal, went_to
from shop.web.admin.stock_forms import CountForm, ScanForm, places_of, units
from shop.web.ui.htmx import is_partial, render
from shop.web.ui.locale import current_lang
from shop.web.ui.paging import cursor_id

_PAGE = 50
_SHOWN = 200
"""So many lines of an open count are shown; the review shows all that differ."""


@bp.route("/inventory/counts", methods=["GET", "POST"])
def count_list() -> Response:
    """Counts, newest first; a new one begins here, with the first scan or before it."""
    here = desk()
    places = stock.places(here.store_ids)
    form = CountForm()
    form.location.choices = places_of(places)
    if request.method == "GET":
        after = request.args.get("after", "")
        before = cursor_id(after)
        return _list(form, places, before)
    if not form.validate():
        return _list(form, places, None, 422)
    ids = {place.public_id: place.id for place in places}
    code = str(form.code.data or "").strip()
    try:
        with transaction():
            made = _begin(str(form.key.data), ids[str(form.location.data)], code)
    except (Invalid, Conflict) as error:
        refuse(form, error, "code")
        return refused(_list(form, places, None), error)
    said = gettext("Counted.") if code else gettext("Scan away.")
    return went_to(said, url_for("admin.stock_count", count=made))


def _begin(key: str, location_id: int, code: str) -> str:
    """A new count with its first code, which a second press does not begin again; or an empty one."""
    here = desk()
    if not code:
        return counts.begin(here.store_id, location_id, actor=here.actor)
    before = idempotency.begin("count-begin", key, [here.store_id, location_id, code])
    if before:
        return before
    made = counts.begin(here.store_id, location_id, actor=here.actor)
    counts.scan(here.store_id, made, code)
    idempotency.finish("count-begin", key, made)
    return made


def _list(
    form: CountForm, places: list[stock.Place], before: int | None, status: int = 200
) -> Response:
    rows = flow_queries.counts(desk().store_ids, before=before, limit=_PAGE + 1)
    if rows and form.location.data is None:  # where was counted last is counted on
        last = (place.public_id for place in places if place.id == rows[0].location_id)
        form.location.data = next(last, None)
    shown: dict[str, Any] = {
        "rows": rows[:_PAGE],
        "next_cursor": rows[_PAGE - 1].id if len(rows) > _PAGE else None,
    }
    if before and is_partial():
        return render("admin/inventory/_counts.html", more=True, **shown)
    return render("admin/inventory/counts.html", status=status, form=form, places=places, **shown)


@bp.get("/inventory/counts/<count>")
def stock_count(count: str) -> Response:
    """The scan field and what was found so far; with `?look=1` the differences, to be applied."""
    return _page(_or_404(count))


@bp.post("/inventory/counts/<count>/scans")
def count_scan(count: str) -> Response:
    """One unit more of what was scanned."""
    found = _or_404(count)
    form = ScanForm()
    if not form.validate_on_submit():
        return _page(found, 422, scan=form)
    try:
        with transaction():
            once = Once("count-scan", form.key.data, [found.id, form.code.data])
            if not once.done_before:
                counts.scan(desk().store_id, count, str(form.code.data))
            once.finish()
    except (Invalid, Conflict) as error:
        refuse(form, error, "code")
        return refused(_page(_or_404(count), scan=form), error)
    return _after(count, gettext("Counted."))


@bp.post("/inventory/counts/<count>/lines")
def count_lines(count: str) -> Response:
    """What was found as it was typed; an empty field takes the line out."""
    found = _or_404(count)
    try:
        with transaction():
            for line in found.lines:
                name = f"counted-{line.public_id}"
                if name not in request.form:
                    continue
                typed = units("counted", line.public_id)
                if typed is None:
                    raise Invalid("quantity-unreadable")
                empty = not request.form[name].strip()
                if empty or typed != line.counted:
                    counts.set_counted(
                        desk().store_id, count, line.variant_id, None if empty else typed
                    )
    except (Invalid, Conflict) as error:
        return _refused(count, error)
    return _after(count, gettext("Quantities saved."))


@bp.post("/inventory/counts/<count>/rest")
def count_rest(count: str) -> Response:
    """What was not scanned is not there."""
    _or_404(count)
    try:
        with transaction():
            many = counts.rest_is_gone(desk().store_id, count)
    except Conflict as error:
        return _refused(count, error)
    said = ngettext("%(num)s variant counted as 0.", "%(num)s variants counted as 0.", many)
    return went_to(said, url_for("admin.stock_count", count=count, look=1))


@bp.post("/inventory/counts/<count>/application")
def count_apply(count: str) -> Response:
    """Book the differences."""
    found = _or_404(count)
    try:
        with transaction():
            booked = counts.apply(desk().store_id, count, actor=desk().actor)
            _note("count.apply", found, booked=booked)
    except Conflict as error:
        return _refused(count, error)
    said = ngettext("%(num)s difference booked.", "%(num)s differences booked.", booked)
    return went_to(said, url_for("admin.stock_count", count=count))


@bp.post("/inventory/counts/<count>/cancellation")
def count_cancel(count: str) -> Response:
    """Leave all as it was."""
    found = _or_404(count)
    try:
        with transaction():
            counts.cancel(desk().store_id, count)
            _note("count.cancel", found)
    except Conflict as error:
        return _refused(count, error)
    return went_to(
        gettext("The count is cancelled. Nothing was changed."), url_for("admin.count_list")
    )


def _after(public_id: str, said: str) -> Response:
    """The page again, by itself for htmx, which keeps the scanner's field in focus."""
    if is_partial():
        return _page(_or_404(public_id))
    return went_to(said, url_for("admin.stock_count", count=public_id))


def _refused(public_id: str, error: ShopError) -> Response:
    say_refusal(error)
    return refused(_page(_or_404(public_id)), error)


def _or_404(public_id: str) -> CountView:
    found = flow_queries.count(desk().store_ids, public_id)
    if found is None:
        abort(404)
    return found


def _page(found: CountView, status: int = 200, *, scan: ScanForm | None = None) -> Response:
    look = found.state != "open" or bool(request.args.get("look"))
    lines = [line for line in found.lines if line.difference or not look][:_SHOWN]
    return render(
        "admin/inventory/count.html",
        block="main",
        status=status,
        count=found,
        look=look,
        lines=lines,
        about=catalog.variants_for_cart([line.variant_id for line in lines], current_lang()),
        missing=flow_queries.not_scanned(found.id, found.location_id)
        if found.state == "open"
        else 0,
        scan=scan or ScanForm(formdata=None),
    )


def _note(action: str, found: CountView, **detail: int) -> None:
    here = desk()
    audit.write(
        action,
        f"count {found.public_id}",
        actor=here.actor,
        user_id=here.user_id,
        store_id=here.store_id,
        **detail,
    )
