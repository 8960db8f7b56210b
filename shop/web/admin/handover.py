"""Goods go over the counter: they lie ready, then somebody fetches them."""

from flask import Response, url_for
from flask_babel import gettext

from shop.core import audit
from shop.core.errors import Conflict, Invalid
from shop.core.transaction import transaction
from shop.order import delivery
from shop.web.admin import orders
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.handover_form import HandOverForm
from shop.web.admin.messages import refuse
from shop.web.admin.replies import Once, done, refused, say_refusal


@bp.post("/orders/<number>/ready")
def pickup_ready(number: str) -> Response:
    """The goods of a pick-up lie ready; the customer is told."""
    order_id = orders.order_id_or_404(number)
    try:
        with transaction():
            delivery.ready(order_id, actor=desk().actor)
            _audit("order.ready", number)
    except Conflict as error:
        say_refusal(error)
        return refused(orders.order_page(number, orders.Forms(), 409, error), error)
    said = gettext("%(number)s lies ready; the customer is told.", number=number)
    return done(said, url_for("admin.order", number=number))


@bp.post("/orders/<number>/collection")
def pickup_collected(number: str) -> Response:
    """The customer has the goods: against the number of the order, or a paper with the name."""
    order_id = orders.order_id_or_404(number)
    form = HandOverForm()
    given = orders.Forms(pickup=form)
    if not form.validate_on_submit():
        return orders.order_page(number, given, 422)
    try:
        with transaction():
            once = Once("order-hand-over", form.key.data, [order_id])
            if not once.done_before:
                delivery.hand_over(
                    order_id,
                    actor=desk().actor,
                    code=form.code.data or "",
                    seen=bool(form.seen.data),
                )
                _audit("order.hand-over", number)
            once.finish()
    except (Conflict, Invalid) as error:
        if isinstance(error, Invalid):
            refuse(form, error, "code")
        say_refusal(error)
        answer = orders.order_page(number, given, 422, error)
        return refused(answer, error)
    said = gettext("%(number)s is handed over.", number=number)
    return done(said, url_for("admin.order", number=number))


def _audit(action: str, number: str) -> None:
    here = desk()
    audit.write(
        action,
        f"order {number}",
        actor=here.actor,
        user_id=here.user_id,
        store_id=here.store_id,
    )
