"""One order as its buyer sees it: confirmation, status, cancellation, receipt, finding it."""

from flask import (
    Blueprint,
    Response,
    g,
    request,
    url_for,
)
from flask_babel import gettext as _

from shop.cart import services as cart_services
from shop.core.lookups import together
from shop.core.transaction import transaction
from shop.documents import queries as documents
from shop.order import promises, queries, shipping, shorts, tracking_queries
from shop.order.states import AWAITING, PaymentState
from shop.order.views import OrderView
from shop.payment import queries as payments
from shop.payment import settlement, transfer_views
from shop.review import queries as reviews
from shop.web.extensions import limiter
from shop.web.order import access, paper, parcels
from shop.web.order.forms import FindForm
from shop.web.ui.htmx import redirect_after_post, render, toast
from shop.web.ui.locale import current_lang
from shop.web.ui.visitor import owner_for_writing, user_id


def add_to(bp: Blueprint) -> None:
    """Register the addresses."""
    bp.add_url_rule("/find-order", "find", find, methods=["GET", "POST"])
    bp.add_url_rule("/orders/<number>", "status", status)
    bp.add_url_rule("/orders/<number>/cancellation", "cancel", cancel, methods=["POST"])
    bp.add_url_rule("/orders/<number>/receipt", "receive", receive, methods=["POST"])
    bp.add_url_rule("/orders/<number>/repetition", "again", buy_again, methods=["POST"])


def confirmation(token: str) -> Response:
    """What was bought at one checkout; leads on to paying while that is not done."""
    numbers = queries.of_checkout(token)
    views = [queries.order_page(number, current_lang()) for number in numbers]
    found = [view for view in views if view is not None]
    if not found:
        return redirect_after_post(url_for("order.find"))
    g.timezone = found[0].timezone
    first = found[0]
    return render(
        "order/confirmation.html",
        orders=found,
        token=token,
        total_minor=sum(view.total_minor for view in found),
        unpaid=any(view.can_pay for view in found),
        links={view.number: access.status_url(view.number) for view in found},
        account_offer=first.user_id is None and user_id() is None and bool(first.contact.email),
    )


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
    view = access.allowed(number)
    ask = request.args.get("ask", "")
    waits = [line.id for line in view.lines if line.to_ship > 0]
    money, papers = payments.of_order.later(view.id), documents.papers_of.later(view.id)
    said = reviews.of_lines.later([line.id for line in view.lines])
    promised, standing = promises.of_lines.later(waits), shorts.standing.later(waits)
    travel = tracking_queries.of_order.later(view.id)
    transfer = transfer_views.of_checkout.later(view.checkout_id)
    together(money, papers, said, promised, standing, travel, transfer)
    return render(
        "order/status.html",
        order=view,
        key=access.key_of(view.number),
        money=money.found,
        transfer=transfer.found,
        papers=papers.found,
        may_bill=paper.may_bill(view),
        reviews=said.found,
        promised=promised.found,
        standing=standing.found,
        siblings={number: access.status_url(number) for number in view.siblings},
        pay_url=url_for("payment.waiting", token=view.checkout_token)
        if view.can_pay and (view.payment_state == PaymentState.UNPAID or view.tendered_minor)
        else None,
        mine=view.user_id is not None and view.user_id == user_id(),
        ask=ask if ask in {"receipt", "cancellation"} else "",
        awaits_cash=view.method == "cod" and view.payment_state in AWAITING,
        **parcels.context(view, travel.found),
    )


def cancel(number: str) -> Response:
    """The shopper cancels before anything was shipped; what was paid goes back. While it is being
    packed, the shop is asked."""
    view = access.allowed(number)
    reason = parcels.reason_given()
    with transaction():
        at_once = settlement.cancel_for_shopper(view.id, reason=reason, actor=_actor(view))
    answer = redirect_after_post(access.status_url(number))
    if not at_once:
        return toast(answer, _("The shop is packing it already, and was asked to stop."))
    if view.paid_at is not None:
        return toast(answer, _("The order is cancelled. Your money is on its way back."))
    return toast(answer, _("The order is cancelled."))


def receive(number: str) -> Response:
    """The shopper has everything."""
    view = access.allowed(number)
    with transaction():
        shipping.receive(view.id, actor=_actor(view))
    return toast(redirect_after_post(access.status_url(number)), _("Thank you. Enjoy it."))


def buy_again(number: str) -> Response:
    """Put what is still sold of an order into the cart."""
    view = access.allowed(number)
    with transaction():
        added = cart_services.add_many(owner_for_writing(), queries.contents(view.id))
    if not added:
        answer = redirect_after_post(access.status_url(number))
        return toast(answer, _("Nothing of this order can be bought just now."))
    answer = redirect_after_post(url_for("cart.page"))
    if len(added) < len(view.lines):
        return toast(answer, _("In the cart, but for what is sold out."))
    return toast(answer, _("Everything of this order is in the cart."))


def _actor(view: OrderView) -> str:
    return f"u:{view.user_id}" if view.user_id is not None else "guest"
