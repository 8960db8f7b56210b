"""Mails about what shoppers ask of an order: to the people of its store, and their answer."""

from collections.abc import Mapping
from typing import Any

from shop.notifications import links, people
from shop.notifications.render import Draft, draft
from shop.order.mail_views import order_mail
from shop.order.states import OrderState

Payload = Mapping[str, Any]


def reminded(payload: Payload) -> list[Draft]:
    """``order.reminded``: its buyer waits longer than promised."""
    return _tell(payload["order_id"], "reminder")


def cancel_asked(payload: Payload) -> list[Draft]:
    """``order.cancel_asked``: its buyer wants to cancel what is being packed."""
    return _tell(payload["order_id"], "cancellation")


def cancel_declined(payload: Payload) -> list[Draft]:
    """``order.cancel_declined``: the shop sends it nevertheless."""
    order = order_mail(payload["order_id"])
    if order is None or not order.email or order.state == OrderState.CANCELLED:
        return []
    return [
        draft(
            order.email,
            "cancel_declined",
            order.locale,
            timezone=order.timezone,
            order=order,
            link=links.order(order.number, order.locale),
        )
    ]


def _tell(order_id: int, wish: str) -> list[Draft]:
    order = order_mail(order_id)
    if order is None or order.state != OrderState.OPEN:  # dealt with meanwhile
        return []
    return [
        draft(
            reader.email,
            "order_asked",
            reader.locale,
            timezone=order.timezone,
            order=mine,
            wish=wish,
            link=links.admin_order(order.number, reader.locale),
        )
        for reader in people.of_store(order.store_id)
        if (mine := order_mail(order_id, reader.locale)) is not None
    ]
