"""Mails to shoppers about their orders. Each function: what an event's payload makes of drafts."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from shop.core.db import db
from shop.notifications import links, transfers
from shop.notifications.render import Draft, draft
from shop.order import code_queries, tracking_queries
from shop.order.carriers import data
from shop.order.mail_views import OrderMail, order_mail
from shop.order.models import Shipment
from shop.order.states import OrderState, PaymentState
from shop.payment import cards
from shop.payment.models import Payment, Refund

Payload = Mapping[str, Any]


def placed(payload: Payload) -> list[Draft]:
    """``order.placed``: we have it; until when it is to be paid."""
    order, transfer = order_mail(payload["order_id"]), transfers.of_order(payload["order_id"])
    account = transfers.account(transfer.currency) if transfer is not None else []
    return _mail("order_placed", order, transfer=transfer, bank_account=account)


def paid(payload: Payload) -> list[Draft]:
    """``order.paid``: the money has come; codes and downloads are open."""
    order = order_mail(payload["order_id"])
    to_ship = order is not None and any(
        line.kind == "physical" and line.to_ship for line in order.lines
    )
    return _mail("order_paid", order, to_ship=to_ship)


def shipped(payload: Payload) -> list[Draft]:
    """``order.shipped``: carrier and tracking number of this parcel."""
    public_id = _parcel_id(payload["shipment_id"])
    order = order_mail(payload["order_id"])
    if order is None:
        return []
    parcel = next((one for one in order.shipments if one.public_id == public_id), None)
    return _mail(
        "order_shipped",
        order,
        parcel=parcel,
        carrier=data.name(parcel.carrier, order.locale) if parcel else "",
        parcel_url=data.link(parcel.carrier, parcel.tracking_number) if parcel else "",
        received_on=tracking_queries.received_on(payload["order_id"]),
    )


def delivered(payload: Payload) -> list[Draft]:
    """``parcel.delivered``: the carrier says that it has arrived, and until when to say that it has not."""
    public_id = _parcel_id(payload["shipment_id"])
    order = order_mail(payload["order_id"])
    if order is None or order.state != OrderState.OPEN:
        return []
    return _mail(
        "parcel_delivered",
        order,
        parcel=next((one for one in order.shipments if one.public_id == public_id), None),
        received_on=tracking_queries.received_on(payload["order_id"]),
    )


def receipt_due(payload: Payload) -> list[Draft]:
    """``receipt.due``: tomorrow the order counts as received, unless its buyer says otherwise."""
    received_on = tracking_queries.received_on(payload["order_id"])
    if received_on is None:  # confirmed or extended meanwhile
        return []
    return _mail("receipt_due", order_mail(payload["order_id"]), received_on=received_on)


def ready(payload: Payload) -> list[Draft]:
    """``order.ready``: where it lies, and the number to say there."""
    order = order_mail(payload["order_id"])
    if order is None or order.delivery is None or not order.delivery.fetched:
        return []
    return _mail("order_ready", order)


def received(payload: Payload) -> list[Draft]:
    """``order.received``: thanks, and how to review."""
    return _mail("order_received", order_mail(payload["order_id"]))


def cancelled(payload: Payload) -> list[Draft]:
    """``order.cancelled``: why, and what happens to the money."""
    order = order_mail(payload["order_id"])
    paid_before = order is not None and order.payment_state != PaymentState.UNPAID
    expired = payload.get("reason") == "expired"
    return _mail("order_cancelled", order, expired=expired, paid=paid_before)


def refunded(payload: Payload) -> list[Draft]:
    """``refund.done``: how much goes back and when it arrives."""
    refund = db.session.get(Refund, payload["refund_id"])
    if refund is None:
        return []
    payment = db.session.get_one(Payment, refund.payment_id)
    return _mail(
        "refund_done",
        order_mail(refund.order_id),
        amount_minor=refund.amount_minor,
        to_card=payment.gateway == cards.GATEWAY,
    )


def codes_expiring(payload: Payload) -> list[Draft]:
    """``codes.expiring``: codes that are still good and end soon."""
    good = code_queries.texts(payload["code_ids"])
    order = order_mail(payload["order_id"])
    if order is None or not good:  # used up or refunded meanwhile
        return []
    lines = [
        replace(line, codes=[code for code in line.codes if code.code in good])
        for line in order.lines
    ]
    named = [line for line in lines if line.codes]
    codes = [code for line in named for code in line.codes]
    ends = min((code.expires_at for code in codes if code.expires_at), default=None)
    return _mail("codes_expiring", replace(order, codes=codes), named=named, ends=ends)


def _parcel_id(shipment_id: int) -> str | None:
    return db.session.scalar(select(Shipment.public_id).where(Shipment.id == shipment_id))


def _mail(template: str, order: OrderMail | None, **context: Any) -> list[Draft]:
    if order is None or not order.email:  # erased meanwhile, or ordered by phone alone
        return []
    return [
        draft(
            order.email,
            template,
            order.locale,
            timezone=order.timezone,
            order=order,
            link=links.order(order.number, order.locale),
            **context,
        )
    ]
