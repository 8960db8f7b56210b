"""Money of an order: refunds, cancellation, cash received at the door."""

from flask import Response, request, url_for
from flask_babel import gettext

from shop.core import audit
from shop.core.errors import Conflict, Invalid, ShopError
from shop.core.transaction import transaction
from shop.order.views import OrderView
from shop.payment import offline, refund_quotes, refunds, settlement
from shop.web.admin import orders
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.messages import refuse
from shop.web.admin.order_forms import CancelForm, CashForm, RefundForm, RefusedForm, quantities
from shop.web.admin.replies import Once, done, refused, say_refusal, went_to
from shop.web.ui.format import money_text
from shop.web.ui.htmx import is_partial, render


@bp.route("/orders/<number>/refund", methods=["GET", "POST"])
def refund(number: str) -> Response:
    """Which lines, delivery, why; the button names the exact sum, computed here.

    A browser without scripts sends the form; when the sum is not the one its button named, the page
    comes back with the right one, to be confirmed.
    """
    order = orders.order_or_404(number)
    form = RefundForm(request.values)
    if request.method == "GET" or "part" in request.args:
        return _refund_page(order, form, everything="all" in request.args)
    if not form.validate():
        return _refund_page(order, form, 422)
    try:
        wanted = quantities(order.lines)
        total = refund_quotes.quote(order.id, wanted, bool(form.delivery.data)).total_minor
        if str(total) != form.expected.data:
            return _refund_page(order, form, 409)
        _refund(order, form, wanted)
    except (Invalid, Conflict) as error:
        return _refund_page(order, form, 422, error)
    said = gettext("Refund of %(amount)s begun.", amount=money_text(total, order.currency))
    return went_to(said, url_for("admin.order", number=number))


def _refund(order: OrderView, form: RefundForm, wanted: dict[str, int]) -> None:
    here = desk()
    with transaction():
        refund_no = refunds.request(
            order.id,
            wanted,
            include_delivery=bool(form.delivery.data),
            restock=set(request.form.getlist("restock")),
            reason=str(form.reason.data),
            note=str(form.note.data or ""),
            actor=here.actor,
            key=str(form.key.data),
        )
        audit.write(
            "order.refund",
            f"order {order.number}",
            actor=here.actor,
            user_id=here.user_id,
            store_id=here.store_id,
            refund_no=refund_no,
            lines=wanted,
        )


def _refund_page(
    order: OrderView,
    form: RefundForm,
    status: int = 200,
    error: ShopError | None = None,
    *,
    everything: bool = False,
) -> Response:
    typed = dict(request.values.items())
    try:
        if everything:
            form.delivery.data = True
            quote = refund_quotes.quote(order.id, None, True)
            typed = {f"quantity-{line.public_id}": str(line.quantity) for line in quote.lines}
        else:
            quote = refund_quotes.quote(order.id, quantities(order.lines), bool(form.delivery.data))
    except Invalid as problem:
        status, error = 422, error or problem
        quote = refund_quotes.quote(order.id, {}, bool(form.delivery.data))
    if request.method == "GET" and "part" not in request.args and not quote.refundable_minor:
        said = gettext("There is nothing to give back.")
        return went_to(said, url_for("admin.order", number=order.number))
    form.expected.data = str(quote.total_minor)
    if error is not None:
        refuse(form, error)
    given = orders.Forms(refund=form, quote=quote, typed=typed)
    if request.args.get("part") == "sum" and is_partial():
        answer = render(
            "admin/orders/_refund_panel.html", status=200, order=order, forms=given, live=True
        )
        return answer
    answer = orders.order_page(order.number, given, status, found=order)
    return refused(answer, error) if error is not None else answer


@bp.post("/orders/<number>/cancellation")
def cancel_order(number: str) -> Response:
    """End an order of which nothing was shipped; what was paid goes back, stock and coupon too."""
    order_id = orders.order_id_or_404(number)
    form = CancelForm()
    if not form.validate_on_submit():
        return orders.order_page(number, orders.Forms(cancel=form), 422)
    here = desk()
    try:
        with transaction():
            once = Once("order-cancel", form.key.data, [order_id, form.reason.data])
            if not once.done_before:
                settlement.cancel_order(order_id, reason=form.reason.data, actor=here.actor)
                audit.write(
                    "order.cancel",
                    f"order {number}",
                    actor=here.actor,
                    user_id=here.user_id,
                    store_id=here.store_id,
                    reason=form.reason.data,
                )
            once.finish()
    except Conflict as error:
        say_refusal(error)
        return refused(orders.order_page(number, orders.Forms(cancel=form), 409), error)
    return done(gettext("Order %(number)s is cancelled.", number=number), _page_of(number))


@bp.post("/orders/<number>/payment")
def confirm_payment(number: str) -> Response:
    """The cash of an order is in hand."""
    order_id = orders.order_id_or_404(number)
    form = CashForm()
    if not form.validate_on_submit():
        return orders.order_page(number, orders.Forms(cash=form), 422)
    here = desk()
    try:
        with transaction():
            offline.confirm(
                order_id,
                amount_minor=int(form.amount.data or 0),
                reference=form.reference.data or "",
                actor=here.actor,
                key=form.key.data,
            )
    except Invalid as error:
        refuse(form, error)
        return orders.order_page(number, orders.Forms(cash=form), 422)
    except Conflict as error:
        say_refusal(error)
        return refused(orders.order_page(number, orders.Forms(cash=form), 409), error)
    return done(gettext("Payment of %(number)s is booked.", number=number), _page_of(number))


@bp.post("/orders/<number>/refusal")
def refused_at_the_door(number: str) -> Response:
    """The parcel came back unpaid: nobody took it."""
    order_id = orders.order_id_or_404(number)
    form = RefusedForm()
    if not form.validate_on_submit():
        return orders.order_page(number, status=422)
    restock = bool(form.restock.data)
    try:
        with transaction():
            once = Once("order-refused", form.key.data, [order_id, restock])
            if not once.done_before:
                offline.refused(order_id, restock=restock, actor=desk().actor)
            once.finish()
    except Conflict as error:
        say_refusal(error)
        return refused(orders.order_page(number, status=409), error)
    return done(
        gettext("Order %(number)s was refused at the door.", number=number), _page_of(number)
    )


def _page_of(number: str) -> str:
    return url_for("admin.order", number=number)
