"""Between payment and parcel: packing begins, a cancellation is declined, items are cancelled."""

from flask import Response, request, url_for
from flask_babel import gettext

from shop.core import audit
from shop.core.errors import Conflict, Invalid
from shop.core.transaction import transaction
from shop.order import asking
from shop.payment import line_cancellation
from shop.web.admin import orders
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.messages import refuse
from shop.web.admin.order_forms import LinesForm, quantities
from shop.web.admin.replies import done, refused, say_refusal


@bp.post("/orders/<number>/packing")
def begin_packing(number: str) -> Response:
    """From now on its buyer can neither cancel it alone nor change its address."""
    order_id = orders.order_id_or_404(number)
    try:
        with transaction():
            asking.begin_packing(order_id, actor=desk().actor)
    except Conflict as error:
        say_refusal(error)
        return refused(orders.order_page(number, status=409, error=error), error)
    return done(gettext("Packing has begun."), url_for("admin.order", number=number))


@bp.post("/orders/<number>/cancellation/refusal")
def decline_cancellation(number: str) -> Response:
    """The order is shipped all the same."""
    order_id = orders.order_id_or_404(number)
    try:
        with transaction():
            asking.decline_cancellation(order_id, actor=desk().actor)
    except Conflict as error:
        say_refusal(error)
        return refused(orders.order_page(number, status=409, error=error), error)
    return done(gettext("Declined. Now ship it."), url_for("admin.order", number=number))


@bp.post("/orders/<number>/lines/cancellation")
def cancel_lines(number: str) -> Response:
    """Some items are not sent: they are free again, and what was paid for them goes back."""
    order = orders.order_or_404(number)
    form, here = LinesForm(), desk()
    given = orders.Forms(lines=form, typed=request.form)
    if not form.validate_on_submit():
        return orders.order_page(number, given, 422)
    try:
        wanted = quantities(order.lines)
        with transaction():
            line_cancellation.cancel_lines(
                order.id,
                wanted,
                reason=form.reason.data,
                actor=here.actor,
                key=f"lines:{form.key.data}",
            )
            audit.write(
                "order.cancel_lines",
                f"order {number}",
                actor=here.actor,
                user_id=here.user_id,
                store_id=here.store_id,
                reason=form.reason.data,
                lines=wanted,
            )
    except (Invalid, Conflict) as error:
        refuse(form, error)
        say_refusal(error)
        answer = orders.order_page(number, given, 409 if isinstance(error, Conflict) else 422)
        return refused(answer, error)
    return done(
        gettext("Cancelled. What was paid for it goes back."), url_for("admin.order", number=number)
    )
