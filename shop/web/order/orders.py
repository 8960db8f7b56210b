"""One order as its buyer sees it: status, cancellation, receipt, downloads, and finding it."""

from flask import Blueprint, Response, abort, current_app, make_response, send_file, url_for
from flask_babel import gettext as _

from shop.catalog.media import Storage
from shop.core.transaction import transaction
from shop.order import queries, shipping
from shop.order.views import OrderView
from shop.payment import queries as payments
from shop.payment import settlement
from shop.review import queries as reviews
from shop.web.extensions import limiter
from shop.web.order import access
from shop.web.order.forms import FindForm
from shop.web.ui.htmx import redirect_after_post, render, toast


def add_to(bp: Blueprint) -> None:
    """Register the addresses."""
    bp.add_url_rule("/find-order", "find", find, methods=["GET", "POST"])
    bp.add_url_rule("/orders/<number>", "status", status)
    bp.add_url_rule("/orders/<number>/cancellation", "cancel", cancel, methods=["POST"])
    bp.add_url_rule("/orders/<number>/receipt", "receive", receive, methods=["POST"])
    bp.add_url_rule("/orders/<number>/downloads/<line>", "download", download)


@limiter.limit("20 per 10 minutes", methods=["POST"])
def find() -> Response:
    """Number and e-mail or phone lead to the signed page of the order."""
    form = FindForm()
    if form.is_submitted():
        if not form.validate():
            return render("order/find.html", block="find_form", status=422, form=form)
        number = queries.find(form.number.data or "", form.contact.data or "")
        if number is not None:
            return redirect_after_post(access.status_url(number))
        form.form_errors.append(
            _(
                "No order has this number and this e-mail or phone. Check both: the number is in your mail."
            )
        )
        return render("order/find.html", block="find_form", status=422, form=form)
    return render("order/find.html", form=form)


def status(number: str) -> Response:
    """Everything of one order, and the buttons that fit its state."""
    return _page(access.allowed(number))


def cancel(number: str) -> Response:
    """The shopper cancels before anything was shipped; what was paid goes back."""
    view = access.allowed(number)
    with transaction():
        settlement.cancel_order(view.id, reason="by-customer", actor=_actor(view))
    answer = redirect_after_post(access.status_url(number))
    if view.paid_at is not None:
        return toast(answer, _("The order is cancelled. Your money is on its way back."))
    return toast(answer, _("The order is cancelled."))


def receive(number: str) -> Response:
    """The shopper has everything."""
    view = access.allowed(number)
    with transaction():
        shipping.receive(view.id, actor=_actor(view))
    return toast(redirect_after_post(access.status_url(number)), _("Thank you. Enjoy it."))


def download(number: str, line: str) -> Response:
    """A digital line of a paid order, as an attachment."""
    view = access.allowed(number)
    if not view.downloads_open:
        abort(404)
    name = queries.digital_name(view.id, line)
    if name is None:
        abort(404)
    path = Storage(current_app.config["FILES_FOLDER"]).path(name)
    return make_response(send_file(path, as_attachment=True, download_name=name.rsplit("/", 1)[-1]))


def _page(view: OrderView, code: int = 200) -> Response:
    return render(
        "order/status.html",
        block="order_status",
        status=code,
        order=view,
        key=access.key_of(view.number),
        money=payments.of_order(view.id),
        reviews=reviews.of_lines([line.id for line in view.lines]),
        siblings={number: access.status_url(number) for number in view.siblings},
        pay_url=url_for("payment.waiting", token=view.checkout_token) if view.can_pay else None,
    )


def _actor(view: OrderView) -> str:
    return f"u:{view.user_id}" if view.user_id is not None else "guest"
