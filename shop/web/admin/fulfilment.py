"""Goods leave in parcels."""

from flask import Response, request, session, url_for
from flask_babel import gettext

from shop.core import audit
from shop.core.errors import Conflict, Invalid, ShopError
from shop.core.transaction import transaction
from shop.order import shipping
from shop.order.carriers import data
from shop.web.admin import carriers, orders
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.messages import refuse
from shop.web.admin.order_forms import ShipForm, quantities
from shop.web.admin.replies import Once, done, refused, say_refusal
from shop.web.ui.htmx import is_partial, render, toast
from shop.web.ui.locale import current_lang

_PLACES = {"row": "admin/orders/_row.html", "next": "admin/orders/_next.html"}


@bp.post("/orders/<number>/shipments")
def ship(number: str) -> Response:
    """Ship what is chosen (from a list: everything left) with a carrier and a tracking number."""
    order_id = orders.order_id_or_404(number)
    form = ShipForm()
    place = _PLACES.get(form.at.data or "")
    if not form.validate_on_submit():
        return _not_shipped(number, order_id, form, None, place)
    try:
        chosen = _chosen(number, form)
        _ship(order_id, number, form, chosen)
    except (Invalid, Conflict) as error:
        return _not_shipped(number, order_id, form, error, place)
    session[carriers.CARRIER] = form.carrier.data
    said = gettext(
        "%(number)s is on its way with %(carrier)s.",
        number=number,
        carrier=data.name(str(form.carrier.data), current_lang()),
    )
    if place and is_partial():
        return toast(render(place, **orders.row_of(order_id)), said)
    return done(said, url_for("admin.order", number=number))


def _chosen(number: str, form: ShipForm) -> dict[str, int] | None:
    if form.lines.data != "chosen":
        return None
    return quantities(orders.order_or_404(number).lines, ticked=True)


def _ship(order_id: int, number: str, form: ShipForm, chosen: dict[str, int] | None) -> None:
    here = desk()
    carrier, tracking = str(form.carrier.data), str(form.tracking_number.data or "")
    with transaction():
        once = Once("order-ship", form.key.data, [order_id, carrier, tracking, chosen])
        if once.done_before:
            return
        shipping.ship(
            order_id,
            carrier=carrier,
            tracking_number=tracking,
            actor=here.actor,
            quantities=chosen,
        )
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


def _not_shipped(
    number: str, order_id: int, form: ShipForm, error: ShopError | None, place: str | None
) -> Response:
    """The row or the page again, with what was typed."""
    if error is not None and not isinstance(error, Conflict):
        at = str(error.params.get("field", ""))
        known = at if at in {"carrier", "tracking_number"} else None
        refuse(form, error, known or ("tracking_number" if place else None))
    if place and is_partial():
        answer = render(place, status=422, typed=form, **orders.row_of(order_id))
        return refused(answer, error) if error is not None else answer
    if error is not None:
        say_refusal(error)
    typed = request.form if form.lines.data == "chosen" else {}
    given = orders.Forms(ship=form, typed=typed)
    answer = orders.order_page(number, given, 422, error)
    return refused(answer, error) if error is not None else answer
