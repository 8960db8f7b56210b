"""How an order's state is said to its buyer: one badge, one sentence, the steps it goes through."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from shop.catalog.views import ImageView
from shop.core import clock
from shop.order.carriers import data
from shop.order.states import AWAITING, OrderState, PaymentState, ShippingState
from shop.order.views import OrderRow, OrderView
from shop.web.ui.arrival import LATEST, SOONEST
from shop.web.ui.format import day, day_range, local, moment, money_text, time_of_day
from shop.web.ui.locale import current_lang
from shop.web.ui.order_steps import Step, kept_for, promised, ready_step
from shop.web.ui.regions import HOME
from shop.web.ui.return_words import return_by, return_sentence

METHODS = {
    "alipay": _l("Alipay"),
    "wechatpay": _l("WeChat Pay"),
    "stripe": _l("your card"),
    "transfer": _l("Bank transfer"),
    "cod": _l("Cash on delivery"),
    "gift_card": _l("Gift card or balance"),
}

_REFUNDED = {PaymentState.REFUNDED}
_SENT = {ShippingState.SHIPPED, ShippingState.PARTLY_SHIPPED}


@dataclass(frozen=True, slots=True)
class Badge:
    """A state in a word, with its colour and its shape."""

    text: str
    kind: str
    shape: str


def carrier(code: str) -> str:
    """A carrier's name."""
    return data.name(code, current_lang())


def method(code: str) -> str:
    """A way of paying."""
    return str(METHODS.get(code, code))


def thumbnail(name: str | None) -> ImageView | None:
    """The small picture that a line kept of its goods; its size is all that is known of it."""
    return ImageView(name, 4, 5, (160,), "") if name else None


def badge(order: OrderView | OrderRow) -> Badge:
    """The state in a word."""
    if order.state == OrderState.CANCELLED:
        if order.payment_state in _REFUNDED:
            return Badge(_("Refunded"), "", "done")
        return Badge(_("Cancelled"), "", "done")
    if order.payment_state in _REFUNDED:
        return Badge(_("Refunded"), "", "done")
    if order.payment_state in AWAITING and order.method != "cod":
        return Badge(_("To pay"), "warn", "open")
    if order.shipping_state == ShippingState.RECEIVED:
        return Badge(_("Received"), "ok", "done")
    if order.shipping_state == ShippingState.SHIPPED:
        return Badge(_("On its way"), "info", "partial")
    if order.shipping_state == ShippingState.PARTLY_SHIPPED:
        return Badge(_("Partly shipped"), "info", "partial")
    if order.pickup == "ready":
        return Badge(_("Ready for pick-up"), "ok", "partial")
    return Badge(_("Being packed"), "info", "open")


def sentence(row: OrderRow) -> str:
    """One sentence for an order in a list."""
    if returning := return_sentence(row):
        return returning
    if row.state == OrderState.CANCELLED:
        if row.payment_state in _REFUNDED:
            return _("Cancelled, the money was given back.")
        if row.payment_state != PaymentState.UNPAID and row.total_minor:
            return _("Cancelled, your money goes back to you.")
        return _("Cancelled, nothing was charged.")
    if row.payment_state in _REFUNDED:
        return _("The money was given back.")
    if row.payment_state in AWAITING and row.method != "cod":
        return kept_for(row.expires_at)
    if row.shipping_state == ShippingState.RECEIVED:
        if row.reviewable:
            return _("How is it? Other shoppers would like to know.")
        return _("You have it. Enjoy.")
    if row.shipping_state in _SENT:
        if row.tracking_number:
            return _(
                "With %(carrier)s, number %(number)s.",
                carrier=carrier(row.carrier),
                number=row.tracking_number,
            )
        return _("It has left the shop.")
    if row.pickup:
        return (
            _("Ready for you to fetch.")
            if row.pickup == "ready"
            else _("Being laid ready for you.")
        )
    if row.method == "cod":
        return _("Being packed. You pay the courier.")
    return _("Paid. The shop is packing it.")


def headline(order: OrderView) -> str:
    """The state of one order as the title of its page."""
    if order.state == OrderState.CANCELLED:
        if order.cancel_reason == "expired":
            return _("Not paid in time, so we cancelled it")
        return _("This order is cancelled")
    if order.payment_state in _REFUNDED:
        return _("Your money was given back")
    if order.can_pay:
        return _("Waiting for your payment")
    if order.shipping_state == ShippingState.RECEIVED:
        return _("Received. Enjoy it")
    if not order.physical:
        return _("Paid, and ready for you")
    if order.delivery is not None and order.delivery.fetched:
        if order.delivery.ready:
            return _("Ready for you to fetch")
        return _("The shop is getting it ready")
    when = arriving(order)
    if order.shipping_state == ShippingState.SHIPPED:
        if when:
            return _("On its way, arriving %(dates)s", dates=when)
        return _("On its way")
    if order.shipping_state == ShippingState.PARTLY_SHIPPED:
        return _("Part of it is on its way")
    if order.method == "cod" and order.payment_state in AWAITING:
        if when:
            return _("Order placed, arriving %(dates)s", dates=when)
        return _("Order placed, the shop is packing it")
    if when:
        return _("Paid, arriving %(dates)s", dates=when)
    return _("Paid, the shop is packing it")


def arriving(order: OrderView) -> str:
    """The days on which a parcel is expected, while they lie ahead; "" where none is."""
    if not order.physical or order.state != OrderState.OPEN or order.received_at is not None:
        return ""
    if order.delivery is not None:
        return promised(order.delivery)
    if order.contact.country not in {"", HOME}:
        return ""
    since = (
        order.shipped_at or order.paid_at or (order.placed_at if order.method == "cod" else None)
    )
    if since is None:
        return ""
    start = local(since).date()
    first, last = start + SOONEST, start + LATEST
    today = local(clock.now()).date()
    if last < today:
        return ""
    return day_range(max(first, today), last)


def steps(order: OrderView) -> list[Step]:
    """The way of an order, in the order in which it is gone."""
    cash = order.method == "cod"
    made = [Step(_("Placed"), "done", moment(order.placed_at))]
    paid = _paid_step(order)
    if not cash and not order.replaces:
        made.append(paid)
    if order.state == OrderState.CANCELLED:
        made = [step for step in made if step.state == "done"]
        made.append(
            Step(
                _("Cancelled"),
                "failed",
                moment(order.cancelled_at) if order.cancelled_at else "",
            )
        )
        return made
    if order.delivery is not None and order.delivery.fetched:
        made.append(ready_step(order.delivery))
    elif order.physical:
        made.append(_shipped_step(order))
    made.append(_received_step(order))
    if cash:
        made.append(paid)
    return _point_at_now(made)


def _paid_step(order: OrderView) -> Step:
    cash = _("Paid at the counter") if order.pickup else _("Paid to the courier")
    title = cash if order.method == "cod" else _("Paid")
    if order.paid_at is not None:
        return Step(title, "done", moment(order.paid_at))
    time = ""
    if order.can_pay and order.expires_at is not None:
        today = local(order.expires_at).date() == local(clock.now()).date()
        end = time_of_day(order.expires_at) if today else moment(order.expires_at)
        time = _("by %(time)s", time=end)
    return Step(title, "next", time)


def _shipped_step(order: OrderView) -> Step:
    if order.shipped_at is not None and order.shipping_state == ShippingState.PARTLY_SHIPPED:
        return Step(_("Partly shipped"), "now", moment(order.shipped_at))
    if order.shipped_at is not None and order.shipping_state != ShippingState.UNSHIPPED:
        travels = order.shipping_state == ShippingState.SHIPPED
        return Step(_("Shipped"), "now" if travels else "done", moment(order.shipped_at))
    paid = order.paid_at is not None or order.method == "cod" or bool(order.replaces)
    return Step(_("Packing") if paid else _("Shipped"), "next")


def _received_step(order: OrderView) -> Step:
    if order.received_at is not None:
        return Step(_("Received"), "done", moment(order.received_at))
    until = _expected_by(order)
    return Step(_("Received"), "next", _("by %(time)s", time=day(until)) if until else "")


def _expected_by(order: OrderView) -> date | None:
    since = order.shipped_at or order.paid_at
    if order.delivery is not None:
        until = order.delivery.last
        return until if until is not None and until >= local(clock.now()).date() else None
    if since is None or not order.physical or order.contact.country not in {"", HOME}:
        return None
    last: date = local(since).date() + LATEST
    return last if last >= local(clock.now()).date() else None


def _point_at_now(made: list[Step]) -> list[Step]:
    """Where things stand: the first step that is not done, or the shipping while it travels."""
    if any(step.state == "now" for step in made):
        return made
    for at, step in enumerate(made):
        if step.state == "next":
            made[at] = Step(step.title, "now", step.time, step.note)
            break
    return made


def summary(order: OrderView) -> str:
    """Under the title: from whom, how much of it, and what the buyer may do."""
    units = sum(line.quantity for line in order.lines)
    return ngettext(
        "From %(store)s, %(num)s item.",
        "From %(store)s, %(num)s items.",
        units,
        store=order.store_name,
    )


def to_pay_text(order: OrderView) -> str:
    """What the courier, or the counter, is to be given."""
    if order.pickup:
        amount = money_text(order.due_minor, order.currency)
        return _("Please have %(amount)s ready at the counter.", amount=amount)
    return _(
        "Please have %(amount)s ready for the courier.",
        amount=money_text(order.due_minor, order.currency),
    )


def context() -> dict[str, Any]:
    """The words that templates of orders use."""
    return {
        "say_badge": badge,
        "say_sentence": sentence,
        "say_headline": headline,
        "say_steps": steps,
        "say_summary": summary,
        "say_arriving": arriving,
        "say_kept": kept_for,
        "say_return_by": return_by,
        "say_carrier": carrier,
        "say_method": method,
        "say_to_pay": to_pay_text,
        "thumbnail": thumbnail,
    }
