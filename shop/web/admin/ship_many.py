"""Ship many orders at once: a list is pasted, scanned or uploaded, looked at, and sent off line by line."""

from dataclasses import dataclass

from flask import Response, request
from flask_babel import gettext, lazy_gettext
from wtforms import FileField, TextAreaField
from wtforms.validators import Length

from shop.core import audit, ids
from shop.core.errors import ShopError
from shop.core.transaction import transaction
from shop.order import lists, many, queries, shipping, terms
from shop.web.admin import carriers
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.messages import say
from shop.web.admin.replies import Once
from shop.web.ui.forms import Form
from shop.web.ui.htmx import render
from shop.web.ui.locale import current_lang

PROBLEMS = {
    "unreadable": lazy_gettext("No order number in this line."),
    "order-unknown": lazy_gettext("This store has no such order."),
    "no-number": lazy_gettext("The tracking number is missing."),
    "number-long": lazy_gettext("A tracking number has at most 60 characters."),
    "carrier-unknown": lazy_gettext("This store does not send with this carrier."),
    "closed": lazy_gettext("The order is closed."),
    "shipped": lazy_gettext("Everything has been shipped already."),
    "unpaid": lazy_gettext("The order is not paid."),
    "cancel-asked": lazy_gettext("The customer asked to cancel it: decide that first."),
    "twice": lazy_gettext("This order stands in the list twice."),
    "number-used": lazy_gettext("This number is used for another parcel too."),
}
_MOST_BYTES = 256 * 1024


class ListForm(Form):
    """The list, as text or as a file."""

    text = TextAreaField(
        lazy_gettext("Order and tracking numbers"),
        [Length(max=60_000, message=lazy_gettext("This list is too long. Send it in parts."))],
    )
    file = FileField(lazy_gettext("Or a CSV file"))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a line: ``why`` it was skipped, "" when it was shipped."""

    number: str
    tracking_number: str
    why: str


@bp.get("/orders/ship-many")
def ship_many() -> Response:
    """An empty list, or (``?with=to-ship``) one with the orders that wait."""
    form = ListForm(formdata=None)
    if request.args.get("with") == "to-ship":
        found = lists.of_stores(desk().store_ids, current_lang(), view="to-ship", limit=100)
        form.text.data = "".join(f"{row.number}\t\n" for row in reversed(found.rows))
    return _page(form)


@bp.post("/orders/ship-many")
def look_at_many() -> Response:
    """What would come of each line. Nothing is shipped yet."""
    form = ListForm()
    if not form.validate():
        return _page(form, 422)
    text = form.text.data or ""
    uploaded = request.files.get("file")
    if uploaded is not None and uploaded.filename:
        raw = uploaded.read(_MOST_BYTES + 1)
        try:
            text = raw.decode("utf-8-sig") if len(raw) <= _MOST_BYTES else ""
        except UnicodeDecodeError:
            text = raw.decode("gb18030", errors="replace")
        text = text.replace("\0", "")
    wishes = many.read(text)
    if not wishes or len(wishes) > many.MOST:
        form.text.errors = [
            gettext("Write at least one line: order number, then tracking number.")
            if not wishes
            else gettext("At most %(num)s lines go at once. Send them in parts.", num=many.MOST)
        ]
        return _page(form, 422)
    found = terms.read(desk().store.settings)
    rows = many.look(wishes, desk().store_ids, found.carriers, carriers.remembered())
    if all(row.problem for row in rows):
        form.text.data = text  # a file that was read may be mended by hand
    return render(
        "admin/orders/many_look.html",
        block="main",
        rows=rows,
        ready=[row for row in rows if not row.problem],
        problems=PROBLEMS,
        text=text,
        form=form,
        keys=[ids.token() for _ in rows],
    )


@bp.post("/orders/ship-many/shipments")
def send_many() -> Response:
    """Ship line by line, each on its own. Sent again, what was shipped before is not shipped twice."""
    fields = [
        request.form.getlist(name)[: many.MOST] for name in ("number", "tracking", "carrier", "key")
    ]
    outcomes = [
        Outcome(number, tracking, _send(number, tracking, carrier, key))
        for number, tracking, carrier, key in zip(*fields, strict=False)
    ]
    if not outcomes:
        return _page(ListForm(formdata=None), 422)
    skipped = [one for one in outcomes if one.why]
    return render(
        "admin/orders/many_sent.html",
        block="main",
        sent=[one for one in outcomes if not one.why],
        skipped=skipped,
        again="\n".join(f"{one.number}\t{one.tracking_number}" for one in skipped),
    )


def _send(number: str, tracking: str, carrier: str, key: str) -> str:
    """Ship one order; why it was skipped, or ""."""
    here = desk()
    order_id = queries.id_of(number[:20], here.store_ids)
    if order_id is None:
        return str(PROBLEMS["order-unknown"])
    if not 16 <= len(key) <= 80:
        return gettext("Reload the page and send the form again.")
    try:
        with transaction():
            once = Once("order-ship", key, [order_id, carrier, tracking])
            if not once.done_before:
                shipping.ship(order_id, carrier=carrier, tracking_number=tracking, actor=here.actor)
                audit.write(
                    "order.ship",
                    f"order {number}",
                    actor=here.actor,
                    user_id=here.user_id,
                    store_id=here.store_id,
                    carrier=carrier,
                    tracking_number=tracking,
                )
                once.finish()
    except ShopError as error:
        return say(error)
    return ""


def _page(form: ListForm, status: int = 200) -> Response:
    return render(
        "admin/orders/many.html",
        block="main",
        status=status,
        form=form,
        waiting=lists.view_counts(desk().store_ids)["to-ship"],
    )
